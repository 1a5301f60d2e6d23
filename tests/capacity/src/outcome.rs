//! What became of a run.

use std::collections::BTreeMap;

use crate::consumer::Used;
use crate::donations::Tally;
use crate::limits::Limit;

/// How full everything is at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Milliseconds from the beginning.
    pub at_ms: u64,
    /// Donors who have had their 202.
    pub accepted: u64,
    /// Who stands where.
    pub tally: Tally,
    /// Messages in the queue of payments, repetitions included.
    pub payments: u64,
    /// In that of journal entries.
    pub ledger: u64,
    /// In that of receipts, those that are hidden for a while included.
    pub receipts: u64,
    /// In that of notifications.
    pub notifications: u64,
}

/// What was used, to be paid for.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Requests that reached the API and were let in: tries, looks, webhooks.
    pub api_requests: u64,
    /// Looks at a donation's status that were answered.
    pub looks: u64,
    /// Looks that were turned away; the page looks again.
    pub looks_refused: u64,
    /// Messages published.
    pub publishes: u64,
    /// Deliveries to queues, receives and deletions of batches.
    pub queue_requests: u64,
    /// Payments booked.
    pub entries: u64,
    /// Mails handed over.
    pub mails: u64,
    /// Mails that SES turned away.
    pub mails_refused: u64,
    /// Messages that went to the dead letters.
    pub dead_letters: u64,
    /// Payments' messages that found nothing to do.
    pub in_vain: u64,
    /// Payments that had no turn within the time that a call waits.
    pub without_turn: u64,
    /// Donations that the completer took up.
    pub resumed: u64,
    /// What each function used.
    pub used: BTreeMap<&'static str, Used>,
}

/// What became of a run.
#[derive(Debug, Default, Clone)]
pub struct Outcome {
    /// All who came.
    pub donors: u64,
    /// Those with a 202.
    pub accepted: u64,
    /// Those who had it at their first try.
    pub at_first_try: u64,
    /// How often each limit turned somebody away.
    pub refusals: BTreeMap<Limit, u64>,
    /// Milliseconds from the first try to the 202, and how many waited so long.
    pub answers: BTreeMap<u64, u64>,
    /// How long donations were held up by each limit, in donation-milliseconds.
    pub waits: BTreeMap<Limit, u128>,
    /// When the last donor had gone.
    pub last_donor_ms: u64,
    /// When nothing was owed any more; none when it did not come to that.
    pub settled_ms: Option<u64>,
    /// How full everything was, second by second.
    pub samples: Vec<Sample>,
    /// What was used.
    pub counts: Counts,
}

impl Outcome {
    /// The wait that so many in a thousand did not exceed.
    pub fn answered_within(&self, per_mille: u64) -> Option<u64> {
        let rank = (self.accepted * per_mille).div_ceil(1_000).max(1);
        let mut seen = 0;
        self.answers.iter().find_map(|(millis, count)| {
            seen += count;
            (seen >= rank).then_some(*millis)
        })
    }

    /// The limit that turned most away, if any did.
    pub fn door(&self) -> Option<Limit> {
        self.refusals.iter().max_by_key(|(_, count)| **count).map(|(limit, _)| *limit)
    }

    /// The limit that held donations up longest after their 202, if any did.
    pub fn bottleneck(&self) -> Option<Limit> {
        self.waits.iter().max_by_key(|(_, millis)| **millis).map(|(limit, _)| *limit)
    }

    /// What held donations up for a twentieth of all their waiting or more, longest first.
    pub fn bottlenecks(&self) -> Vec<Limit> {
        let all: u128 = self.waits.values().sum();
        let mut waits: Vec<_> = self.waits.iter().filter(|(_, millis)| **millis * 20 >= all).collect();
        waits.sort_by_key(|(_, millis)| std::cmp::Reverse(**millis));
        waits.into_iter().map(|(limit, _)| *limit).collect()
    }

    /// Donors who gave up.
    pub fn left(&self) -> u64 {
        self.donors - self.accepted
    }

    /// The most that something amounted to at a time.
    pub fn most(&self, of: impl Fn(&Sample) -> u64) -> u64 {
        self.samples.iter().map(of).max().unwrap_or(0)
    }
}
