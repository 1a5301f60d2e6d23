//! A payment provider that keeps idempotency keys for ever and names payments by counting.

use std::collections::BTreeMap;

use app::ports::{
    Collected, Collection, Fault, MovementPage, PaymentProvider, RefundOrder, Sign, Watched, WatchedProvider,
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

    fn find(&self, donation: &DonationId, since: Timestamp) -> Option<PaymentOutcome> {
        let listed = self.provider.payments.values();
        let mine = listed.filter(|payment| payment.donation == *donation && payment.created_at >= since);
        let mut outcomes = mine.map(|payment| payment.outcome.clone()).collect::<Vec<_>>();
        let captured = outcomes.iter().position(|outcome| matches!(outcome, PaymentOutcome::Captured { .. }));
        match captured {
            Some(captured) => Some(outcomes.swap_remove(captured)),
            None => outcomes.pop(),
        }
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
    async fn collect(&self, collection: &Collection) -> PaymentOutcome {
        self.collect_seeing_card(collection).await.outcome
    }

    async fn collect_seeing_card(&self, collection: &Collection) -> Collected {
        self.watch_collect(collection).await.said
    }

    async fn look_up(&self, reference: &ProviderReference) -> PaymentOutcome {
        self.watch_look_up(reference).await.said
    }

    async fn find(&self, donation: &DonationId, since: Timestamp) -> Result<Option<PaymentOutcome>, Fault> {
        self.watch_find(donation, since).await.said
    }

    async fn call_off(&self, reference: &ProviderReference, _: &ProviderKey) -> PaymentOutcome {
        let payment = reference.clone();
        let call =
            self.call(Operation::CallOffPayment, reference.as_str(), move |state| state.call_off(&payment));
        call.await.unwrap_or(PaymentOutcome::Unknown { reason: "the payment could not be called off" })
    }

    async fn refund(&self, order: &RefundOrder) -> RefundOutcome {
        let asked = order.clone();
        let call = self.call(Operation::Refund, order.refund.as_str(), move |state| state.refund(&asked));
        call.await.unwrap_or_else(|struck| match struck {
            Struck::Throttled => RefundOutcome::NotExecuted { reason: "the provider turned the call away" },
            Struck::Lost => RefundOutcome::Unknown { reason: "no answer" },
        })
    }

    async fn look_up_refund(&self, reference: &ProviderReference) -> RefundOutcome {
        let key = reference.to_string();
        let call = self.call(Operation::LookUpRefund, reference.as_str(), move |state| {
            state.provider.refunds.get(&key).cloned()
        });
        match call.await {
            Ok(Some(news)) => RefundOutcome::Known(news),
            Ok(None) => RefundOutcome::Rejected { code: "resource_missing".to_owned() },
            Err(_) => RefundOutcome::Unknown { reason: "the look-up failed" },
        }
    }

    async fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> Result<Option<RefundNews>, Fault> {
        let (payment, id) = (payment.clone(), refund.clone());
        let call = self.call(Operation::FindRefund, refund.as_str(), move |state| {
            let mut refunds = state.provider.refunds.values();
            refunds.find(|news| news.payment == payment && news.id.as_ref() == Some(&id)).cloned()
        });
        call.await.map_err(|struck| struck.fault("read the provider's refunds"))
    }

    async fn look_up_dispute(&self, reference: &ProviderReference) -> Result<Option<DisputeNews>, Fault> {
        let key = reference.to_string();
        let call = self.call(Operation::LookUpDispute, reference.as_str(), move |state| {
            state.provider.disputes.get(&key).cloned()
        });
        call.await.map_err(|struck| struck.fault("look a dispute up"))
    }

    async fn donation_of(&self, payment: &ProviderReference) -> Result<Option<DonationId>, Fault> {
        let key = payment.to_string();
        let call = self.call(Operation::LookUpDonation, payment.as_str(), move |state| {
            state.provider.payments.get(&key).map(|payment| payment.donation.clone())
        });
        call.await.map_err(|struck| struck.fault("ask which donation a payment names"))
    }

    async fn movements(&self, since: Timestamp, after: Option<&str>) -> Result<MovementPage, Fault> {
        let page = after.map(str::to_owned);
        let call = self.call(Operation::ReadMovements, after.unwrap_or_default(), move |state| {
            state.movements(since, page.as_deref())
        });
        call.await.map_err(|struck| struck.fault("read the provider's balance"))
    }
}

impl WatchedProvider for Memory {
    async fn watch_collect(&self, collection: &Collection) -> Watched<Collected> {
        let asked = collection.clone();
        let call = self.call(Operation::CollectPayment, collection.donation.as_str(), move |state| {
            state.collect(&asked)
        });
        match call.await {
            Ok(outcome) => {
                let card = collection.token.as_str().split("_token").next().map(str::to_owned);
                Watched::of(Collected { outcome, card }, Sign::Well)
            }
            Err(struck @ Struck::Throttled) => {
                let outcome = PaymentOutcome::NotExecuted { reason: "the provider turned the call away" };
                Watched { said: Collected { outcome, card: None }, sign: struck.sign(), again: true }
            }
            Err(struck @ Struck::Lost) => {
                let outcome = PaymentOutcome::Unknown { reason: "no answer" };
                Watched::of(Collected { outcome, card: None }, struck.sign())
            }
        }
    }

    async fn watch_look_up(&self, reference: &ProviderReference) -> Watched<PaymentOutcome> {
        let key = reference.to_string();
        let call = self.call(Operation::LookUpPayment, reference.as_str(), move |state| {
            state.provider.payments.get(&key).map(|payment| payment.outcome.clone())
        });
        match call.await {
            Ok(Some(outcome)) => Watched::of(outcome, Sign::Well),
            Ok(None) => {
                let reason = "the provider has no such payment";
                Watched::of(PaymentOutcome::Unknown { reason }, Sign::Well)
            }
            Err(struck) => {
                Watched::of(PaymentOutcome::Unknown { reason: "the look-up failed" }, struck.sign())
            }
        }
    }

    async fn watch_find(
        &self,
        donation: &DonationId,
        since: Timestamp,
    ) -> Watched<Result<Option<PaymentOutcome>, Fault>> {
        let wanted = donation.clone();
        let call =
            self.call(Operation::FindPayment, donation.as_str(), move |state| state.find(&wanted, since));
        match call.await {
            Ok(found) => Watched::of(Ok(found), Sign::Well),
            Err(struck) => Watched::of(Err(struck.fault("read the provider's list")), struck.sign()),
        }
    }
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
