//! The way to 202: the API, `accept-donation`'s environments, and the table of donations.

use std::ops::Range;

use crate::bucket::Bucket;
use crate::consumer::Used;
use crate::limits::{Limit, PARTITION_WRITES, PEAK_MULTIPLE, REQUESTS_PER_CONCURRENCY};
use crate::settings::Settings;
use crate::work::{COLD_START_MS, Work};
use contracts::stored::OWED_SHARDS;

/// What a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 202, after so many milliseconds.
    Accepted(u64),
    /// Turned away by this limit, and nothing stored.
    Refused(Limit),
}

/// The API and the function behind it.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) api: Bucket,
    pub(crate) table: Table,
    pub(crate) used: Used,
    requests: Bucket,
    starts: Bucket,
    environments: u64,
    most: u64,
    /// Milliseconds that the environments have in this step, and how many of them are spent.
    time_ms: u64,
    spent_ms: u64,
    step_ms: u64,
    takes_ms: u64,
    units: [u64; 2],
}

impl Door {
    pub(crate) fn new(settings: &Settings, accept: &Work) -> Self {
        let most = settings.accept.concurrency;
        let scale = settings.environments_per_10_seconds;
        let of_function = most * REQUESTS_PER_CONCURRENCY.value;
        Self {
            api: Bucket::new(settings.api_requests, settings.api_burst),
            table: Table::new(settings),
            used: Used::default(),
            requests: Bucket::even(of_function),
            starts: Bucket::new(scale / 10, scale),
            environments: settings.warm.min(most),
            most,
            time_ms: 0,
            spent_ms: 0,
            step_ms: 0,
            takes_ms: accept.waits() + accept.works(1, settings.accept.memory_mb),
            units: [accept.donation_units.div_ceil(100), accept.index_units.div_ceil(100)],
        }
    }

    /// A step begins. What environments have spent beyond the last one is taken off this one.
    pub(crate) fn pass(&mut self, step: &Range<u64>) {
        self.step_ms = step.end - step.start;
        for bucket in [&mut self.api, &mut self.requests, &mut self.starts] {
            bucket.pass(self.step_ms);
        }
        self.spent_ms = self.spent_ms.saturating_sub(self.time_ms);
        self.time_ms = self.environments * self.step_ms;
        self.table.pass(step);
    }

    /// A request that the API has let through.
    pub(crate) fn accept(&mut self) -> Answer {
        if !self.requests.take(1) {
            return Answer::Refused(Limit::AcceptConcurrency);
        }
        let mut takes_ms = self.takes_ms;
        if self.spent_ms >= self.time_ms {
            if self.environments >= self.most {
                return Answer::Refused(Limit::AcceptConcurrency);
            }
            if !self.starts.take(1) {
                return Answer::Refused(Limit::ScaleUp);
            }
            self.environments += 1;
            self.time_ms += self.step_ms;
            takes_ms += COLD_START_MS;
        }
        self.spent_ms += takes_ms;
        self.used.invocations += 1;
        self.used.millis += takes_ms;
        match self.table.write(self.units) {
            Ok(()) => {
                self.used.messages += 1;
                Answer::Accepted(takes_ms)
            }
            Err(limit) => Answer::Refused(limit),
        }
    }
}

/// The table of donations and its index of what is owed: on demand, as warm as they are, and twice the
/// former peak half an hour after it.
#[derive(Debug)]
pub(crate) struct Table {
    writes: Bucket,
    index: Bucket,
    /// Write units of each half hour's busiest second, the current one last; before them, what it was warm for.
    seconds: Vec<u64>,
    this_second: u64,
    second: u64,
}

const HALF_HOUR_S: u64 = 1_800;

impl Table {
    fn new(settings: &Settings) -> Self {
        // Its sort key begins with one of so many shards, each of which lies in one partition.
        let of_shards = u64::from(OWED_SHARDS) * PARTITION_WRITES.value;
        Self {
            writes: Bucket::even(settings.table_writes),
            index: Bucket::even(settings.index_writes.min(of_shards)),
            seconds: vec![settings.table_writes / PEAK_MULTIPLE.value, 0],
            this_second: 0,
            second: 0,
        }
    }

    fn pass(&mut self, step: &Range<u64>) {
        self.writes.pass(step.end - step.start);
        self.index.pass(step.end - step.start);
        let second = step.start / 1_000;
        if second == self.second {
            return;
        }
        if let Some(peak) = self.seconds.last_mut() {
            *peak = self.this_second.max(*peak);
        }
        self.this_second = 0;
        if second / HALF_HOUR_S > self.second / HALF_HOUR_S {
            self.seconds.push(0);
            // The half hour that has just ended counts when one more has gone by.
            let former = self.seconds.iter().rev().skip(2).max().copied().unwrap_or(0);
            self.writes.raise(former * PEAK_MULTIPLE.value);
        }
        self.second = second;
    }

    /// Writes so many units, with so many to the index, or says what is in the way.
    pub(crate) fn write(&mut self, [units, index_units]: [u64; 2]) -> Result<(), Limit> {
        if self.writes.whole() < units {
            return Err(Limit::TableWrites);
        }
        if !self.index.take(index_units) {
            return Err(Limit::IndexWrites);
        }
        self.writes.take_up_to(units);
        self.this_second += units;
        Ok(())
    }

    /// Writes that the queues' consumers have made: they come first, and whoever knocks has the rest.
    pub(crate) fn spend(&mut self, work: &Work) {
        self.this_second += self.writes.take_up_to(work.donation_units.div_ceil(100));
        self.index.take_up_to(work.index_units.div_ceil(100));
    }
}
