//! What Stripe's events mean. Whatever nobody has taught us is parked, never guessed.

use app::ports::{About, Effect, NotificationReader};
use domain::ids::{Provider, ProviderReference};
use domain::payment::PaymentOutcome;
use serde::de::DeserializeOwned;

use super::disputes::{self, DisputeObject};
use super::outcome::{self, money};
use super::refunds::{self, RefundObject};
use super::wire::{EventHead, EventOf, PaymentIntent, Payout};
use crate::words::word;

/// Reads Stripe's snapshot events, by what they are about rather than by their names.
///
/// Order and repetition do not matter: each says where a payment stood when the event was made, and the donation only
/// ever moves forward. Which fields are read has not changed between API versions since 2022, so an event is read
/// whatever version the endpoint was set up with. Source: docs.stripe.com/api/events/types.
#[derive(Debug, Clone, Copy, Default)]
pub struct StripeNotifications;

impl NotificationReader for StripeNotifications {
    fn read(&self, _: Provider, body: &str) -> Effect {
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
            "refund.created" | "refund.updated" | "refund.failed" => {
                match object::<RefundObject>(body).as_ref().and_then(refunds::news_of) {
                    Some(news) => Effect::Refund { about: About::Payment(news.payment.clone()), news },
                    None => unrecognised(format!("{kind} with a refund that cannot be read")),
                }
            }
            "charge.dispute.created"
            | "charge.dispute.updated"
            | "charge.dispute.closed"
            | "charge.dispute.funds_withdrawn"
            | "charge.dispute.funds_reinstated" => {
                match object::<DisputeObject>(body).as_ref().and_then(disputes::news_of) {
                    Some(news) => Effect::Dispute { about: About::Payment(news.payment.clone()), news },
                    None => unrecognised(format!("{kind} with a dispute that cannot be read")),
                }
            }
            "payout.failed" => match object::<Payout>(body).as_ref().and_then(of_failed_payout) {
                Some(effect) => effect,
                None => unrecognised(format!("{kind} with a payout that cannot be read")),
            },
            _ if changes_nothing(kind) => Effect::Nothing,
            _ => unrecognised(kind.to_owned()),
        }
    }
}

/// Known types that change nothing here: the payment's, the refund's or the dispute's own events say the same, or the
/// balance is concerned, which is read as a whole.
fn changes_nothing(kind: &str) -> bool {
    matches!(
        kind,
        "payment_intent.created"
            | "charge.succeeded"
            | "charge.failed"
            | "charge.pending"
            | "charge.updated"
            | "charge.refunded"
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
        (Some(donation), outcome) => Effect::Outcome { about: About::Donation(donation), outcome },
        // Money that came in and belongs to no donation is looked at; other payments of the account are not ours.
        (None, PaymentOutcome::Captured { reference, amount, .. }) => {
            Effect::Orphan { payment: reference, amount }
        }
        (None, _) if kind == "payment_intent.succeeded" => {
            unrecognised("payment without donation".to_owned())
        }
        (None, _) => Effect::Nothing,
    }
}

fn of_failed_payout(payout: &Payout) -> Option<Effect> {
    let amount = money(payout.amount?, payout.currency.as_deref()?)?;
    Some(Effect::PayoutFailed { payout: ProviderReference::parse(&payout.id).ok()?, amount })
}

const fn unrecognised(what: String) -> Effect {
    Effect::Unrecognised { what }
}
