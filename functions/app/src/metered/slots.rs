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
