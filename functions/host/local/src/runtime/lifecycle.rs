//! The life of an environment: from the start of its process to what follows from its end.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::environment::{Books, Phase};
use super::invocation::{Invocation, InvokeError, answer};
use super::pool::{FAILED_STARTS_MAX, Pool, Readiness};
use super::process::{Control, Exit, KillReason};
use super::{api, leftovers, log, process};

/// How long a process may take from its start to its first poll. Source: Lambda's INIT phase, 10 seconds
/// (docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
const INIT_MAX: Duration = Duration::from_secs(10);
/// The pause after the first failed start; it doubles with each further one, up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(100);
/// The longest pause between two starts.
const PAUSE_MAX: Duration = Duration::from_secs(10);
/// An idle environment other than the warmest is stopped after this long.
const IDLE_MAX: Duration = Duration::from_secs(60);
/// How often idle environments are looked at.
const IDLE_CHECK: Duration = Duration::from_secs(10);

impl Pool {
    /// The life of one environment.
    pub(super) async fn live(self: Arc<Self>, id: u64, commands: mpsc::UnboundedReceiver<Control>) {
        let mut log_from = 0;
        let exit = match self.run_process(id, commands, &mut log_from).await {
            Ok(exit) => exit,
            Err(error) => Exit {
                killed: None,
                how: format!("{} cannot be run: {error}", self.spec.bootstrap.display()),
            },
        };
        self.ended(id, &exit, log_from);
        self.living.send_modify(|living| *living -= 1);
    }

    async fn run_process(
        self: &Arc<Self>,
        id: u64,
        commands: mpsc::UnboundedReceiver<Control>,
        log_from: &mut u64,
    ) -> std::io::Result<Exit> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (log, end) = log::open(&self.spec.log)?;
        *log_from = end;
        let init = Instant::now() + INIT_MAX;
        let child = process::start(&self.spec, &address, log)?;
        let note = leftovers::note(&self.spec.notes, child.id());
        if let Some(environment) = self.books().environments.get_mut(&id) {
            environment.pid = child.id();
        }
        let server = tokio::spawn(api::serve(listener, Arc::clone(self), id));
        let exit = process::watch(child, commands, init).await;
        server.abort();
        drop(note);
        Ok(exit)
    }

    /// An environment has ended: its invocation fails at once, and another environment takes its place.
    fn ended(self: &Arc<Self>, id: u64, exit: &Exit, log_from: u64) {
        let mut books = self.books();
        let Some(environment) = books.environments.remove(&id) else { return };
        if !matches!(exit.killed, Some(KillReason::Stop)) {
            books.counts.deaths += 1;
        }
        match environment.phase {
            Phase::Running(running) if exit.killed == Some(KillReason::Deadline) => {
                books.counts.errors += 1;
                books.counts.timeouts += 1;
                let (function, limit) = (self.spec.name.clone(), self.spec.timeout);
                tracing::warn!(function, "an invocation outlived its deadline and was killed");
                answer(running.reply, Err(InvokeError::TimedOut { function, limit }));
            }
            Phase::Running(running) => {
                if exit.killed.is_none() {
                    tracing::warn!(
                        function = self.spec.name,
                        how = exit.how,
                        "a process died during an invocation"
                    );
                }
                self.fail(&mut books, running, &exit.how);
            }
            Phase::Starting
                if matches!(exit.killed, None | Some(KillReason::Deadline)) && !books.stopping =>
            {
                let said = environment.init_error.unwrap_or_else(|| log::tail(&self.spec.log, log_from));
                self.start_failed(&mut books, exit, &said);
            }
            Phase::Starting | Phase::Idle { .. } | Phase::Answered => {}
        }
        self.top_up(&mut books);
    }

    /// A process ended before its first poll: says why, pauses, and gives up on what waits when it keeps happening.
    fn start_failed(self: &Arc<Self>, books: &mut Books, exit: &Exit, said: &str) {
        let how = match exit.killed {
            Some(_) => format!("no poll within {} s", INIT_MAX.as_secs()),
            None => exit.how.clone(),
        };
        books.failed_starts = books.failed_starts.saturating_add(1);
        books.counts.failed_starts += 1;
        books.last_failure = if said.is_empty() { how } else { format!("{how}: {said}") };
        tracing::error!(function = self.spec.name, "does not start: {}", books.last_failure);
        if books.failed_starts >= FAILED_STARTS_MAX && books.environments.is_empty() {
            let waiting = std::mem::take(&mut books.waiting);
            self.give_up(books, waiting);
            self.readiness.send_replace(Readiness::Failed(books.last_failure.clone()));
        }
        let doublings = books.failed_starts.saturating_sub(1).min(16);
        let pause = PAUSE_MIN.saturating_mul(1 << doublings).min(PAUSE_MAX);
        books.pausing = true;
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            sleep(pause).await;
            let mut books = pool.books();
            books.pausing = false;
            pool.top_up(&mut books);
        });
    }

    fn give_up(&self, books: &mut Books, waiting: VecDeque<Invocation>) {
        for invocation in waiting {
            books.counts.errors += 1;
            invocation.end(Err(self.not_started(books)));
        }
    }

    /// Ends every process and starts none until [`Pool::release`]: running invocations end first, or are killed when
    /// `grace` has passed. New invocations wait.
    pub async fn hold(&self, grace: Duration) {
        self.books().held = true;
        self.end_all(grace).await;
    }

    /// Goes on after [`Pool::hold`], with fresh processes.
    pub fn release(self: &Arc<Self>) {
        let mut books = self.books();
        books.held = false;
        self.hand_out(&mut books);
        self.top_up(&mut books);
    }

    /// Stops environments that have been idle for long, all but the warmest.
    pub(super) async fn stop_idle(pool: Weak<Self>) {
        loop {
            sleep(IDLE_CHECK).await;
            let Some(pool) = pool.upgrade() else { return };
            let books = pool.books();
            let warmest = books.warmest();
            for (&id, environment) in &books.environments {
                let old =
                    matches!(environment.phase, Phase::Idle { since, .. } if since.elapsed() > IDLE_MAX);
                if old && warmest != Some(id) {
                    environment.tell(Control::Kill(KillReason::Stop));
                }
            }
        }
    }
}
