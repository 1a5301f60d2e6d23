//! The books of one function: its environments, what each is doing, and what waits for one.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::invocation::{Delivery, Invocation, InvokeError};
use super::pool::Counts;
use super::process::Control;

/// One process, from the moment it is wanted until it has ended.
#[derive(Debug)]
pub(super) struct Environment {
    /// The process id, once there is a process.
    pub(super) pid: Option<u32>,
    /// What it is doing.
    pub(super) phase: Phase,
    /// The way to whoever watches over the process.
    pub(super) control: mpsc::UnboundedSender<Control>,
    /// What it reported about a failed start.
    pub(super) init_error: Option<String>,
}

/// What an environment is doing.
#[derive(Debug)]
pub(super) enum Phase {
    /// It has not polled yet.
    Starting,
    /// It polls, and waits for an invocation.
    Idle {
        /// Since when.
        since: Instant,
        /// The poll that waits.
        poll: oneshot::Sender<Delivery>,
    },
    /// It runs an invocation.
    Running(Running),
    /// It has answered and will poll again.
    Answered,
}

/// An invocation that a process has been given.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) request_id: String,
    pub(super) reply: oneshot::Sender<Result<Bytes, InvokeError>>,
}

/// All that a pool keeps behind its lock.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) environments: BTreeMap<u64, Environment>,
    pub(super) waiting: VecDeque<Invocation>,
    pub(super) started: u64,
    /// Starts that failed since the last one that did not.
    pub(super) failed_starts: u32,
    /// Whether the next start waits for the pause after a failed one.
    pub(super) pausing: bool,
    pub(super) last_failure: String,
    /// Whether nothing is handed out or started for the moment.
    pub(super) held: bool,
    pub(super) stopping: bool,
    pub(super) counts: Counts,
}

impl Environment {
    /// Tells the watch. A watch that has gone has seen the process end, which says it all.
    pub(super) fn tell(&self, control: Control) {
        if self.control.send(control).is_err() {
            tracing::debug!("the process has already ended");
        }
    }
}

impl Books {
    /// How many environments are in a phase.
    pub(super) fn count(&self, is: fn(&Phase) -> bool) -> usize {
        self.environments.values().filter(|environment| is(&environment.phase)).count()
    }

    /// The idle environment that was used last: its caches are warm, and the others may grow old and be stopped.
    pub(super) fn warmest(&self) -> Option<u64> {
        let idle = self.environments.iter().filter_map(|(&id, environment)| match environment.phase {
            Phase::Idle { since, .. } => Some((since, id)),
            Phase::Starting | Phase::Running(_) | Phase::Answered => None,
        });
        idle.max().map(|(_, id)| id)
    }
}
