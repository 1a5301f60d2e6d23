//! What Stripe's answers mean. Whatever is not certain is unknown.

use app::ports::Collection;
use domain::currency::Currency;
use domain::ids::ProviderReference;
use domain::money::Money;
use domain::payment::{DeclineReason, NextAction, PaymentOutcome};
use domain::time::Timestamp;
use reqwest::Url;
use serde_json::Value;

use super::client::Answer;
use super::declines;
use super::wire::{ApiError, ErrorAnswer, PaymentIntent};
use crate::settings;
use crate::words::word;

/// What the answer to a request for this collection means.
pub(super) fn of_collect(answer: &Answer, collection: &Collection) -> PaymentOutcome {
    match answer.status {
        // The limiter runs before anything is stored or done, and so does the check of the key.
        429 => return PaymentOutcome::NotExecuted { reason: "the provider asks for fewer requests" },
        401 | 403 => return PaymentOutcome::NotExecuted { reason: "the provider refuses our API key" },
        500.. if answer.replayed => return unknown("the provider repeats a stored server error"),
        500.. => return unknown("the provider failed"),
        _ => {}
    }
    let Some(body) = &answer.body else { return unknown("the provider's answer did not arrive whole") };
    if (200..300).contains(&answer.status) {
        return match serde_json::from_slice(body) {
            Ok(payment) => of_payment_for(&payment, collection),
            Err(_) => unknown("the provider's answer cannot be read"),
        };
    }
    match serde_json::from_slice::<ErrorAnswer>(body) {
        Ok(ErrorAnswer { error }) => of_error(answer, &error, collection),
        Err(_) => unknown("the provider's error cannot be read"),
    }
}

/// What Stripe calls the card for good (`fingerprint`: the same for one card number in one account, whatever token
/// stands for it), where the answer tells: in the charge of a payment, or in the payment method of a decline.
pub(super) fn card_of(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(answer.body.as_deref()?).ok()?;
    let places =
        ["/latest_charge/payment_method_details/card/fingerprint", "/error/payment_method/card/fingerprint"];
    let fingerprint = places.iter().find_map(|place| body.pointer(place)?.as_str())?;
    let is_name =
        (1..=64).contains(&fingerprint.len()) && fingerprint.bytes().all(|b| b.is_ascii_alphanumeric());
    is_name.then(|| fingerprint.to_owned())
}

/// What the answer to a question about this payment means. A failed question says nothing about the payment.
pub(super) fn of_look_up(answer: &Answer, reference: &ProviderReference) -> PaymentOutcome {
    if !(200..300).contains(&answer.status) {
        return unknown("the provider did not show the payment");
    }
    let Some(body) = &answer.body else { return unknown("the provider's answer did not arrive whole") };
    match serde_json::from_slice::<PaymentIntent>(body) {
        Ok(payment) if payment.id == reference.as_str() => of_payment(&payment),
        Ok(_) => unknown("the provider's answer is about another payment"),
        Err(_) => unknown("the provider's answer cannot be read"),
    }
}

/// What the answer to a cancellation of this payment means. A payment that cannot be cancelled any more comes along
/// with the error (docs.stripe.com/api/payment_intents/cancel). A failing provider's word is not taken.
pub(super) fn of_cancel(answer: &Answer, reference: &ProviderReference) -> PaymentOutcome {
    if (200..300).contains(&answer.status) {
        return of_look_up(answer, reference);
    }
    let body = answer.body.as_ref().filter(|_| (400..500).contains(&answer.status));
    let error = body.and_then(|body| serde_json::from_slice::<ErrorAnswer>(body).ok());
    match error.and_then(|answer| answer.error.payment_intent) {
        Some(payment) if payment.id == reference.as_str() => of_payment(&payment),
        Some(_) | None => unknown("the payment could not be called off"),
    }
}

/// What a payment's own state means.
pub(super) fn of_payment(payment: &PaymentIntent) -> PaymentOutcome {
    let Ok(reference) = ProviderReference::parse(&payment.id) else {
        return unknown("the payment's id is not of a known form");
    };
    match (payment.status.as_deref(), &payment.last_payment_error) {
        (Some("succeeded"), _) => captured(payment, reference),
        (Some("processing"), _) => PaymentOutcome::Processing { reference },
        (Some("requires_action"), _) => match action(payment) {
            Some(action) => PaymentOutcome::ActionRequired { reference, action },
            None => unknown("the bank asks for something that the provider does not name"),
        },
        (Some("canceled"), _) => PaymentOutcome::Cancelled { reference },
        (Some("requires_payment_method"), Some(error)) => {
            PaymentOutcome::Declined { reference: Some(reference), reason: declines::reason(error) }
        }
        (Some("requires_payment_method" | "requires_confirmation"), _) => {
            unknown("the payment exists but was not tried")
        }
        (Some("requires_capture"), _) => unknown("the money is held but not taken"),
        (Some(_) | None, _) => unknown("the payment's status is not known"),
    }
}

/// A payment counts as the answer only if it is for our donation. Where money was taken the amount is reported as it
/// is, so that a difference is seen; short of that an amount other than ours means that the answer is not ours.
fn of_payment_for(payment: &PaymentIntent, collection: &Collection) -> PaymentOutcome {
    if payment.donation().as_ref() != Some(&collection.donation) {
        return unknown("the provider's answer is about another donation");
    }
    let outcome = of_payment(payment);
    let amount_is_seen = matches!(outcome, PaymentOutcome::Captured { .. } | PaymentOutcome::Unknown { .. });
    if amount_is_seen || is_for_amount(payment, collection.amount) {
        return outcome;
    }
    unknown("the provider's answer is about another amount")
}

fn is_for_amount(payment: &PaymentIntent, amount: Money) -> bool {
    let currency = payment.currency.as_deref().and_then(currency);
    payment.amount == Some(amount.minor()) && currency == Some(amount.currency())
}

fn captured(payment: &PaymentIntent, reference: ProviderReference) -> PaymentOutcome {
    let amount = payment.amount_received.zip(payment.currency.as_deref());
    let created_at =
        payment.created.and_then(|seconds| seconds.checked_mul(1_000)).map(Timestamp::from_millis);
    match amount.and_then(|(minor, currency)| money(minor, currency)).zip(created_at) {
        Some((amount, created_at)) => PaymentOutcome::Captured { reference, amount, created_at },
        None => unknown("money was taken, but how much and when cannot be read"),
    }
}

/// Money as Stripe spells it: minor units and a currency in lower case.
pub(super) fn money(minor: u64, code: &str) -> Option<Money> {
    Money::from_minor(minor, currency(code)?).ok()
}

/// Stripe spells currencies in lower case.
fn currency(text: &str) -> Option<Currency> {
    Currency::from_code(&text.to_ascii_uppercase()).ok()
}

/// The donor's browser is sent only to an address that is encrypted, or on this machine.
fn action(payment: &PaymentIntent) -> Option<NextAction> {
    let redirect = payment.next_action.as_ref().and_then(|action| action.redirect_to_url.as_ref());
    if let Some(text) = redirect.and_then(|redirect| redirect.url.as_deref())
        && let Ok(url) = Url::parse(text)
        && (url.scheme() == "https" || (url.scheme() == "http" && settings::is_loopback(&url)))
    {
        return Some(NextAction::Redirect { url: url.into() });
    }
    let client_secret = payment.client_secret.clone().filter(|secret| !secret.is_empty())?;
    Some(NextAction::ProviderScript { client_secret })
}

fn of_error(answer: &Answer, error: &ApiError, collection: &Collection) -> PaymentOutcome {
    match (answer.status, error.kind.as_deref().unwrap_or("")) {
        (409, _) => {
            PaymentOutcome::NotExecuted { reason: "the provider is busy with the same key or payment" }
        }
        (402, "card_error") => declined(error, collection),
        (400 | 404, "invalid_request_error") if names_no_such_token(error) => {
            PaymentOutcome::Declined { reference: None, reason: DeclineReason::UnusableToken }
        }
        (_, "idempotency_error") => unknown("the key was used before with another request"),
        (400..500, "invalid_request_error") if answer.should_retry => {
            unknown("the provider asks for a retry")
        }
        (400..500, kind @ "invalid_request_error") => {
            PaymentOutcome::Rejected { code: word(error.code.as_deref().unwrap_or(kind)).to_owned() }
        }
        _ => unknown("the provider's error is not known"),
    }
}

fn names_no_such_token(error: &ApiError) -> bool {
    error.code.as_deref() == Some("resource_missing") && error.param.as_deref() == Some("payment_method")
}

/// A decline brings the payment along; one that is not ours, or says otherwise, makes the decline doubtful.
fn declined(error: &ApiError, collection: &Collection) -> PaymentOutcome {
    let reason = declines::reason(error);
    let Some(payment) = &error.payment_intent else {
        return PaymentOutcome::Declined { reference: None, reason };
    };
    if payment.donation().as_ref() != Some(&collection.donation) {
        return unknown("the decline is about another donation");
    }
    let Ok(reference) = ProviderReference::parse(&payment.id) else {
        return unknown("the payment's id is not of a known form");
    };
    match payment.status.as_deref() {
        Some("requires_payment_method" | "canceled") => {
            PaymentOutcome::Declined { reference: Some(reference), reason }
        }
        Some(_) | None => unknown("the decline and its payment contradict each other"),
    }
}

const fn unknown(reason: &'static str) -> PaymentOutcome {
    PaymentOutcome::Unknown { reason }
}
