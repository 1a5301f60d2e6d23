//! A payment provider that keeps idempotency keys for ever and names payments by counting.

use std::collections::BTreeMap;

use app::ports::{
    Collected, Collection, Fault, MovementPage, PaymentPage, PaymentProvider, RefundOrder, Sign, Watched,
};
use domain::ids::{DonationId, ProviderKey, ProviderReference, RefundId};
use domain::journal::Movement;
use domain::money::Money;
use domain::payment::{DeclineReason, KeyLife, NextAction, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews, RefundOutcome};
use domain::time::Timestamp;

use crate::calls::{Operation, Struck};
use crate::memory::{Memory, State};

/// Milliseconds that a call may take; nothing here takes any.
const CALL_MILLIS_MAX: u64 = 10_000;
/// Payments of one page, as at Stripe.
const PAGE_LENGTH: usize = 100;

/// A payment as the provider sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPayment {
    /// The provider's id.
    pub reference: ProviderReference,
    /// The donation that it was asked for.
    pub donation: DonationId,
    /// What was asked for.
    pub amount: Money,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Where it stands.
    pub outcome: PaymentOutcome,
}

/// What the provider holds.
#[derive(Default)]
pub(crate) struct Provider {
    /// By reference; references are counted, so this is also the order of creation.
    pub(crate) payments: BTreeMap<String, ProviderPayment>,
    /// Reference by idempotency key.
    pub(crate) keys: BTreeMap<String, String>,
    collections: Vec<Collection>,
    pub(crate) refund_orders: Vec<RefundOrder>,
    /// Refunds by the provider's id, which is counted.
    pub(crate) refunds: BTreeMap<String, RefundNews>,
    /// Disputes by the provider's id.
    pub(crate) disputes: BTreeMap<String, DisputeNews>,
    /// Every movement of the balance, oldest first.
    pub(crate) movements: Vec<Movement>,
}

impl Memory {
    /// Every payment at the provider, oldest first.
    pub fn provider_payments(&self) -> Vec<ProviderPayment> {
        self.state().provider.payments.values().cloned().collect()
    }

    /// Every request for a payment that had its effect, oldest first; a repetition is not there again.
    pub fn collections(&self) -> Vec<Collection> {
        self.state().provider.collections.clone()
    }

    /// Moves a payment on: the donor confirmed it, the bank ended it. False when there is no such payment.
    pub fn set_payment(&self, reference: &ProviderReference, outcome: PaymentOutcome) -> bool {
        match self.state().provider.payments.get_mut(reference.as_str()) {
            Some(payment) => {
                payment.outcome = outcome;
                true
            }
            None => false,
        }
    }
}

impl State {
    fn collect(&mut self, collection: &Collection) -> PaymentOutcome {
        let provider = &mut self.provider;
        if let Some(known) = provider.keys.get(collection.key.as_str()).and_then(|r| provider.payments.get(r))
        {
            return known.outcome.clone();
        }
        let text = format!("pi_{:012}", provider.payments.len() + 1);
        let reference = ProviderReference::parse(&text).expect("15 visible ASCII characters");
        let outcome = outcome_of(collection, &reference, self.now);
        provider.keys.insert(collection.key.to_string(), text.clone());
        provider.collections.push(collection.clone());
        let payment = ProviderPayment {
            reference,
            donation: collection.donation.clone(),
            amount: collection.amount,
            created_at: self.now,
            outcome: outcome.clone(),
        };
        provider.payments.insert(text, payment);
        outcome
    }

    /// A page of payments, newest first. References are counted, so their sequence is that of creation.
    fn payments(&self, since: Timestamp, after: Option<&str>) -> PaymentPage {
        let payments = &self.provider.payments;
        let older: Vec<&ProviderPayment> = match after {
            Some(after) => payments.range(..after.to_owned()).map(|(_, payment)| payment).collect(),
            None => payments.values().collect(),
        };
        let newest_first = older.into_iter().rev().filter(|payment| payment.created_at >= since);
        let mut page: Vec<&ProviderPayment> = newest_first.take(PAGE_LENGTH + 1).collect();
        let has_more = page.len() > PAGE_LENGTH;
        page.truncate(PAGE_LENGTH);
        let next = page.last().filter(|_| has_more).map(|payment| payment.reference.to_string());
        let named = |payment: &&ProviderPayment| (payment.donation.clone(), payment.outcome.clone());
        PaymentPage { payments: page.iter().map(named).collect(), next }
    }
}

impl PaymentProvider for Memory {
    fn key_life(&self) -> KeyLife {
        KeyLife::DAY
    }

    fn call_millis_max(&self) -> u64 {
        CALL_MILLIS_MAX
    }

    /// The token says what happens, by Stripe's names of test cards (docs.stripe.com/testing); any other token is
    /// captured.
    async fn collect(&self, collection: &Collection) -> Watched<Collected> {
        let asked = collection.clone();
        let call = self.call(Operation::CollectPayment, collection.donation.as_str(), move |state| {
            state.collect(&asked)
        });
        let watched = requested(call.await, |struck| match struck {
            Struck::Throttled => PaymentOutcome::NotExecuted { reason: "the provider turned the call away" },
            Struck::Lost => PaymentOutcome::Unknown { reason: "no answer" },
        });
        let was_answered = watched.sign == Sign::Well;
        let card = was_answered.then(|| collection.token.as_str().split("_token").next()).flatten();
        watched.map(|outcome| Collected { outcome, card: card.map(str::to_owned) })
    }

    async fn look_up(&self, reference: &ProviderReference) -> Watched<PaymentOutcome> {
        let key = reference.to_string();
        let call = self.call(Operation::LookUpPayment, reference.as_str(), move |state| {
            let payment = state.provider.payments.get(&key);
            let nothing = PaymentOutcome::Unknown { reason: "the provider has no such payment" };
            payment.map_or(nothing, |payment| payment.outcome.clone())
        });
        watched(call.await, |_| PaymentOutcome::Unknown { reason: "the look-up failed" })
    }

    async fn payments(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<PaymentPage, Fault>> {
        let page = after.map(str::to_owned);
        let call = self.call(Operation::ListPayments, after.unwrap_or_default(), move |state| {
            state.payments(since, page.as_deref())
        });
        listed(call.await, "read the provider's list of payments")
    }

    async fn call_off(&self, reference: &ProviderReference, _: &ProviderKey) -> Watched<PaymentOutcome> {
        let payment = reference.clone();
        let call =
            self.call(Operation::CallOffPayment, reference.as_str(), move |state| state.call_off(&payment));
        watched(call.await, |_| PaymentOutcome::Unknown { reason: "the payment could not be called off" })
    }

    async fn refund(&self, order: &RefundOrder) -> Watched<RefundOutcome> {
        let asked = order.clone();
        let call = self.call(Operation::Refund, order.refund.as_str(), move |state| state.refund(&asked));
        requested(call.await, |struck| match struck {
            Struck::Throttled => RefundOutcome::NotExecuted { reason: "the provider turned the call away" },
            Struck::Lost => RefundOutcome::Unknown { reason: "no answer" },
        })
    }

    async fn look_up_refund(&self, reference: &ProviderReference) -> Watched<RefundOutcome> {
        let key = reference.to_string();
        let call = self.call(Operation::LookUpRefund, reference.as_str(), move |state| {
            let refund = state.provider.refunds.get(&key);
            let nothing = RefundOutcome::Rejected { code: "resource_missing".to_owned() };
            refund.map_or(nothing, |news| RefundOutcome::Known(news.clone()))
        });
        watched(call.await, |_| RefundOutcome::Unknown { reason: "the look-up failed" })
    }

    async fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> Watched<Result<Option<RefundNews>, Fault>> {
        let (payment, id) = (payment.clone(), refund.clone());
        let call = self.call(Operation::FindRefund, refund.as_str(), move |state| {
            let mut refunds = state.provider.refunds.values();
            refunds.find(|news| news.payment == payment && news.id.as_ref() == Some(&id)).cloned()
        });
        listed(call.await, "read the provider's refunds")
    }

    async fn look_up_dispute(
        &self,
        reference: &ProviderReference,
    ) -> Watched<Result<Option<DisputeNews>, Fault>> {
        let key = reference.to_string();
        let call = self.call(Operation::LookUpDispute, reference.as_str(), move |state| {
            state.provider.disputes.get(&key).cloned()
        });
        listed(call.await, "look a dispute up")
    }

    async fn donation_of(&self, payment: &ProviderReference) -> Watched<Result<Option<DonationId>, Fault>> {
        let key = payment.to_string();
        let call = self.call(Operation::LookUpDonation, payment.as_str(), move |state| {
            state.provider.payments.get(&key).map(|payment| payment.donation.clone())
        });
        listed(call.await, "ask which donation a payment names")
    }

    async fn movements(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<MovementPage, Fault>> {
        let page = after.map(str::to_owned);
        let call = self.call(Operation::ReadMovements, after.unwrap_or_default(), move |state| {
            state.movements(since, page.as_deref())
        });
        listed(call.await, "read the provider's balance")
    }
}

/// An answer, or what a struck call says.
fn watched<T>(answer: Result<T, Struck>, said: impl FnOnce(Struck) -> T) -> Watched<T> {
    match answer {
        Ok(answer) => Watched::of(answer, Sign::Well),
        Err(struck) => Watched::of(said(struck), struck.sign()),
    }
}

/// The same for a request: one that was throttled was not executed, and may be made again.
fn requested<T>(answer: Result<T, Struck>, said: impl FnOnce(Struck) -> T) -> Watched<T> {
    let watched = watched(answer, said);
    Watched { again: watched.sign == Sign::TooMany, ..watched }
}

/// What a list or an object says, or the fault of a struck call.
fn listed<T>(answer: Result<T, Struck>, doing: &'static str) -> Watched<Result<T, Fault>> {
    watched(answer.map(Ok), |struck| Err(struck.fault(doing)))
}

impl Struck {
    /// What a struck call shows of the provider.
    const fn sign(self) -> Sign {
        match self {
            Self::Throttled => Sign::TooMany,
            Self::Lost => Sign::Failing,
        }
    }
}

fn outcome_of(
    collection: &Collection,
    reference: &ProviderReference,
    created_at: Timestamp,
) -> PaymentOutcome {
    let declined = |reason| PaymentOutcome::Declined { reference: Some(reference.clone()), reason };
    match same_card(collection.token.as_str()) {
        "pm_card_chargeDeclined" => declined(DeclineReason::Refused),
        "pm_card_chargeDeclinedInsufficientFunds" => declined(DeclineReason::InsufficientFunds),
        "pm_card_authenticationRequired" => PaymentOutcome::ActionRequired {
            reference: reference.clone(),
            action: NextAction::Redirect { url: format!("https://bank.example/{reference}") },
        },
        _ => {
            let (reference, amount) = (reference.clone(), collection.amount);
            PaymentOutcome::Captured { reference, amount, created_at }
        }
    }
}

/// What the card does: `_card` and digits make it another card that does the same, as at the sandbox.
fn same_card(token: &str) -> &str {
    match token.split("_token").next().and_then(|card| card.rsplit_once("_card")) {
        Some((same, digits)) if digits.bytes().all(|digit| digit.is_ascii_digit()) => same,
        Some(_) | None => token,
    }
}
