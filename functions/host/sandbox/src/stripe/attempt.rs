//! What happens to a payment intent from its confirmation on.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::storage::StorageFault;
use crate::stripe::balance::{self, Cause, Movement};
use crate::stripe::cards::{AUTHENTICATION_FAILED, AUTHENTICATION_REQUIRED, Decline, First};
use crate::stripe::charge::Charge;
use crate::stripe::event::emit;
use crate::stripe::intent::{Intent, Status};
use crate::stripe::method::Method;
use crate::stripe::refusal::{Refusal, Stop, doc_url};
use crate::stripe::show::Shown;
use crate::stripe::timers::Timer;
use crate::work::Work;

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
    match first_step(intent, &method) {
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
            Timer::SettlePayment.set(work, &intent.id)?;
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

/// What comes before the issuer's answer: what the card wants, or what the charity asked for.
fn first_step(intent: &Intent, method: &Method) -> First {
    let card = method.card();
    let asked = intent.terms.request_three_d_secure != "automatic";
    if asked && card.may_authenticate && card.first == First::Nothing {
        return First::Authentication;
    }
    card.first
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
pub(crate) fn capture(
    work: &mut Work<'_>,
    intent: &mut Intent,
    method: &Method,
    authenticated: bool,
) -> Result<(), StorageFault> {
    let mut charge = Charge::of(intent, method, work.now());
    charge.authenticated = authenticated;
    pay(work, intent, charge)
}

/// Makes a charge the one that paid for its intent.
pub(crate) fn pay(work: &mut Work<'_>, intent: &mut Intent, mut charge: Charge) -> Result<(), StorageFault> {
    let movement = Movement {
        cause: Cause::Charge,
        source: &charge.id,
        payment_intent: Some(&intent.id),
        amount: charge.amount,
        currency: &charge.currency,
        not_before: None,
    };
    charge.balance_transaction = Some(balance::record(work, &movement)?);
    charge.failure = None;
    intent.status = Status::Succeeded;
    intent.latest_charge = Some(charge.id.clone());
    intent.method = Some(charge.method.clone());
    (intent.refused_method, intent.last_payment_error) = (None, None);
    work.put(&charge)?;
    work.put(intent)?;
    emit(work, "charge.succeeded", &charge)?;
    emit(work, "payment_intent.succeeded", intent)?;
    if charge.method.card().complaint.is_some() {
        Timer::OpenDispute.set(work, &charge.id)?;
    }
    Ok(())
}

/// Records the issuer's no and returns the failed charge's id.
pub(crate) fn decline(
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
    (intent.method, intent.refused_method) = (None, Some(method.clone()));
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
