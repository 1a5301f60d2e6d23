//! What GoCardless's answers mean. Whatever is not certain is unknown.

use app::ports::Collection;
use domain::currency::Currency;
use domain::ids::{DonationId, ProviderReference};
use domain::money::Money;
use domain::payment::{DeclineReason, PaymentOutcome};

use super::declines;
use super::wire::{ApiError, ErrorAnswer, OnePayment, Payment};
use crate::http::RawAnswer;

/// What the answer to a request for a payment means.
pub(super) enum Verdict {
    /// It says so itself.
    Settled(PaymentOutcome),
    /// The key has made this payment before: it has to be read.
    MadeBefore(ProviderReference),
}

/// What the answer to a request for this collection means.
pub(super) fn of_collect(answer: &RawAnswer, collection: &Collection) -> Verdict {
    let settled = match answer.status {
        // The limiter and the check of the key run before anything is done.
        429 => PaymentOutcome::NotExecuted { reason: "the provider asks for fewer requests" },
        401 | 403 => PaymentOutcome::NotExecuted { reason: "the provider refuses our API key" },
        500.. => unknown("the provider failed"),
        status => {
            let Some(body) = &answer.body else {
                return Verdict::Settled(unknown("the provider's answer did not arrive whole"));
            };
            if !(200..300).contains(&status) {
                return match serde_json::from_slice::<ErrorAnswer>(body) {
                    Ok(ErrorAnswer { error }) => of_error(status, &error),
                    Err(_) => Verdict::Settled(unknown("the provider's error cannot be read")),
                };
            }
            match serde_json::from_slice::<OnePayment>(body) {
                Ok(OnePayment { payments }) => of_payment_for(&payments, collection),
                Err(_) => unknown("the provider's answer cannot be read"),
            }
        }
    };
    Verdict::Settled(settled)
}

/// What the answer to a question about this payment means. A failed question says nothing about the payment.
pub(super) fn of_look_up(answer: &RawAnswer, reference: &ProviderReference) -> PaymentOutcome {
    read(answer, reference).map_or_else(unknown, |payment| of_payment(&payment))
}

/// What the answer to a question about the payment that the key had made means: as [`of_look_up`], and the payment has
/// to be for this collection.
pub(super) fn of_made_before(
    answer: &RawAnswer,
    reference: &ProviderReference,
    collection: &Collection,
) -> PaymentOutcome {
    read(answer, reference).map_or_else(unknown, |payment| of_payment_for(&payment, collection))
}

fn read(answer: &RawAnswer, reference: &ProviderReference) -> Result<Payment, &'static str> {
    if !(200..300).contains(&answer.status) {
        return Err("the provider did not show the payment");
    }
    let body = answer.body.as_ref().ok_or("the provider's answer did not arrive whole")?;
    let OnePayment { payments } =
        serde_json::from_slice(body).map_err(|_| "the provider's answer cannot be read")?;
    if payments.id != reference.as_str() {
        return Err("the provider's answer is about another payment");
    }
    Ok(payments)
}

/// What the answer to a request to call this payment off means; `None` when it has to be looked up.
pub(super) fn of_cancel(answer: &RawAnswer, reference: &ProviderReference) -> Option<PaymentOutcome> {
    match answer.status {
        429 => Some(PaymentOutcome::NotExecuted { reason: "the provider asks for fewer requests" }),
        401 | 403 => Some(PaymentOutcome::NotExecuted { reason: "the provider refuses our API key" }),
        200..300 => Some(of_look_up(answer, reference)),
        _ => None,
    }
}

/// The donation that the payment in an answer names; none when it names none, or GoCardless says that there is no such
/// payment. The error says why the answer does not tell.
pub(super) fn donation_of(
    answer: &RawAnswer,
    reference: &ProviderReference,
) -> Result<Option<DonationId>, &'static str> {
    if answer.status == 404 && is_not_found(answer) {
        return Ok(None);
    }
    Ok(read(answer, reference)?.donation())
}

/// The payment in an answer as one whose money was taken, whatever its status says of what became of it.
pub(super) fn as_captured(answer: &RawAnswer, reference: &ProviderReference) -> PaymentOutcome {
    read(answer, reference).map_or_else(unknown, |payment| captured(&payment, reference.clone()))
}

/// How much the payment in an answer is of, and its status; none where GoCardless says that there is no such payment.
/// The error says why the answer does not tell.
pub(super) fn amount_and_status(
    answer: &RawAnswer,
    reference: &ProviderReference,
) -> Result<Option<(Money, String)>, &'static str> {
    if answer.status == 404 && is_not_found(answer) {
        return Ok(None);
    }
    let payment = read(answer, reference)?;
    let amount = amount(&payment).ok_or("the payment's amount cannot be read")?;
    Ok(Some((amount, payment.status.unwrap_or_default())))
}

/// Whether GoCardless itself says that there is nothing there: a 404 alone may be a proxy's.
fn is_not_found(answer: &RawAnswer) -> bool {
    let error = answer.body.as_ref().and_then(|body| serde_json::from_slice::<ErrorAnswer>(body).ok());
    error.is_some_and(|answer| answer.error.has(|reason| reason == "resource_not_found"))
}

/// What a payment's own state means.
pub(super) fn of_payment(payment: &Payment) -> PaymentOutcome {
    let Ok(reference) = ProviderReference::parse(&payment.id) else {
        return unknown("the payment's id is not of a known form");
    };
    match payment.status.as_deref() {
        Some("pending_customer_approval" | "pending_submission" | "submitted") => {
            PaymentOutcome::Processing { reference }
        }
        // What the bank took back was there before; that it did is told by the payment's events.
        Some("confirmed" | "paid_out" | "charged_back") => captured(payment, reference),
        Some("cancelled" | "customer_approval_denied") => PaymentOutcome::Cancelled { reference },
        Some("failed") => {
            PaymentOutcome::Declined { reference: Some(reference), reason: declines::reason(None) }
        }
        Some(_) | None => unknown("the payment's status is not known"),
    }
}

/// A payment counts as the answer only if it is for our donation. Where money was taken the amount is reported as it
/// is, so that a difference is seen; short of that an amount other than ours means that the answer is not ours.
fn of_payment_for(payment: &Payment, collection: &Collection) -> PaymentOutcome {
    if payment.donation().as_ref() != Some(&collection.donation) {
        return unknown("the provider's answer is about another donation");
    }
    let outcome = of_payment(payment);
    let amount_is_seen = matches!(outcome, PaymentOutcome::Captured { .. } | PaymentOutcome::Unknown { .. });
    if amount_is_seen || amount(payment) == Some(collection.amount) {
        return outcome;
    }
    unknown("the provider's answer is about another amount")
}

fn captured(payment: &Payment, reference: ProviderReference) -> PaymentOutcome {
    match amount(payment).zip(payment.created_at()) {
        Some((amount, created_at)) => PaymentOutcome::Captured { reference, amount, created_at },
        None => unknown("money was taken, but how much and when cannot be read"),
    }
}

fn amount(payment: &Payment) -> Option<Money> {
    let currency = Currency::from_code(payment.currency.as_deref()?).ok()?;
    Money::from_minor(payment.amount?, currency).ok()
}

fn of_error(status: u16, error: &ApiError) -> Verdict {
    let settled = match error.kind.as_deref() {
        Some("invalid_state") => return of_state(error),
        // The only resource that the request links to is the mandate.
        Some("validation_failed" | "invalid_api_usage") if error.has(|reason| reason == "link_not_found") => {
            unusable_mandate()
        }
        Some(kind @ ("validation_failed" | "invalid_api_usage")) if (400..500).contains(&status) => {
            PaymentOutcome::Rejected { code: error.code(kind) }
        }
        Some(_) | None => unknown("the provider's error is not known"),
    };
    Verdict::Settled(settled)
}

/// An objection to the state of things is no proof that nothing was done: one of them says that it was.
fn of_state(error: &ApiError) -> Verdict {
    if let Some(made) = error.conflicting() {
        return match made {
            Ok(reference) => Verdict::MadeBefore(reference),
            Err(_) => Verdict::Settled(unknown("the key has made a payment that the provider does not name")),
        };
    }
    if error.has(|reason| reason.starts_with("mandate_") || reason == "bank_account_disabled") {
        return Verdict::Settled(unusable_mandate());
    }
    Verdict::Settled(unknown("the provider objects to a state that is not known"))
}

fn unusable_mandate() -> PaymentOutcome {
    PaymentOutcome::Declined { reference: None, reason: DeclineReason::UnusableToken }
}

const fn unknown(reason: &'static str) -> PaymentOutcome {
    PaymentOutcome::Unknown { reason }
}
