//! What donors' pages send: the donation, again while it is turned away, and looks at how it stands.

use std::ops::Range;

use crate::consumer::count;
use crate::donations::Stage;
use crate::door::Answer;
use crate::limits::Limit;
use crate::run::{Run, STEP_MS};
use crate::work::{LOOKS_AFTER_MS, SHOW, TRIES_AGAIN_AFTER_MS};

impl Run {
    /// Those who come and those who come again, mixed evenly, and the looks of those who have been accepted.
    pub(crate) fn knock(&mut self, step: &Range<u64>) {
        let at = step.start / STEP_MS;
        let again = self.knocking.remove(&at).unwrap_or_default();
        let come: Vec<_> = (0..self.arrive()).map(|_| self.donations.come(step.start)).collect();
        if !come.is_empty() {
            self.outcome.last_donor_ms = step.end;
        }
        let looks = self.looking.remove(&at).unwrap_or(0);
        let knocks = mixed(&again, &come);
        // The API does not know a look from a donation: both get their share of what it lets in.
        let all = count(knocks.len()) + looks;
        let let_in = self.door.api.take_up_to(all);
        let of_looks = (let_in * looks).checked_div(all).unwrap_or(0);
        self.outcome.counts.api_requests += let_in;
        let mut of_knocks = let_in - of_looks;
        for id in knocks {
            if of_knocks == 0 {
                self.turn_away(id, step.start, Limit::ApiRequests);
                continue;
            }
            of_knocks -= 1;
            match self.door.accept() {
                Answer::Accepted(millis) => self.welcome(id, step.start, millis),
                Answer::Refused(limit) => self.turn_away(id, step.start, limit),
            }
        }
        self.show(looks, of_looks);
    }

    fn welcome(&mut self, id: usize, now_ms: u64, millis: u64) {
        let donation = self.donations.get(id);
        let (waited_ms, is_first) = (now_ms - donation.came_ms, donation.tries == 0);
        *self.outcome.answers.entry(waited_ms + millis).or_default() += 1;
        self.outcome.accepted += 1;
        self.outcome.at_first_try += u64::from(is_first);
        self.completer.watch(id, now_ms + self.settings.first_check_ms);
        for after in LOOKS_AFTER_MS {
            *self.looking.entry((now_ms + after) / STEP_MS).or_default() += 1;
        }
        if self.publish() {
            self.donations.put(id, Stage::Queued);
            self.payments.send(id);
        } else {
            self.leave_unannounced(id, Limit::Publishes);
        }
    }

    fn turn_away(&mut self, id: usize, now_ms: u64, by: Limit) {
        *self.outcome.refusals.entry(by).or_default() += 1;
        let donation = self.donations.get_mut(id);
        let wait = TRIES_AGAIN_AFTER_MS.get(usize::from(donation.tries));
        donation.tries = donation.tries.saturating_add(1);
        let Some(wait) = wait else {
            self.donations.put(id, Stage::Left);
            return;
        };
        // Half of it to one and a half, spread evenly by the donor's number.
        let spread = scattered(count(id) * 8 + u64::from(self.donations.get(id).tries)) % wait;
        let at = (now_ms + wait / 2 + spread) / STEP_MS;
        self.knocking.entry(at.max(now_ms / STEP_MS + 1)).or_default().push(id);
    }

    /// Answers looks, of which the API has let so many in.
    fn show(&mut self, looks: u64, let_in: u64) {
        let shown = self.shown.take_up_to(let_in);
        let shown = self.reads.take_up_to(shown);
        let used = self.outcome.counts.used.entry(SHOW.function).or_default();
        used.invocations += shown;
        used.messages += shown;
        used.millis += shown * (SHOW.waits() + SHOW.works(1, self.settings.show.memory_mb));
        self.outcome.counts.looks += shown;
        self.outcome.counts.looks_refused += looks - shown;
    }
}

/// Two lists, each of them spread over the whole.
fn mixed(some: &[usize], others: &[usize]) -> Vec<usize> {
    let mut mixed = Vec::with_capacity(some.len() + others.len());
    let (mut at, mut of_others) = (0, 0);
    while at < some.len() || of_others < others.len() {
        if at < some.len() && (of_others == others.len() || at * others.len() <= of_others * some.len()) {
            mixed.push(some[at]);
            at += 1;
        } else {
            mixed.push(others[of_others]);
            of_others += 1;
        }
    }
    mixed
}

/// A number that looks like none before it (the finaliser of `SplitMix64`).
const fn scattered(number: u64) -> u64 {
    let mut number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
