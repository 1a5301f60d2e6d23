//! The calls of one kind in one environment: waiting for a turn, and reporting what the call showed.

use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use domain::budget::{Budget, BudgetId, Held, Lease, Terms};
use domain::time::{Span, Timestamp};
use futures_util::lock::Mutex;
use tracing::warn;

use super::Meter;
use super::slots::{Slot, Slots};
use crate::ports::{Budgets, Clock, Fault, Pause, Saved, Sign};

/// Most calls that one write takes out of the budget.
const SLICE_MAX: u16 = 5;
/// Most rounds against other environments.
const ROUNDS_MAX: usize = 5;
/// Pause between two looks at a budget that lends nothing.
const LOOK_EVERY: Span = Span::millis(500);
/// How old the environment's knowledge may grow while a call waits for its moment.
const KNOWN_FOR: Span = Span::seconds(1);
/// Most pauses of one wait, for a clock that stands still or jumps.
const PAUSES_MAX: usize = 100;
/// Calls in a row of one environment that found the provider failing: then it is news for all.
const FAULTS_IN_A_ROW: u32 = 5;

/// Calls of one kind.
#[derive(Debug)]
pub(super) struct Lane {
    id: BudgetId,
    waiting: AtomicU16,
    faults: AtomicU32,
    slots: Mutex<Slots>,
}

/// A call that may be made now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    terms: Option<Terms>,
}

/// Counts a call among those that have no slot yet, for as long as it asks for one.
struct Waiting<'a>(&'a AtomicU16);

impl<'a> Waiting<'a> {
    fn among(waiting: &'a AtomicU16) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Lane {
    pub(super) fn new(id: BudgetId) -> Self {
        let (waiting, faults) = (AtomicU16::new(0), AtomicU32::new(0));
        Self { id, waiting, faults, slots: Mutex::new(Slots::new()) }
    }

    /// Whose calls they are.
    pub(super) fn account(&self) -> &str {
        self.id.account()
    }

    /// Waits for a turn, which begins by then or not at all.
    pub(super) async fn turn<B: Budgets, W: Pause, C: Clock>(
        &self,
        meter: &Meter<B, W, C>,
        until: Timestamp,
    ) -> Result<Turn, Held> {
        let mut slot = None;
        for _ in 0..PAUSES_MAX {
            let found = match slot.take() {
                Some(slot) => self.still_good(meter, slot).await,
                None => self.next(meter, until).await,
            };
            let now = meter.clock.now();
            let wait = match found {
                Ok(Some(slot)) if slot.at <= now => return Ok(Turn { terms: slot.terms }),
                Ok(Some(found)) => {
                    slot = Some(found);
                    found.at.since(now).min(KNOWN_FOR)
                }
                Ok(None) => continue,
                Err(held) if now >= until => return Err(held),
                Err(_) => until.since(now).min(LOOK_EVERY),
            };
            meter.pause.pause(wait).await;
        }
        Err(Held::Spent)
    }

    /// The slot that a call waits for, unless it has become void; and now and then a look whether it has.
    async fn still_good<B: Budgets, W, C: Clock>(
        &self,
        meter: &Meter<B, W, C>,
        slot: Slot,
    ) -> Result<Option<Slot>, Held> {
        let mut slots = self.slots.lock().await;
        let now = meter.clock.now();
        if slot.terms.is_some() && slot.at > now && slots.is_older_than(KNOWN_FOR, now) {
            match meter.budgets.load(&self.id).await {
                Ok((budget, _)) => slots.know(budget.terms(), now),
                Err(fault) => self.note_blind(&mut slots, &fault, now),
            }
        }
        Ok(Some(slot).filter(|slot| slots.is_good(slot, meter.clock.now())))
    }

    /// A slot: one that is left over from the last slice, or of a new one.
    async fn next<B: Budgets, W, C: Clock>(
        &self,
        meter: &Meter<B, W, C>,
        until: Timestamp,
    ) -> Result<Option<Slot>, Held> {
        let _waiting = Waiting::among(&self.waiting);
        let mut slots = self.slots.lock().await;
        let now = meter.clock.now();
        if let Some(slot) = slots.take(now, until) {
            return Ok(Some(slot));
        }
        if now >= until {
            return Err(slots.held().unwrap_or(Held::Spent));
        }
        if !slots.store_rests(now) {
            if let Some(held) = slots.held()
                && !slots.is_older_than(LOOK_EVERY, now)
            {
                return Err(held);
            }
            match self.lease(meter, &mut slots, until).await {
                Ok(Ok(lease)) => {
                    slots.add(lease);
                    return slots
                        .take(meter.clock.now(), until)
                        .map_or(Err(Held::Spent), |slot| Ok(Some(slot)));
                }
                Ok(Err(held)) => {
                    slots.hold(held);
                    return Err(held);
                }
                Err(fault) => self.note_blind(&mut slots, &fault, meter.clock.now()),
            }
        }
        slots.lend_own(meter.clock.now()).map(Some)
    }

    /// Takes a slice for those that wait.
    async fn lease<B: Budgets, W, C: Clock>(
        &self,
        meter: &Meter<B, W, C>,
        slots: &mut Slots,
        until: Timestamp,
    ) -> Result<Result<Lease, Held>, Fault> {
        for _ in 0..ROUNDS_MAX {
            let (budget, version) = meter.budgets.load(&self.id).await?;
            let now = meter.clock.now();
            if now >= until {
                break;
            }
            let count = self.waiting.load(Ordering::Relaxed).min(SLICE_MAX);
            let (after, lent) = budget.lend(now, count, &meter.limits);
            slots.know(after.terms(), now);
            if after == budget || meter.budgets.save(&self.id, &after, version).await? == Saved::Saved {
                return Ok(lent);
            }
        }
        Ok(Err(Held::Spent))
    }

    /// Tells the others what the call showed of the provider, where it is news.
    pub(super) async fn report<B: Budgets, W, C: Clock>(
        &self,
        meter: &Meter<B, W, C>,
        turn: Turn,
        sign: Sign,
        until: Timestamp,
    ) {
        let is_probe = turn.terms.is_some_and(|terms| terms.is_probe());
        let is_news = match sign {
            Sign::Nothing => false,
            Sign::Well => {
                self.faults.store(0, Ordering::Relaxed);
                is_probe || self.slots.lock().await.is_tripped()
            }
            Sign::TooMany => {
                self.faults.store(0, Ordering::Relaxed);
                true
            }
            Sign::Failing => {
                let faults = self.faults.fetch_add(1, Ordering::Relaxed).saturating_add(1);
                is_probe || faults >= FAULTS_IN_A_ROW
            }
        };
        if !is_news {
            return;
        }
        if sign == Sign::Failing {
            self.faults.store(0, Ordering::Relaxed);
        }
        let now = meter.clock.now();
        let Some(terms) = turn.terms else {
            let mut slots = self.slots.lock().await;
            return slots.change_own(|own, limits| after(own, sign, own.terms(), now, limits));
        };
        let change = |budget| after(budget, sign, terms, now, &meter.limits);
        match self.change(meter, change, until).await {
            Ok(Some(budget)) => self.tell(sign, &budget, now, meter),
            Ok(None) => {}
            Err(fault) => {
                let fault = fault.chain();
                warn!(
                    alarm = "provider-budget-blind",
                    budget = self.id.as_str(),
                    fault,
                    "a report was not stored"
                );
            }
        }
    }

    /// Changes the budget, and gives it where that changed anything.
    async fn change<B: Budgets, W, C: Clock>(
        &self,
        meter: &Meter<B, W, C>,
        change: impl Fn(Budget) -> Budget,
        until: Timestamp,
    ) -> Result<Option<Budget>, Fault> {
        for _ in 0..ROUNDS_MAX {
            if meter.clock.now() >= until {
                break;
            }
            let (budget, version) = meter.budgets.load(&self.id).await?;
            let after = change(budget);
            let is_so = after == budget;
            if is_so || meter.budgets.save(&self.id, &after, version).await? == Saved::Saved {
                self.slots.lock().await.know(after.terms(), meter.clock.now());
                return Ok(Some(after).filter(|_| !is_so));
            }
        }
        Ok(None)
    }

    fn tell<B, W, C>(&self, sign: Sign, budget: &Budget, now: Timestamp, meter: &Meter<B, W, C>) {
        let name = self.id.as_str();
        match sign {
            Sign::Failing => {
                let (openings, until) = (budget.openings, budget.open_until.map(Timestamp::as_millis));
                warn!(
                    alarm = "provider-breaker-open",
                    budget = name,
                    openings,
                    until,
                    "the provider is left alone"
                );
            }
            Sign::TooMany => {
                let rate = budget.rate(now, &meter.limits);
                warn!(alarm = "provider-limit", budget = name, rate, "the provider asks for fewer calls");
            }
            Sign::Well => tracing::info!(budget = name, "the provider is called again"),
            Sign::Nothing => {}
        }
    }

    fn note_blind(&self, slots: &mut Slots, fault: &Fault, now: Timestamp) {
        slots.rest_store(now);
        let fault = fault.chain();
        warn!(
            alarm = "provider-budget-blind",
            budget = self.id.as_str(),
            fault,
            "calls go on under this environment's own small limit"
        );
    }
}

/// The budget after what a call showed. A provider that asks a probe for fewer calls is there.
fn after(
    budget: Budget,
    sign: Sign,
    terms: Terms,
    now: Timestamp,
    limits: &domain::budget::BudgetLimits,
) -> Budget {
    match sign {
        Sign::Well => budget.on_success(),
        Sign::TooMany if terms.is_probe() => budget.on_refused(terms, now, limits).on_success(),
        Sign::TooMany => budget.on_refused(terms, now, limits),
        Sign::Failing => budget.on_fault(terms, now, limits),
        Sign::Nothing => budget,
    }
}
