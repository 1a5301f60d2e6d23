//! The Lambda Runtime API for one process
//! (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).

use std::collections::VecDeque;
use std::io::{self, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};

use crate::http1::{self, Message};

const NEXT: &str = "/2018-06-01/runtime/invocation/next";
const INVOCATION: &str = "/2018-06-01/runtime/invocation/";
/// What a function of ours has at most for one donation.
const DEADLINE: Duration = Duration::from_secs(10);

/// Events that are handed out one after the other.
type Batch = VecDeque<Vec<u8>>;

/// The API, and what it hears.
pub(crate) struct Runtime {
    pub(crate) address: SocketAddr,
    batches: Sender<Batch>,
    heard: Receiver<Heard>,
    shared: Arc<Shared>,
}

/// An invocation that was answered.
pub(crate) struct Answered {
    /// From the first byte of the event on its way to the last byte of the answer.
    pub(crate) took: Duration,
    pub(crate) body: Vec<u8>,
}

enum Heard {
    /// The process polls, and there is nothing for it.
    Idle(Instant),
    Failed(String),
}

struct Shared {
    batches: Mutex<Receiver<Batch>>,
    heard: Sender<Heard>,
    running: Mutex<Running>,
    connections: AtomicUsize,
    is_over: AtomicBool,
}

struct Running {
    waiting: Batch,
    answers: Vec<Answered>,
    given: u64,
    given_at: Instant,
}

impl Runtime {
    /// Listens on the loopback interface until it is dropped.
    ///
    /// # Errors
    /// There is no port to be had.
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (batches, taken) = channel();
        let (speaking, heard) = channel();
        let given_at = Instant::now();
        let shared = Arc::new(Shared {
            batches: Mutex::new(taken),
            heard: speaking,
            running: Mutex::new(Running { waiting: Batch::new(), answers: Vec::new(), given: 0, given_at }),
            connections: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting));
        Ok(Self { address, batches, heard, shared })
    }

    /// Waits until the process polls and there is nothing for it.
    ///
    /// # Errors
    /// It says that it failed, or says nothing in time.
    pub(crate) fn idle(&self, patience: Duration) -> Result<Instant> {
        match self.heard.recv_timeout(patience).context("the process does not poll")? {
            Heard::Idle(since) => Ok(since),
            Heard::Failed(why) => bail!(why),
        }
    }

    /// Hands these events, one after the other, to a process that is idle, and waits until it is idle again.
    ///
    /// # Errors
    /// The process says that it failed, leaves one out, or says nothing in time.
    pub(crate) fn invoke(&self, events: Vec<Vec<u8>>, patience: Duration) -> Result<Vec<Answered>> {
        let count = events.len();
        self.batches.send(events.into()).context("the Runtime API has ended")?;
        self.idle(patience)?;
        let answers = std::mem::take(&mut self.shared.running().answers);
        ensure!(answers.len() == count, "{} answers came to {count} events", answers.len());
        Ok(answers)
    }

    /// Connections that the process has opened.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        // The thread that accepts wakes up for one more connection and sees that it is over.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what was heard. When nobody listens any more the process is about to be ended.
    fn tell(&self, heard: Heard) {
        drop(self.heard.send(heard));
    }

    /// The next event; `None` once nobody hands out events any more.
    fn next(&self) -> Option<Vec<u8>> {
        if let Some(event) = self.running().waiting.pop_front() {
            return Some(event);
        }
        self.tell(Heard::Idle(Instant::now()));
        let batch = self.batches.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()?;
        let mut running = self.running();
        running.waiting = batch;
        running.waiting.pop_front()
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().map_while(Result::ok) {
        if shared.is_over.load(Ordering::Acquire) {
            return;
        }
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            if let Err(error) = serve(stream, &shared) {
                shared.tell(Heard::Failed(format!("the connection to the Runtime API: {error}")));
            }
        });
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream)? {
        let (method, target) = request.method_and_target();
        if (method, target) == ("GET", NEXT) {
            let Some(event) = shared.next() else { return Ok(()) };
            give(stream.get_mut(), shared, &event)?;
        } else if method == "POST" && target.starts_with(INVOCATION) && target.ends_with("/response") {
            let mut running = shared.running();
            let took = running.given_at.elapsed();
            running.answers.push(Answered { took, body: request.body });
            drop(running);
            accepted(stream.get_mut())?;
        } else {
            accepted(stream.get_mut())?;
            let body = String::from_utf8_lossy(&request.body);
            shared.tell(Heard::Failed(format!("the process reports {method} {target}: {body}")));
        }
    }
    Ok(())
}

/// The next request; a process that was ended has closed its side, or broken it off.
fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Message>> {
    match http1::read(stream) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(None),
        read => read,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a deadline is a time of the machine's clock, not of a simulated one"
)]
fn give(stream: &mut TcpStream, shared: &Shared, event: &[u8]) -> io::Result<()> {
    let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let deadline = (now + DEADLINE).as_millis().to_string();
    let mut running = shared.running();
    running.given += 1;
    let request_id = format!("00000000-0000-4000-8000-{:012}", running.given);
    running.given_at = Instant::now();
    drop(running);
    let headers: [(&str, &str); 5] = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", &request_id),
        ("lambda-runtime-deadline-ms", &deadline),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-2:000000000000:function:accept-donation",
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-6921b0c0-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0",
        ),
    ];
    http1::answer(stream, "200 OK", &headers, event)
}

fn accepted(stream: &mut TcpStream) -> io::Result<()> {
    http1::answer(stream, "202 Accepted", &[("content-type", "application/json")], b"{\"status\":\"OK\"}\n")
}
