//! A payment provider that keeps idempotency keys for ever and names payments by counting.

use std::collections::BTreeMap;

use app::ports::{Collection, Fault, PaymentProvider};
use domain::ids::{DonationId, ProviderReference};
use domain::money::Money;
use domain::payment::{DeclineReason, KeyLife, NextAction, PaymentOutcome};
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
    payments: BTreeMap<String, ProviderPayment>,
    /// Reference by idempotency key.
    keys: BTreeMap<String, String>,
}

impl Memory {
    /// Every payment at the provider, oldest first.
    pub fn provider_payments(&self) -> Vec<ProviderPayment> {
        self.state().provider.payments.values().cloned().collect()
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
        let outcome = outcome_of(collection, &reference);
        provider.keys.insert(collection.key.to_string(), text.clone());
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
        let call = self
            .call(Operation::CollectPayment, collection.donation.as_str(), |state| state.collect(collection));
        call.await.unwrap_or_else(|struck| match struck {
            Struck::Throttled => PaymentOutcome::NotExecuted { reason: "the provider turned the call away" },
            Struck::Lost => PaymentOutcome::Unknown { reason: "no answer" },
        })
    }

    async fn look_up(&self, reference: &ProviderReference) -> PaymentOutcome {
        let call = self.call(Operation::LookUpPayment, reference.as_str(), |state| {
            state.provider.payments.get(reference.as_str()).map(|payment| payment.outcome.clone())
        });
        match call.await {
            Ok(Some(outcome)) => outcome,
            Ok(None) => PaymentOutcome::Unknown { reason: "the provider has no such payment" },
            Err(_) => PaymentOutcome::Unknown { reason: "the look-up failed" },
        }
    }

    async fn find(&self, donation: &DonationId, since: Timestamp) -> Result<Option<PaymentOutcome>, Fault> {
        let call = self.call(Operation::FindPayment, donation.as_str(), |state| state.find(donation, since));
        call.await.map_err(|struck| struck.fault("read the provider's list"))
    }
}

fn outcome_of(collection: &Collection, reference: &ProviderReference) -> PaymentOutcome {
    let declined = |reason| PaymentOutcome::Declined { reference: Some(reference.clone()), reason };
    match collection.token.as_str() {
        "pm_card_chargeDeclined" => declined(DeclineReason::Refused),
        "pm_card_chargeDeclinedInsufficientFunds" => declined(DeclineReason::InsufficientFunds),
        "pm_card_authenticationRequired" => PaymentOutcome::ActionRequired {
            reference: reference.clone(),
            action: NextAction::Redirect { url: format!("https://bank.example/{reference}") },
        },
        _ => PaymentOutcome::Captured { reference: reference.clone(), amount: collection.amount },
    }
}
