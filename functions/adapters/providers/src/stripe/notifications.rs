//! What Stripe's events mean. Whatever nobody has taught us is parked, never guessed.

use app::ports::{Effect, NotificationReader};
use domain::ids::ProviderReference;
use domain::payment::PaymentOutcome;
use serde::de::DeserializeOwned;

use super::outcome;
use super::wire::{Charge, EventHead, EventOf, PaymentIntent, word};

/// Reads Stripe's snapshot events, by what they are about rather than by their names.
///
/// Order and repetition do not matter: each says where a payment stood when the event was made, and the donation only
/// ever moves forward. Which fields are read has not changed between API versions since 2022, so an event is read
/// whatever version the endpoint was set up with. Source: docs.stripe.com/api/events/types.
#[derive(Debug, Clone, Copy, Default)]
pub struct StripeNotifications;

impl NotificationReader for StripeNotifications {
    fn read(&self, body: &str) -> Effect {
        let Ok(head) = serde_json::from_str::<EventHead>(body) else {
            return unrecognised("a body that is not an event".to_owned());
        };
        let kind = word(&head.kind);
        match kind {
            "payment_intent.succeeded"
            | "payment_intent.payment_failed"
            | "payment_intent.requires_action"
            | "payment_intent.processing"
            | "payment_intent.canceled" => match object::<PaymentIntent>(body) {
                Some(payment) => of_payment(kind, &payment),
                None => unrecognised(format!("{kind} with a payment that cannot be read")),
            },
            "charge.refunded" => match object::<Charge>(body) {
                Some(charge) => of_refund(kind, &charge),
                None => unrecognised(format!("{kind} with a charge that cannot be read")),
            },
            _ if changes_nothing(kind) => Effect::Nothing,
            _ => unrecognised(kind.to_owned()),
        }
    }
}

/// Known types that change nothing here: the payment's own events say the same, or the account is concerned and not a
/// donation. Disputes, failed refunds and failed payouts are left out on purpose: money moves, and a person must look.
fn changes_nothing(kind: &str) -> bool {
    matches!(
        kind,
        "payment_intent.created"
            | "charge.succeeded"
            | "charge.failed"
            | "charge.pending"
            | "charge.updated"
            | "refund.created"
            | "refund.updated"
            | "charge.refund.updated"
            | "payout.created"
            | "payout.updated"
            | "payout.paid"
            | "payout.canceled"
            | "payout.reconciliation_completed"
            | "balance.available"
    )
}

fn object<T: DeserializeOwned>(body: &str) -> Option<T> {
    serde_json::from_str::<EventOf<T>>(body).ok().map(|event| event.data.object)
}

fn of_payment(kind: &str, payment: &PaymentIntent) -> Effect {
    let outcome = outcome::of_payment(payment);
    match (payment.donation(), outcome) {
        (Some(_), PaymentOutcome::Unknown { reason }) => {
            let status = word(payment.status.as_deref().unwrap_or("none"));
            unrecognised(format!("{kind} with status {status}: {reason}"))
        }
        (Some(donation), outcome) => Effect::Outcome { donation, outcome },
        // Money that came in and belongs to no donation is looked at; other payments of the account are not ours.
        (None, _) if kind == "payment_intent.succeeded" => {
            unrecognised("payment without donation".to_owned())
        }
        (None, _) => Effect::Nothing,
    }
}

fn of_refund(kind: &str, charge: &Charge) -> Effect {
    let Some(donation) = charge.metadata.as_ref().and_then(super::wire::Metadata::donation) else {
        return Effect::Nothing;
    };
    let reference = charge.payment_intent.as_deref().and_then(|id| ProviderReference::parse(id).ok());
    let whole = charge.amount.is_some() && charge.amount == charge.amount_refunded;
    match (reference, whole, charge.refunded) {
        (Some(reference), true, Some(true)) => Effect::Returned { donation, reference },
        (Some(_), false, Some(false)) => unrecognised(format!("{kind} in part, of donation {donation}")),
        (Some(_), _, _) => unrecognised(format!("{kind} that contradicts itself, of donation {donation}")),
        (None, _, _) => unrecognised(format!("{kind} without a payment, of donation {donation}")),
    }
}

const fn unrecognised(what: String) -> Effect {
    Effect::Unrecognised { what }
}
