//! What one environment holds of one budget.

use std::collections::VecDeque;

use domain::budget::{Budget, BudgetLimits, CallsPerSecond, Held, Lease, Terms};
use domain::time::{Span, Timestamp};

/// How late a call may start. One that missed its moment by more asks for another.
const STALE_AFTER: Span = Span::millis(250);
/// How long the environment leaves the store alone after it failed.
const STORE_RESTS: Span = Span::seconds(1);
/// Calls a second of an environment that cannot ask the store. Ten environments stay below the 25 of Stripe's
/// account.
const OWN_CALLS_PER_SECOND: u16 = 2;

/// A start that was lent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// When.
    pub(super) at: Timestamp,
    /// Under which terms; `None` when the environment lent it to itself.
    pub(super) terms: Option<Terms>,
}

/// The slots, and what the environment knows of the budget.
#[derive(Debug)]
pub(super) struct Slots {
    ready: VecDeque<Slot>,
    known: Terms,
    looked_at: Option<Timestamp>,
    /// Why the store lent nothing when it last did not.
    held: Option<Held>,
    /// The environment's own budget, for when the store fails.
    own: Budget,
    store_rests_until: Option<Timestamp>,
}

impl Slots {
    pub(super) const fn new() -> Self {
        Self {
            ready: VecDeque::new(),
            known: Budget::FRESH.terms(),
            looked_at: None,
            held: None,
            own: Budget::FRESH,
            store_rests_until: None,
        }
    }

    /// Whether the call of this slot may still start.
    pub(super) fn is_good(&self, slot: &Slot, now: Timestamp) -> bool {
        let is_stale = now.since(slot.at) > STALE_AFTER;
        let is_void = slot.terms.is_some_and(|terms| terms.is_before_opening_of(&self.known));
        !is_stale && !is_void
    }

    /// The next slot that starts by then, if there is one.
    pub(super) fn take(&mut self, now: Timestamp, until: Timestamp) -> Option<Slot> {
        while let Some(slot) = self.ready.pop_front() {
            if slot.at > until {
                self.ready.push_front(slot);
                return None;
            }
            if self.is_good(&slot, now) {
                return Some(slot);
            }
        }
        None
    }

    pub(super) fn add(&mut self, lease: Lease) {
        let terms = Some(lease.terms);
        self.ready.extend(lease.starts().map(|at| Slot { at, terms }));
    }

    /// Notes what the store says.
    pub(super) fn know(&mut self, terms: Terms, at: Timestamp) {
        self.known = terms;
        self.looked_at = Some(at);
        self.held = None;
        self.store_rests_until = None;
    }

    pub(super) const fn is_tripped(&self) -> bool {
        self.known.is_probe()
    }

    /// Whether what is known is as old as this.
    pub(super) fn is_older_than(&self, age: Span, now: Timestamp) -> bool {
        self.looked_at.is_none_or(|at| at > now || now.since(at) >= age)
    }

    pub(super) const fn hold(&mut self, held: Held) {
        self.held = Some(held);
    }

    pub(super) const fn held(&self) -> Option<Held> {
        self.held
    }

    /// Notes that the store failed.
    pub(super) fn rest_store(&mut self, now: Timestamp) {
        self.store_rests_until = Some(now.plus(STORE_RESTS));
    }

    pub(super) fn store_rests(&self, now: Timestamp) -> bool {
        self.store_rests_until.is_some_and(|until| now < until && until.since(now) <= STORE_RESTS)
    }

    /// A slot out of the environment's own small budget.
    pub(super) fn lend_own(&mut self, now: Timestamp) -> Result<Slot, Held> {
        let (own, lent) = self.own.lend(now, 1, &own_limits());
        self.own = own;
        lent.map(|lease| Slot { at: lease.first_at, terms: None })
    }

    /// Changes the environment's own budget.
    pub(super) fn change_own(&mut self, change: impl FnOnce(Budget, &BudgetLimits) -> Budget) {
        self.own = change(self.own, &own_limits());
    }
}

fn own_limits() -> BudgetLimits {
    let calls = CallsPerSecond::new(OWN_CALLS_PER_SECOND).expect("2 is between 1 and 1,000");
    BudgetLimits { calls_per_second: calls, ..BudgetLimits::below(calls) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_204_800_000);

    fn after(millis: u64) -> Timestamp {
        NOW.plus(Span::millis(millis))
    }

    fn lease(count: u16) -> Lease {
        Lease { first_at: NOW, spacing: Span::millis(100), count, terms: Budget::FRESH.terms() }
    }

    /// The terms of a budget whose breaker has opened this often.
    fn opened(openings: u32) -> Terms {
        Budget { openings, ..Budget::FRESH }.terms()
    }

    #[test]
    fn slots_are_taken_in_sequence_up_to_the_moment_by_which_a_call_must_start() {
        let mut slots = Slots::new();
        slots.add(lease(3));
        let mut take = |now, until| slots.take(now, until).map(|slot| slot.at);
        assert_eq!(take(NOW, NOW), Some(NOW), "one that starts at that very moment still does");
        assert_eq!(take(NOW, after(99)), None);
        assert_eq!(
            take(NOW, after(500)),
            Some(after(100)),
            "what was too late for one is there for the next"
        );
        assert_eq!(take(after(200), after(500)), Some(after(200)));
        assert_eq!(take(after(200), after(500)), None);
    }

    #[test]
    fn a_slot_that_missed_its_moment_by_more_than_a_quarter_of_a_second_is_passed_over() {
        let mut slots = Slots::new();
        slots.add(lease(2));
        let slot = Slot { at: NOW, terms: None };
        assert!(slots.is_good(&slot, after(250)) && !slots.is_good(&slot, after(251)));
        assert_eq!(slots.take(after(251), after(9_000)).map(|slot| slot.at), Some(after(100)));
    }

    #[test]
    fn a_slot_is_void_once_the_breaker_has_opened_after_it_was_lent() {
        let mut slots = Slots::new();
        let lent = Slot { at: NOW, terms: Some(opened(1)) };
        slots.know(opened(1), NOW);
        assert!(slots.is_good(&lent, NOW) && slots.is_tripped());
        slots.know(opened(2), NOW);
        assert!(!slots.is_good(&lent, NOW));
        assert!(slots.is_good(&Slot { at: NOW, terms: None }, NOW), "its own it lends under no terms");
        slots.know(opened(0), NOW);
        assert!(!slots.is_tripped());
    }

    #[test]
    fn what_is_known_grows_old_and_a_moment_in_the_future_was_never_known() {
        let mut slots = Slots::new();
        let age = Span::millis(500);
        assert!(slots.is_older_than(age, NOW), "nothing is known at first");
        slots.know(opened(0), NOW);
        assert!(!slots.is_older_than(age, NOW) && !slots.is_older_than(age, after(499)));
        assert!(slots.is_older_than(age, after(500)) && slots.is_older_than(age, NOW.minus(Span::millis(1))));
    }

    #[test]
    fn the_store_is_left_alone_for_a_second_and_what_it_says_ends_that() {
        let mut slots = Slots::new();
        assert!(!slots.store_rests(NOW));
        slots.rest_store(NOW);
        assert!(slots.store_rests(NOW) && slots.store_rests(after(999)) && !slots.store_rests(after(1_000)));
        assert!(!slots.store_rests(NOW.minus(Span::millis(1))), "a clock that went back is not believed");
        slots.hold(Held::Open);
        assert_eq!(slots.held(), Some(Held::Open));
        slots.know(opened(0), NOW);
        assert_eq!((slots.store_rests(NOW), slots.held()), (false, None));
    }

    #[test]
    fn without_the_store_two_calls_are_lent_each_second() {
        let mut slots = Slots::new();
        let mut starts = || slots.lend_own(NOW).map(|slot| slot.at.since(NOW).as_millis());
        assert_eq!([starts(), starts(), starts()], [Ok(0), Ok(500), Ok(1_000)]);
        slots.change_own(|own, limits| own.on_fault(own.terms(), NOW, limits));
        assert_eq!(slots.lend_own(NOW).map(|slot| slot.at), Err(Held::Open));
    }
}
