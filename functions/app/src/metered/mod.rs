//! A payment provider that is called no faster than its account allows, over all environments together.
//!
//! Each environment takes a small slice of calls at a time out of a budget that all of them share, and each
//! call waits in place for its turn. What does not get a turn within [`WAIT_MAX`] is not executed: nothing
//! was sent, the donation still owes its payment, and the completer takes it up again. So a provider that is
//! slow, limited or down delays payments and never declines them, and the messages that wait for a turn leave
//! the others in the queue.
//!
//! Where the budget cannot be read or written, calls go on under a small limit of each environment's own,
//! with an alarm.

mod lane;
mod slots;

use contracts::telemetry::{Metric, measure_of};
use domain::budget::{BudgetId, BudgetLimits, Held};
use domain::ids::{DonationId, ProviderKey, ProviderReference, RefundId};
use domain::payment::{KeyLife, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews, RefundOutcome};
use domain::time::{Span, Timestamp};

use crate::ports::{
    Budgets, Clock, Collected, Collection, Fault, MovementPage, Pause, PaymentPage, PaymentProvider,
    RefundOrder, Sign, Watched,
};
use lane::Lane;

/// How long a call waits for its turn.
pub const WAIT_MAX: Span = Span::seconds(8);
/// How long after a call that may be made again.
const AGAIN_AFTER: Span = Span::millis(500);
/// Most calls for one question, those that were certainly not executed included.
const CALLS_MAX: usize = 3;

/// A provider, paced by its budgets: one for calls that make payments and one for questions.
#[derive(Debug)]
pub struct Metered<P, B, W, C> {
    provider: P,
    meter: Meter<B, W, C>,
    creates: Lane,
    reads: Lane,
}

/// What pacing needs from the world, and the pace.
#[derive(Debug)]
pub struct Meter<B, W, C> {
    /// Where the budgets are.
    pub budgets: B,
    /// Waiting.
    pub pause: W,
    /// The time.
    pub clock: C,
    /// What the provider allows for each kind of calls.
    pub limits: BudgetLimits,
}

/// The two budgets of a provider's account.
#[derive(Debug, Clone)]
pub struct Account {
    /// For calls that make payments.
    pub creates: BudgetId,
    /// For questions.
    pub reads: BudgetId,
}

impl<P, B, W, C> Metered<P, B, W, C> {
    /// Paces a provider by the budgets of its account.
    pub fn new(provider: P, account: Account, meter: Meter<B, W, C>) -> Self {
        Self { provider, meter, creates: Lane::new(account.creates), reads: Lane::new(account.reads) }
    }
}

impl<P: PaymentProvider, B: Budgets, W: Pause, C: Clock> Metered<P, B, W, C> {
    /// Makes a call in its turn, and again where the provider turned it away for the moment and there is
    /// time. Without a turn nothing is sent, and `held` is what that says.
    async fn call<T>(
        &self,
        lane: &Lane,
        call: impl AsyncFn() -> Watched<T>,
        held: impl FnOnce(&'static str) -> T,
    ) -> Watched<T> {
        let begun = self.meter.clock.now();
        let until = begun.plus(WAIT_MAX);
        let report_until = begun.plus(Span::millis(self.call_millis_max()));
        let mut last = None;
        let mut why = Held::Spent;
        for _ in 0..CALLS_MAX {
            let turn = match lane.turn(&self.meter, until).await {
                Ok(turn) => turn,
                Err(held) => {
                    why = held;
                    break;
                }
            };
            let called = self.meter.clock.now();
            let watched = call().await;
            let took = self.meter.clock.now().since(called);
            measure_of(Metric::ProviderMillis, [lane.account()], took.as_millis());
            lane.report(&self.meter, turn, watched.sign, report_until).await;
            let again = watched.again;
            last = Some(watched);
            if !again || self.meter.clock.now().plus(AGAIN_AFTER) >= until {
                break;
            }
            self.meter.pause.pause(AGAIN_AFTER).await;
        }
        last.unwrap_or_else(|| Watched::of(held(reason(why)), Sign::Nothing))
    }

    /// Asks a question in its turn.
    async fn question<T>(
        &self,
        question: impl AsyncFn() -> Watched<Result<T, Fault>>,
    ) -> Watched<Result<T, Fault>> {
        let held = |reason| Err(Fault::transient("ask the provider", reason));
        self.call(&self.reads, question, held).await
    }
}

impl<P: PaymentProvider, B: Budgets, W: Pause, C: Clock> PaymentProvider for Metered<P, B, W, C> {
    fn key_life(&self) -> KeyLife {
        self.provider.key_life()
    }

    fn call_millis_max(&self) -> u64 {
        self.provider.call_millis_max().saturating_add(WAIT_MAX.as_millis())
    }

    async fn collect(&self, collection: &Collection) -> Watched<Collected> {
        let held = |reason| Collected { outcome: PaymentOutcome::NotExecuted { reason }, card: None };
        self.call(&self.creates, async || self.provider.collect(collection).await, held).await
    }

    async fn look_up(&self, reference: &ProviderReference) -> Watched<PaymentOutcome> {
        let held = |reason| PaymentOutcome::Unknown { reason };
        self.call(&self.reads, async || self.provider.look_up(reference).await, held).await
    }

    async fn payments(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<PaymentPage, Fault>> {
        self.question(async || self.provider.payments(since, after).await).await
    }

    async fn call_off(&self, reference: &ProviderReference, key: &ProviderKey) -> Watched<PaymentOutcome> {
        let held = |reason| PaymentOutcome::Unknown { reason };
        self.call(&self.creates, async || self.provider.call_off(reference, key).await, held).await
    }

    async fn refund(&self, order: &RefundOrder) -> Watched<RefundOutcome> {
        let held = |reason| RefundOutcome::NotExecuted { reason };
        self.call(&self.creates, async || self.provider.refund(order).await, held).await
    }

    async fn look_up_refund(&self, reference: &ProviderReference) -> Watched<RefundOutcome> {
        let held = |reason| RefundOutcome::Unknown { reason };
        self.call(&self.reads, async || self.provider.look_up_refund(reference).await, held).await
    }

    async fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> Watched<Result<Option<RefundNews>, Fault>> {
        self.question(async || self.provider.find_refund(payment, refund).await).await
    }

    async fn look_up_dispute(
        &self,
        reference: &ProviderReference,
    ) -> Watched<Result<Option<DisputeNews>, Fault>> {
        self.question(async || self.provider.look_up_dispute(reference).await).await
    }

    async fn donation_of(&self, payment: &ProviderReference) -> Watched<Result<Option<DonationId>, Fault>> {
        self.question(async || self.provider.donation_of(payment).await).await
    }

    async fn movements(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<MovementPage, Fault>> {
        self.question(async || self.provider.movements(since, after).await).await
    }
}

const fn reason(held: Held) -> &'static str {
    match held {
        Held::Spent => "the provider's budget is spent",
        Held::Open => "the provider is not being called at present",
    }
}
