//! One invocation on its way to a process, and how it can end.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::random;

/// Why an invocation has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// As many invocations run or wait as the function may have. Lambda answers 429; come back later.
    #[error("{function} already runs as many invocations as it may")]
    Throttled {
        /// Which function.
        function: String,
    },
    /// The function ran and reported an error of its own. What it did before that is not known here.
    #[error("{function} reported the error {kind}")]
    Reported {
        /// Which function.
        function: String,
        /// The error's type, as the function named it.
        kind: String,
    },
    /// The function did not answer before its deadline and was killed.
    #[error("{function} did not answer within {} s and was killed", limit.as_secs())]
    TimedOut {
        /// Which function.
        function: String,
        /// Its timeout.
        limit: Duration,
    },
    /// The process ended while it ran the invocation.
    #[error("the process of {function} ended during the invocation ({how})")]
    Died {
        /// Which function.
        function: String,
        /// Exit status or signal.
        how: String,
    },
    /// No process of the function comes as far as its first poll.
    #[error("{function} does not start: {why}")]
    NotStarted {
        /// Which function.
        function: String,
        /// What the process said before it ended.
        why: String,
    },
    /// The host is stopping.
    #[error("{function} is being stopped")]
    Stopping {
        /// Which function.
        function: String,
    },
}

/// An event that waits for a process, with the way back to whoever wants the result.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) trace: String,
    pub(super) payload: Bytes,
    pub(super) reply: oneshot::Sender<Result<Bytes, InvokeError>>,
}

impl Invocation {
    pub(super) fn new(payload: Bytes, reply: oneshot::Sender<Result<Bytes, InvokeError>>) -> Self {
        Self { request_id: random::uuid(), trace: random::trace_header(), payload, reply }
    }

    /// Ends the invocation. Whoever asked may have gone, and then nobody wants to know.
    pub(super) fn end(self, result: Result<Bytes, InvokeError>) {
        answer(self.reply, result);
    }
}

/// Sends the result to whoever asked, if they still listen.
pub(super) fn answer(reply: oneshot::Sender<Result<Bytes, InvokeError>>, result: Result<Bytes, InvokeError>) {
    if reply.send(result).is_err() {
        tracing::debug!("the caller went away before the invocation ended");
    }
}

/// What a process gets from its poll.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) request_id: String,
    pub(super) trace: String,
    pub(super) deadline_ms: u64,
    pub(super) payload: Bytes,
}
