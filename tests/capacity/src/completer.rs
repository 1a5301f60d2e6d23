//! The completer: every minute it announces again what is owed, so many donations a run, and looks at each
//! less often every time.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use resume_donations::DONATIONS_AT_ONCE;

use crate::consumer::{Used, count};
use crate::donations::{Donations, Stage};
use crate::settings::Settings;
use crate::work::Work;

/// Longest wait between two looks, in minutes: while the provider has not been called, and after.
const UNCALLED_WAIT_MINUTES: u64 = 4;
const WAIT_MINUTES: u64 = 60;
/// Time at the end of a run in which nothing is begun.
const TIME_LEFT_MS: u64 = 5_000;

/// The completer.
#[derive(Debug)]
pub(crate) struct Completer {
    pub(crate) used: Used,
    /// Whether its latest run left donations for the next that were due.
    pub(crate) is_behind: bool,
    due: BTreeMap<u64, Vec<usize>>,
    at_hand: VecDeque<usize>,
    next_run_ms: u64,
    ends_ms: u64,
    every_ms: u64,
    time_ms: u64,
    most: usize,
    takes_ms: u64,
}

impl Completer {
    pub(crate) fn new(settings: &Settings, work: &Work) -> Self {
        Self {
            used: Used::default(),
            is_behind: false,
            due: BTreeMap::new(),
            at_hand: VecDeque::new(),
            next_run_ms: settings.completer_every_ms,
            ends_ms: 0,
            every_ms: settings.completer_every_ms,
            time_ms: settings.completer_time_ms.saturating_sub(TIME_LEFT_MS),
            most: usize::try_from(settings.completer_most).unwrap_or(usize::MAX),
            takes_ms: work.waits() + work.works(count(DONATIONS_AT_ONCE), settings.completer_memory_mb),
        }
    }

    /// This donation is to be looked at then.
    pub(crate) fn watch(&mut self, id: usize, at_ms: u64) {
        self.due.entry(at_ms).or_default().push(id);
    }

    /// The donations that it takes up within the step.
    pub(crate) fn take_up(&mut self, step: &Range<u64>, donations: &Donations) -> Vec<usize> {
        if step.start >= self.next_run_ms {
            self.begin(step.start, donations);
        }
        if step.start >= self.ends_ms {
            let left: Vec<_> = self.at_hand.drain(..).collect();
            self.is_behind |= !left.is_empty();
            for id in left {
                self.watch(id, step.start);
            }
            return Vec::new();
        }
        let fit = count(DONATIONS_AT_ONCE) * (step.end - step.start) / self.takes_ms.max(1);
        let fit = usize::try_from(fit).unwrap_or(usize::MAX).max(1).min(self.at_hand.len());
        self.used.messages += count(fit);
        self.used.millis += if fit > 0 { step.end - step.start } else { 0 };
        self.at_hand.drain(..fit).collect()
    }

    /// Looks again later: after 1, 2, 4, … minutes.
    pub(crate) fn put_off(&mut self, id: usize, now_ms: u64, donations: &mut Donations) {
        let donation = donations.get_mut(id);
        let longest = if donation.stage == Stage::Owing { WAIT_MINUTES } else { UNCALLED_WAIT_MINUTES };
        let minutes = 1_u64.checked_shl(u32::from(donation.looks)).unwrap_or(longest).min(longest);
        donation.looks = donation.looks.saturating_add(1);
        self.watch(id, now_ms + minutes * 60_000);
    }

    fn begin(&mut self, now_ms: u64, donations: &Donations) {
        self.next_run_ms += self.every_ms;
        self.ends_ms = now_ms + self.time_ms;
        self.used.invocations += 1;
        // What is settled has left the index.
        let is_owed = |id: &usize| donations.get(*id).stage != Stage::Settled;
        while let Some(entry) = self.due.first_entry() {
            if *entry.key() > now_ms || self.at_hand.len() >= self.most {
                break;
            }
            let at_ms = *entry.key();
            let mut ids = entry.remove().into_iter().filter(is_owed);
            let fit = self.most - self.at_hand.len();
            self.at_hand.extend(ids.by_ref().take(fit));
            let rest: Vec<_> = ids.collect();
            if !rest.is_empty() {
                self.due.insert(at_ms, rest);
            }
        }
        self.is_behind = self.due.first_key_value().is_some_and(|(at_ms, _)| *at_ms <= now_ms);
    }
}
