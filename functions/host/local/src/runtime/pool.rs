//! The environments of one function: started on demand, kept warm, replaced when they die.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout_at};

use super::environment::{Books, Environment, Phase, Running};
use super::invocation::{Delivery, Invocation, InvokeError, answer};
use super::process::{Control, KillReason};
use super::{FunctionSpec, log};

/// Most processes of one function that start at the same time: more would only take each other's processor.
const STARTING_MAX: usize = 2;
/// Failed starts in a row after which waiting invocations are given up.
pub(super) const FAILED_STARTS_MAX: u32 = 3;

/// Whether a function can serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// Its first process has not polled yet.
    Starting,
    /// A process has polled.
    Ready,
    /// No process comes as far as its first poll; the text is what the last one said.
    Failed(String),
}

/// What has happened to a function since the host started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Invocations handed to a process.
    pub invocations: u64,
    /// Invocations that ended without a result, for whatever reason.
    pub errors: u64,
    /// Of those, the ones whose deadline passed.
    pub timeouts: u64,
    /// Invocations refused because too many were under way.
    pub throttled: u64,
    /// Processes started.
    pub cold_starts: u64,
    /// Processes that ended before their first poll.
    pub failed_starts: u64,
    /// Processes that ended otherwise than by the host's own wish, and those killed by chaos or deadline.
    pub deaths: u64,
}

/// The state of a function, for people and for the operations page.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Report {
    /// Handler name.
    pub function: String,
    /// Process ids.
    pub pids: Vec<u32>,
    /// Environments that wait for an invocation.
    pub idle: usize,
    /// Environments that run one.
    pub running: usize,
    /// Environments that have not polled yet.
    pub starting: usize,
    /// Invocations that wait for an environment.
    pub waiting: usize,
    /// What has happened so far.
    #[serde(flatten)]
    pub counts: Counts,
}

/// The environments of one function.
#[derive(Debug)]
pub struct Pool {
    pub(super) spec: FunctionSpec,
    pub(super) readiness: watch::Sender<Readiness>,
    pub(super) living: watch::Sender<usize>,
    books: Mutex<Books>,
}

impl Pool {
    /// Sets the pool up and starts its first environment.
    ///
    /// # Errors
    /// The function's log cannot be written.
    pub fn start(spec: FunctionSpec) -> std::io::Result<Arc<Self>> {
        log::rotate(&spec.log)?;
        log::open(&spec.log)?;
        let pool = Arc::new(Self {
            spec,
            books: Mutex::default(),
            readiness: watch::Sender::new(Readiness::Starting),
            living: watch::Sender::new(0),
        });
        pool.top_up(&mut pool.books());
        tokio::spawn(Self::stop_idle(Arc::downgrade(&pool)));
        Ok(pool)
    }

    /// What the pool runs.
    pub const fn spec(&self) -> &FunctionSpec {
        &self.spec
    }

    /// Waits until the first process has polled, or until it is clear that none will.
    pub async fn ready(&self) -> Readiness {
        let mut readiness = self.readiness.subscribe();
        match readiness.wait_for(|readiness| *readiness != Readiness::Starting).await {
            Ok(readiness) => readiness.clone(),
            Err(_) => unreachable!("the pool holds the sender"),
        }
    }

    /// Runs one invocation and waits for its result. Dropping the future does not end the invocation.
    ///
    /// # Errors
    /// Each [`InvokeError`] but [`InvokeError::Throttled`] leaves open what the function has done.
    pub async fn invoke(self: &Arc<Self>, payload: Bytes) -> Result<Bytes, InvokeError> {
        let (reply, result) = oneshot::channel();
        self.admit(Invocation::new(payload, reply))?;
        result.await.unwrap_or_else(|_| Err(self.stopping()))
    }

    fn admit(self: &Arc<Self>, invocation: Invocation) -> Result<(), InvokeError> {
        let mut books = self.books();
        if books.stopping {
            return Err(self.stopping());
        }
        let running = books.count(|phase| matches!(phase, Phase::Running(_)));
        if running + books.waiting.len() >= self.spec.concurrency_max {
            books.counts.throttled += 1;
            return Err(InvokeError::Throttled { function: self.spec.name.clone() });
        }
        if books.failed_starts >= FAILED_STARTS_MAX && books.environments.is_empty() {
            books.counts.errors += 1;
            return Err(self.not_started(&books));
        }
        books.waiting.push_back(invocation);
        self.hand_out(&mut books);
        self.top_up(&mut books);
        Ok(())
    }

    /// Gives waiting invocations to idle environments.
    pub(super) fn hand_out(&self, books: &mut Books) {
        while !books.held
            && !books.waiting.is_empty()
            && let Some(id) = books.warmest()
        {
            let Some(invocation) = books.waiting.pop_front() else { return };
            let Some(environment) = books.environments.get_mut(&id) else { return };
            let Phase::Idle { poll, .. } = std::mem::replace(&mut environment.phase, Phase::Answered) else {
                return;
            };
            let (delivery, running, deadline) = self.deliver(invocation);
            match poll.send(delivery) {
                Ok(()) => {
                    environment.tell(Control::Deadline(Some(deadline)));
                    environment.phase = Phase::Running(running);
                    books.counts.invocations += 1;
                }
                // The poll's connection has closed: the process is ending, and somebody else gets the invocation.
                Err(delivery) => books.waiting.push_front(Invocation {
                    request_id: delivery.request_id,
                    trace: delivery.trace,
                    payload: delivery.payload,
                    reply: running.reply,
                }),
            }
        }
    }

    fn deliver(&self, invocation: Invocation) -> (Delivery, Running, Instant) {
        let limit = self.spec.timeout;
        let limit_ms = u64::try_from(limit.as_millis()).expect("a timeout is a few minutes");
        let delivery = Delivery {
            request_id: invocation.request_id.clone(),
            trace: invocation.trace,
            deadline_ms: self.spec.clock.now_ms() + limit_ms,
            payload: invocation.payload,
        };
        let running = Running { request_id: invocation.request_id, reply: invocation.reply };
        (delivery, running, Instant::now() + limit)
    }

    /// A process polls. Resolves when there is an invocation for it; never, when the environment is no more.
    pub(super) async fn poll(self: &Arc<Self>, id: u64) -> Delivery {
        let waiter = {
            let mut books = self.books();
            let (poll, waiter) = oneshot::channel();
            if let Some(environment) = books.environments.get_mut(&id) {
                let before =
                    std::mem::replace(&mut environment.phase, Phase::Idle { since: Instant::now(), poll });
                match before {
                    Phase::Running(running) => self.fail(&mut books, running, "polled without an answer"),
                    Phase::Starting => self.started(&mut books, id),
                    Phase::Idle { .. } | Phase::Answered => {}
                }
            }
            self.hand_out(&mut books);
            waiter
        };
        match waiter.await {
            Ok(delivery) => delivery,
            // The environment ended or polled a second time; this poll has nobody left to answer to.
            Err(_) => std::future::pending().await,
        }
    }

    fn started(&self, books: &mut Books, id: u64) {
        books.failed_starts = 0;
        if let Some(environment) = books.environments.get(&id) {
            environment.tell(Control::Deadline(None));
        }
        self.readiness.send_replace(Readiness::Ready);
    }

    pub(super) fn fail(&self, books: &mut Books, running: Running, how: &str) {
        books.counts.errors += 1;
        let error = InvokeError::Died { function: self.spec.name.clone(), how: how.to_owned() };
        answer(running.reply, Err(error));
    }

    /// A process answers an invocation, well (`Ok`) or with an error type (`Err`). False when it is not running it.
    pub(super) fn complete(&self, id: u64, request_id: &str, result: Result<Bytes, String>) -> bool {
        let mut books = self.books();
        let Some(environment) = books.environments.get_mut(&id) else { return false };
        let running = match std::mem::replace(&mut environment.phase, Phase::Answered) {
            Phase::Running(running) if running.request_id == request_id => running,
            other => {
                environment.phase = other;
                return false;
            }
        };
        environment.tell(Control::Deadline(None));
        let result = result.map_err(|kind| {
            books.counts.errors += 1;
            tracing::warn!(function = self.spec.name, error.kind = kind, "a function reported an error");
            InvokeError::Reported { function: self.spec.name.clone(), kind }
        });
        answer(running.reply, result);
        true
    }

    /// A process reports that it cannot start.
    pub(super) fn init_failed(&self, id: u64, error: String) {
        if let Some(environment) = self.books().environments.get_mut(&id) {
            environment.init_error = Some(error);
        }
    }

    /// Starts as many environments as are wanted and allowed.
    pub(super) fn top_up(self: &Arc<Self>, books: &mut Books) {
        while !books.stopping && !books.pausing && !books.held {
            let starting = books.count(|phase| matches!(phase, Phase::Starting));
            let wanted = books.waiting.len().max(usize::from(books.environments.is_empty()));
            if starting >= wanted.min(STARTING_MAX) || books.environments.len() >= self.spec.concurrency_max {
                return;
            }
            let (control, commands) = mpsc::unbounded_channel();
            let id = books.started;
            books.started += 1;
            books.counts.cold_starts += 1;
            let environment = Environment { pid: None, phase: Phase::Starting, control, init_error: None };
            books.environments.insert(id, environment);
            self.living.send_modify(|living| *living += 1);
            tokio::spawn(Arc::clone(self).live(id, commands));
        }
    }

    /// The processes that may be killed to see what happens.
    pub fn targets(&self) -> Vec<u32> {
        self.books().environments.values().filter_map(|environment| environment.pid).collect()
    }

    /// Kills the environment with this process id, as a crash of the machine would. False when there is none.
    pub fn kill(&self, pid: u32) -> bool {
        let books = self.books();
        let target = books.environments.values().find(|environment| environment.pid == Some(pid));
        if let Some(environment) = target {
            environment.tell(Control::Kill(KillReason::Chaos));
        }
        target.is_some()
    }

    /// The state of the function.
    pub fn report(&self) -> Report {
        let books = self.books();
        Report {
            function: self.spec.name.clone(),
            pids: books.environments.values().filter_map(|environment| environment.pid).collect(),
            idle: books.count(|phase| matches!(phase, Phase::Idle { .. })),
            running: books.count(|phase| matches!(phase, Phase::Running(_))),
            starting: books.count(|phase| matches!(phase, Phase::Starting)),
            waiting: books.waiting.len(),
            counts: books.counts,
        }
    }

    /// Takes no more invocations, lets the running ones end until `grace` has passed, and kills the processes.
    pub async fn stop(&self, grace: Duration) {
        let waiting = {
            let mut books = self.books();
            books.stopping = true;
            std::mem::take(&mut books.waiting)
        };
        for invocation in waiting {
            invocation.end(Err(self.stopping()));
        }
        self.end_all(grace).await;
    }

    /// Lets the running invocations end until `grace` has passed, and kills the processes.
    pub(super) async fn end_all(&self, grace: Duration) {
        let until = Instant::now() + grace;
        while self.report().running > 0 && Instant::now() < until {
            sleep(Duration::from_millis(10)).await;
        }
        for environment in self.books().environments.values() {
            environment.tell(Control::Kill(KillReason::Stop));
        }
        let mut living = self.living.subscribe();
        let ended = living.wait_for(|living| *living == 0);
        if timeout_at(until + Duration::from_secs(2), ended).await.is_err() {
            tracing::warn!(function = self.spec.name, "a killed process has not ended yet");
        }
    }

    pub(super) fn not_started(&self, books: &Books) -> InvokeError {
        InvokeError::NotStarted { function: self.spec.name.clone(), why: books.last_failure.clone() }
    }

    pub(super) fn stopping(&self) -> InvokeError {
        InvokeError::Stopping { function: self.spec.name.clone() }
    }

    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
