//! What happens to a payment intent from its confirmation on.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::balance::{self, Cause, Movement};
use crate::cards::{AUTHENTICATION_FAILED, AUTHENTICATION_REQUIRED, Decline, First, Method};
use crate::charge::Charge;
use crate::event::emit;
use crate::intent::{Intent, Status};
use crate::refusal::{Refusal, Stop, doc_url};
use crate::storage::StorageFault;
use crate::storage::timers::{self, Timer};
use crate::work::{Shown, Work};

/// How the caller wants an intent confirmed.
pub(crate) struct Confirmation {
    /// The donor is not there to be asked anything.
    pub(crate) off_session: bool,
    /// A card that wants 3-D Secure counts as declined.
    pub(crate) error_on_requires_action: bool,
    pub(crate) return_url: Option<String>,
}

/// Confirms an intent that has a payment method.
pub(crate) fn attempt(
    work: &mut Work<'_>,
    intent: &mut Intent,
    confirmation: Confirmation,
    expand: &[String],
) -> Result<Answer, Stop> {
    let method = intent.method.clone().expect("the caller has seen to a method");
    intent.last_payment_error = None;
    intent.return_url = confirmation.return_url.or_else(|| intent.return_url.take());
    match method.card().first {
        First::Authentication if confirmation.off_session || confirmation.error_on_requires_action => {
            let charge = decline(work, intent, &method, &AUTHENTICATION_REQUIRED)?;
            return card_error(work, intent, &method, &AUTHENTICATION_REQUIRED, &charge);
        }
        First::Authentication => {
            intent.status = Status::RequiresAction;
            work.put(intent)?;
            emit(work, "payment_intent.requires_action", intent)?;
        }
        First::Processing => {
            intent.status = Status::Processing;
            work.put(intent)?;
            emit(work, "payment_intent.processing", intent)?;
            let due_ms = work.now_ms + work.settling_ms;
            timers::set(work.db, due_ms, &Timer::SettlePayment(intent.id.clone()))?;
        }
        First::Nothing => {
            if let Some(reason) = method.card().decline {
                let charge = decline(work, intent, &method, &reason)?;
                return card_error(work, intent, &method, &reason, &charge);
            }
            capture(work, intent, &method, false)?;
        }
    }
    work.answer(intent, expand)
}

/// The issuer's last word on an intent that was processing. Any other intent is left alone.
pub(crate) fn settle(work: &mut Work<'_>, intent: &mut Intent) -> Result<(), StorageFault> {
    if intent.status != Status::Processing {
        return Ok(());
    }
    finish(work, intent, false)
}

/// The end of 3-D Secure. Returns whether the intent was waiting for it.
pub(crate) fn authenticate(
    work: &mut Work<'_>,
    intent: &mut Intent,
    passed: bool,
) -> Result<bool, StorageFault> {
    if intent.status != Status::RequiresAction {
        return Ok(false);
    }
    if passed {
        finish(work, intent, true)?;
    } else {
        let method = intent.method.clone().expect("an intent that waits for 3-D Secure has a method");
        intent.latest_charge = None;
        put_back(intent, &method, &AUTHENTICATION_FAILED, None);
        work.put(intent)?;
        emit(work, "payment_intent.payment_failed", intent)?;
    }
    Ok(true)
}

fn finish(work: &mut Work<'_>, intent: &mut Intent, authenticated: bool) -> Result<(), StorageFault> {
    let method = intent.method.clone().expect("an intent that was confirmed has a method");
    match method.card().decline {
        Some(reason) => decline(work, intent, &method, &reason).map(|_| ()),
        None => capture(work, intent, &method, authenticated),
    }
}

/// Takes the money.
fn capture(
    work: &mut Work<'_>,
    intent: &mut Intent,
    method: &Method,
    authenticated: bool,
) -> Result<(), StorageFault> {
    let mut charge = Charge::of(intent, method, work.now());
    charge.authenticated = authenticated;
    let price = intent.price();
    charge.balance_transaction = Some(balance::record(
        work,
        &Movement {
            cause: Cause::Charge,
            source: &charge.id,
            payment_intent: &intent.id,
            amount: price.amount,
            currency: &price.currency,
        },
    )?);
    intent.status = Status::Succeeded;
    intent.latest_charge = Some(charge.id.clone());
    work.put(&charge)?;
    work.put(intent)?;
    emit(work, "charge.succeeded", &charge)?;
    emit(work, "payment_intent.succeeded", intent)
}

/// Records the issuer's no and returns the failed charge's id.
fn decline(
    work: &mut Work<'_>,
    intent: &mut Intent,
    method: &Method,
    reason: &Decline,
) -> Result<String, StorageFault> {
    let mut charge = Charge::of(intent, method, work.now());
    charge.failure = Some(reason.into());
    intent.latest_charge = Some(charge.id.clone());
    put_back(intent, method, reason, Some(&charge.id));
    work.put(&charge)?;
    work.put(intent)?;
    emit(work, "charge.failed", &charge)?;
    emit(work, "payment_intent.payment_failed", intent)?;
    Ok(charge.id)
}

/// Back to the donor: the intent lives on and wants another payment method.
fn put_back(intent: &mut Intent, method: &Method, reason: &Decline, charge: Option<&str>) {
    intent.status = Status::RequiresPaymentMethod;
    intent.method = None;
    let kind = if charge.is_some() { "card_error" } else { "invalid_request_error" };
    intent.last_payment_error = Some(error(reason, method, kind, charge, intent.created));
}

/// The error object of a decline. Fields: <https://docs.stripe.com/api/errors>.
fn error(reason: &Decline, method: &Method, kind: &str, charge: Option<&str>, created: i64) -> Value {
    let mut error = json!({
        "type": kind,
        "code": reason.code,
        "doc_url": doc_url(reason.code),
        "message": reason.message,
        "payment_method": method.render(created),
    });
    let optional =
        [("decline_code", reason.decline_code), ("advice_code", reason.advice_code), ("charge", charge)];
    for (name, value) in optional {
        if let Some(value) = value {
            error[name] = json!(value);
        }
    }
    error
}

/// The 402 that answers a confirmation the issuer said no to.
fn card_error(
    work: &Work<'_>,
    intent: &Intent,
    method: &Method,
    reason: &Decline,
    charge: &str,
) -> Result<Answer, Stop> {
    let mut error = error(reason, method, "card_error", Some(charge), intent.created);
    error["payment_intent"] = intent.show(work)?;
    if let Some(request_id) = &work.request_id {
        error["request_log_url"] = json!(Refusal::log_url(work.base_url, request_id));
    }
    Ok(Answer::new(402, &json!({ "error": error })))
}
