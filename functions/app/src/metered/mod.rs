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

use domain::budget::{BudgetId, BudgetLimits, Held};
use domain::ids::{DonationId, ProviderKey, ProviderReference, RefundId};
use domain::payment::{KeyLife, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews, RefundOutcome};
use domain::time::{Span, Timestamp};

use crate::ports::{
    Budgets, Clock, Collected, Collection, Fault, MovementPage, Pause, PaymentProvider, RefundOrder, Sign,
    Watched, WatchedProvider,
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

impl<P: WatchedProvider, B: Budgets, W: Pause, C: Clock> Metered<P, B, W, C> {
    /// Makes a call in its turn, and again where the provider turned it away for the moment and there is
    /// time.
    async fn call<T>(&self, lane: &Lane, call: impl AsyncFn() -> Watched<T>) -> Result<T, Held> {
        let begun = self.meter.clock.now();
        let until = begun.plus(WAIT_MAX);
        let report_until = begun.plus(Span::millis(self.call_millis_max()));
        let mut said = None;
        for _ in 0..CALLS_MAX {
            let turn = match lane.turn(&self.meter, until).await {
                Ok(turn) => turn,
                Err(held) => return said.ok_or(held),
            };
            let watched = call().await;
            lane.report(&self.meter, turn, watched.sign, report_until).await;
            said = Some(watched.said);
            if !watched.again || self.meter.clock.now().plus(AGAIN_AFTER) >= until {
                break;
            }
            self.meter.pause.pause(AGAIN_AFTER).await;
        }
        said.ok_or(Held::Spent)
    }
}

impl<P: WatchedProvider, B: Budgets, W: Pause, C: Clock> Metered<P, B, W, C> {
    /// Asks a question in its turn.
    async fn question<T>(&self, question: impl AsyncFn() -> Result<T, Fault>) -> Result<T, Fault> {
        let call = async || {
            let said = question().await;
            let sign = if said.is_ok() { Sign::Well } else { Sign::Nothing };
            Watched::of(said, sign)
        };
        let called = self.call(&self.reads, call).await;
        called.unwrap_or_else(|held| Err(Fault::transient("ask the provider", reason(held))))
    }
}

impl<P: WatchedProvider, B: Budgets, W: Pause, C: Clock> PaymentProvider for Metered<P, B, W, C> {
    fn key_life(&self) -> KeyLife {
        self.provider.key_life()
    }

    fn call_millis_max(&self) -> u64 {
        self.provider.call_millis_max().saturating_add(WAIT_MAX.as_millis())
    }

    async fn collect(&self, collection: &Collection) -> PaymentOutcome {
        self.collect_seeing_card(collection).await.outcome
    }

    async fn collect_seeing_card(&self, collection: &Collection) -> Collected {
        let called = self.call(&self.creates, async || self.provider.watch_collect(collection).await).await;
        called.unwrap_or_else(|held| Collected {
            outcome: PaymentOutcome::NotExecuted { reason: reason(held) },
            card: None,
        })
    }

    async fn look_up(&self, reference: &ProviderReference) -> PaymentOutcome {
        let called = self.call(&self.reads, async || self.provider.watch_look_up(reference).await).await;
        called.unwrap_or_else(|held| PaymentOutcome::Unknown { reason: reason(held) })
    }

    /// As the provider's own, save that a list which cannot be read just now leaves the payment unknown: the
    /// message is done with, and the completer asks again. While a provider is down for hours, messages that
    /// came back would end among the dead letters.
    async fn find(&self, donation: &DonationId, since: Timestamp) -> Result<Option<PaymentOutcome>, Fault> {
        let unknown = |reason| Ok(Some(PaymentOutcome::Unknown { reason }));
        let call = async || self.provider.watch_find(donation, since).await;
        match self.call(&self.reads, call).await {
            Ok(Err(fault @ Fault::Transient { .. })) => {
                let fault = fault.chain();
                tracing::warn!(donation.id = %donation, fault, "the provider's list is read later");
                unknown("the provider's list could not be read")
            }
            Ok(found) => found,
            Err(held) => unknown(reason(held)),
        }
    }

    async fn call_off(&self, reference: &ProviderReference, key: &ProviderKey) -> PaymentOutcome {
        let call = async || {
            let outcome = self.provider.call_off(reference, key).await;
            let sign =
                if matches!(outcome, PaymentOutcome::Unknown { .. }) { Sign::Nothing } else { Sign::Well };
            Watched::of(outcome, sign)
        };
        let called = self.call(&self.creates, call).await;
        called.unwrap_or_else(|held| PaymentOutcome::Unknown { reason: reason(held) })
    }

    async fn refund(&self, order: &RefundOrder) -> RefundOutcome {
        let call = async || watched_refund(self.provider.refund(order).await);
        let called = self.call(&self.creates, call).await;
        called.unwrap_or_else(|held| RefundOutcome::NotExecuted { reason: reason(held) })
    }

    async fn look_up_refund(&self, reference: &ProviderReference) -> RefundOutcome {
        let call = async || watched_refund(self.provider.look_up_refund(reference).await);
        let called = self.call(&self.reads, call).await;
        called.unwrap_or_else(|held| RefundOutcome::Unknown { reason: reason(held) })
    }

    async fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> Result<Option<RefundNews>, Fault> {
        self.question(async || self.provider.find_refund(payment, refund).await).await
    }

    async fn look_up_dispute(&self, reference: &ProviderReference) -> Result<Option<DisputeNews>, Fault> {
        self.question(async || self.provider.look_up_dispute(reference).await).await
    }

    async fn donation_of(&self, payment: &ProviderReference) -> Result<Option<DonationId>, Fault> {
        self.question(async || self.provider.donation_of(payment).await).await
    }

    async fn movements(&self, since: Timestamp, after: Option<&str>) -> Result<MovementPage, Fault> {
        self.question(async || self.provider.movements(since, after).await).await
    }
}

/// What a refund's answer shows of the provider: one that was not executed says nothing for certain.
const fn watched_refund(outcome: RefundOutcome) -> Watched<RefundOutcome> {
    let sign = match outcome {
        RefundOutcome::Known(_) | RefundOutcome::Rejected { .. } => Sign::Well,
        RefundOutcome::NotExecuted { .. } => Sign::Nothing,
        RefundOutcome::Unknown { .. } => Sign::Failing,
    };
    Watched::of(outcome, sign)
}

const fn reason(held: Held) -> &'static str {
    match held {
        Held::Spent => "the provider's budget is spent",
        Held::Open => "the provider is not being called at present",
    }
}
