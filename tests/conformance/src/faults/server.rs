//! A server of raw bytes on loopback, which does what no HTTP library would let it do.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// What the server does with a request that it has read.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Writes these bytes; the connection stays open.
    Answer(Vec<u8>),
    /// Writes these bytes and ends the connection in good order.
    AnswerAndClose(Vec<u8>),
    /// Resets the connection.
    Reset,
    /// Says nothing more until the client goes.
    Hang,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Its body.
    pub(crate) body: Vec<u8>,
}

/// The server; it ends when it is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server. `act` is told how many requests came before this one, on whatever connection.
    pub(crate) async fn acting(act: impl Fn(usize, &Request) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (act, seen) = (Arc::new(act), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (act, seen) = (Arc::clone(&act), Arc::clone(&seen));
                tokio::spawn(async move { serve(stream, &*act, &seen).await });
            }
        });
        Self { url, requests, task }
    }

    /// A server that does the same to every request.
    pub(crate) async fn always(act: Act) -> Self {
        Self::acting(move |_, _| act.clone()).await
    }

    /// Every request read so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address at which nobody listens.
pub(crate) struct Nobody {
    pub(crate) url: String,
    /// Bound and not listening: connections are refused, and no other test is given the port meanwhile.
    _socket: TcpSocket,
}

impl Nobody {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self { url: format!("http://{}", socket.local_addr().unwrap()), _socket: socket }
    }
}

/// An answer with this status, these header lines (each ending in `\r\n`) and this body.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Example\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

async fn serve(mut stream: TcpStream, act: &impl Fn(usize, &Request) -> Act, seen: &Mutex<Vec<Request>>) {
    let mut unread = Vec::new();
    while let Some(request) = read(&mut stream, &mut unread).await {
        let act = {
            let mut seen = seen.lock().unwrap();
            let act = act(seen.len(), &request);
            seen.push(request);
            act
        };
        match act {
            Act::Answer(bytes) => write(&mut stream, &bytes).await,
            Act::AnswerAndClose(bytes) => return write(&mut stream, &bytes).await,
            Act::Reset => return stream.set_zero_linger().unwrap(),
            Act::Hang => {
                // The client may go in good order or not; either ends it.
                while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
                return;
            }
        }
    }
}

/// A client that has gone does not mind that it gets no answer.
async fn write(stream: &mut TcpStream, bytes: &[u8]) {
    if stream.write_all(bytes).await.is_ok() {
        stream.flush().await.unwrap();
    }
}

/// Reads head and body of one request; nothing when the client went instead.
async fn read(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Option<Request> {
    loop {
        if let Some(end) = unread.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&unread[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let whole = end + 4 + length.map_or(0, |length| length.parse::<usize>().unwrap());
            if unread.len() >= whole {
                let rest = unread.split_off(whole);
                let body = unread.split_off(end + 4);
                *unread = rest;
                return Some(Request { body });
            }
        }
        match stream.read_buf(unread).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}
