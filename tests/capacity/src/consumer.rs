//! A queue and the function that consumes it: batches, environments, and how Lambda's event source mapping
//! takes more of them at once while messages wait.
//!
//! Messages are taken in the sequence in which they came, which a standard queue only tends to.
//! Environments that have started are kept: they scale back when a queue is empty, which costs the next
//! wave a second.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::ops::Range;

use crate::limits::{
    Limit, MAPPING_ADDS_PER_MINUTE, MAPPING_MOST, MAPPING_STARTS_WITH, PROVISIONED_ADDS_PER_MINUTE,
    PROVISIONED_MOST,
};
use crate::settings::{Mapping, Queue};
use crate::work::COLD_START_MS;

/// Batches that one provisioned poller keeps going.
const BATCHES_PER_POLLER: u64 = 10;

/// What a function has used.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Invocations.
    pub invocations: u64,
    /// Milliseconds billed, starts included.
    pub millis: u64,
    /// Messages, or requests.
    pub messages: u64,
}

/// A batch that begins.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) begins_ms: u64,
    pub(crate) ids: Vec<usize>,
}

/// A queue and its consumer.
#[derive(Debug)]
pub(crate) struct Consumer {
    pub(crate) queue: Queue,
    pub(crate) used: Used,
    full: Limit,
    waiting: VecDeque<usize>,
    hidden: BTreeMap<u64, Vec<usize>>,
    hidden_count: u64,
    /// When each environment is free.
    environments: BinaryHeap<Reverse<u64>>,
    /// How many of them are at work, or were within this step.
    busy: u64,
    /// For how long messages have waited since the queue was last empty.
    busy_ms: u64,
}

impl Consumer {
    pub(crate) fn new(queue: Queue, full: Limit) -> Self {
        Self {
            queue,
            used: Used::default(),
            full,
            waiting: VecDeque::new(),
            hidden: BTreeMap::new(),
            hidden_count: 0,
            environments: BinaryHeap::new(),
            busy: 0,
            busy_ms: 0,
        }
    }

    pub(crate) fn send(&mut self, id: usize) {
        self.waiting.push_back(id);
    }

    /// Gives a message back, to be seen again after the visibility timeout.
    pub(crate) fn hide(&mut self, id: usize, at_ms: u64) {
        self.hidden.entry(at_ms + self.queue.visibility_ms).or_default().push(id);
        self.hidden_count += 1;
    }

    /// Messages that can be received.
    pub(crate) fn waiting(&self) -> u64 {
        count(self.waiting.len())
    }

    /// Messages that were given back and are not seen yet.
    pub(crate) fn hidden(&self) -> u64 {
        self.hidden_count
    }

    /// Environments at work, which the account's other functions cannot have.
    pub(crate) fn busy(&self) -> u64 {
        self.busy
    }

    fn environments(&self) -> u64 {
        count(self.environments.len())
    }

    /// A step begins.
    pub(crate) fn pass(&mut self, step: &Range<u64>) {
        while let Some(entry) = self.hidden.first_entry() {
            if *entry.key() >= step.end {
                break;
            }
            let seen = entry.remove();
            self.hidden_count -= count(seen.len());
            self.waiting.extend(seen);
        }
        self.busy = count(self.environments.iter().filter(|Reverse(free)| *free > step.start).count());
        if self.waiting.is_empty() {
            self.busy_ms = 0;
        } else {
            self.busy_ms += step.end - step.start;
        }
    }

    /// Takes a batch, where messages wait and an environment is free within the step; `spare` more may start.
    pub(crate) fn begin(&mut self, step: &Range<u64>, spare: u64) -> Option<Batch> {
        if self.waiting.is_empty() {
            return None;
        }
        let free = self.environments.peek().filter(|Reverse(free)| *free < step.end);
        let begins_ms = if let Some(Reverse(free)) = free.copied() {
            self.environments.pop();
            self.busy += u64::from(free <= step.start);
            free.max(step.start)
        } else if self.environments() < self.allowed() && spare > 0 {
            self.busy += 1;
            self.used.millis += COLD_START_MS;
            step.start + COLD_START_MS
        } else {
            return None;
        };
        let size = usize::try_from(self.queue.batch).unwrap_or(usize::MAX).min(self.waiting.len());
        Some(Batch { begins_ms, ids: self.waiting.drain(..size).collect() })
    }

    /// A batch has ended, and its environment is free again.
    pub(crate) fn end(&mut self, begins_ms: u64, ends_ms: u64, messages: u64) {
        self.environments.push(Reverse(ends_ms));
        self.used.invocations += 1;
        self.used.millis += ends_ms - begins_ms;
        self.used.messages += messages;
    }

    /// What keeps the messages that wait from being received.
    pub(crate) fn held_by(&self, spare: u64) -> Limit {
        if self.environments() >= self.most() {
            self.full
        } else if self.environments() >= self.allowed() {
            Limit::MappingRamp
        } else if spare == 0 {
            Limit::AccountConcurrency
        } else {
            self.full
        }
    }

    /// Batches at once, at most.
    fn most(&self) -> u64 {
        match self.queue.mapping {
            Mapping::Standard => self.queue.concurrency.min(MAPPING_MOST.value),
            Mapping::Provisioned { most, .. } => (most * BATCHES_PER_POLLER).min(PROVISIONED_MOST.value),
        }
    }

    /// Batches at once, now.
    fn allowed(&self) -> u64 {
        let (first, per_minute) = match self.queue.mapping {
            Mapping::Standard => (MAPPING_STARTS_WITH.value, MAPPING_ADDS_PER_MINUTE.value),
            Mapping::Provisioned { least, .. } => {
                (least * BATCHES_PER_POLLER, PROVISIONED_ADDS_PER_MINUTE.value)
            }
        };
        self.most().min(first + per_minute * self.busy_ms / 60_000)
    }
}

/// A length as a number.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
