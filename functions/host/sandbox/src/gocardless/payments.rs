//! What the API does with payments: it creates them, and cancels what the banks do not have yet.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::json;

use super::cause;
use super::days;
use super::document::Fields;
use super::event::{Told, emit};
use super::ids::new_id;
use super::mandate::{self, Fate, Mandate, Standing};
use super::payment::{CURRENCY, Payment, Status};
use super::progress;
use super::refusal::{Refusal, Stop};
use super::route::{Done, find};
use super::timers::Timer;
use crate::storage::StorageFault;
use crate::work::{Subject, Work};

/// The most pence of one payment.
const AMOUNT_MAX: i64 = 99_999_999;

/// A description has at most so many characters, and a reference as many as Bacs carries.
const DESCRIPTION_MAX: usize = 100;
const REFERENCE_MAX: usize = 10;

/// Banking days after creation at which a payment moves on. A payment with a later charge date waits for it.
const SUBMITTED_AFTER: i64 = 1;
const ANSWERED_AFTER: i64 = 4;
const LATE_AFTER: i64 = 5;
const AVAILABLE_AFTER: i64 = 6;
const AFTER_PAYOUT: i64 = 10;
const RETURNED_AFTER: i64 = 14;

/// A payment that is asked for.
struct Asked {
    amount: i64,
    charge_date: Date,
    description: Option<String>,
    reference: Option<String>,
    metadata: BTreeMap<String, String>,
    mandate: String,
}

/// `POST /payments`.
pub(crate) fn create(work: &mut Work<'_>, fields: Fields) -> Result<Done, Stop> {
    let asked = read(work, fields)?;
    let mandate = mandate::find(&asked.mandate)
        .ok_or_else(|| Refusal::usage(400, "link_not_found", "The linked mandate was not found"))?;
    usable(&mandate)?;
    let earliest = days::earliest_charge_date(work.now_ms);
    let wait = days::days_between(earliest, asked.charge_date);
    let id = new_id("PM");
    let available = work.gocardless.days_after(work.now_ms, AVAILABLE_AFTER + wait);
    let payment = Payment {
        id: id.clone(),
        created_ms: work.now_ms,
        amount: asked.amount,
        amount_refunded: 0,
        charge_date: asked.charge_date.to_string(),
        description: asked.description,
        reference: asked.reference,
        metadata: asked.metadata,
        mandate: asked.mandate,
        status: Status::PendingSubmission,
        payout: None,
        available_ms: work.gocardless.day_begins(available),
    };
    work.put(&payment)?;
    work.subject = subject(&payment);
    let details = cause::details("api", "payment_created", "The payment was created through the API.");
    emit(work, Told::of(("payment", &id), "created", details))?;
    set_timers(work, &payment, mandate.fate, wait)?;
    Ok(Done { created: Some(id), ..Done::shown("payments", payment.show()) })
}

/// `POST /payments/{id}/actions/cancel`.
pub(crate) fn cancel(work: &mut Work<'_>, id: &str, mut fields: Fields) -> Result<Done, Stop> {
    let metadata = fields.metadata();
    fields.finish()?;
    let mut payment = find::<Payment>(work, id)?;
    work.subject = subject(&payment);
    if !progress::cancel(work, &mut payment, metadata)? {
        let message = "The payment cannot be cancelled: it was submitted to the banks, or has ended";
        return Err(Refusal::state("cancellation_failed", message).into());
    }
    Ok(Done::shown("payments", payment.show()))
}

/// What the log of requests says that a request was about.
pub(crate) fn subject(payment: &Payment) -> Subject {
    Subject {
        payment_intent: Some(payment.id.clone()),
        donation_id: payment.metadata.get("donation_id").cloned(),
    }
}

fn read(work: &Work<'_>, mut fields: Fields) -> Result<Asked, Refusal> {
    let amount = fields.integer("amount");
    if amount.is_some_and(|amount| !(1..=AMOUNT_MAX).contains(&amount)) {
        fields.wrong("amount", format!("must be 1 to {AMOUNT_MAX}"));
    }
    if amount.is_none() {
        fields.wrong("amount", "is required");
    }
    let currency = fields.text("currency", 3);
    if currency.as_deref() != Some(CURRENCY) {
        fields.wrong("currency", "must be GBP, the currency of Bacs");
    }
    let charge_date = read_charge_date(work, &mut fields);
    if fields.boolean("retry_if_possible") == Some(true) {
        fields.wrong("retry_if_possible", "is not done by the sandbox");
    }
    let asked = Asked {
        amount: amount.unwrap_or_default(),
        charge_date,
        description: fields.text("description", DESCRIPTION_MAX),
        reference: fields.text("reference", REFERENCE_MAX),
        metadata: fields.metadata(),
        mandate: fields.link("mandate").unwrap_or_default(),
    };
    fields.finish()?;
    Ok(asked)
}

/// The day of collection: the one that is asked for, or the next that is possible, and never on a weekend.
fn read_charge_date(work: &Work<'_>, fields: &mut Fields) -> Date {
    let earliest = days::earliest_charge_date(work.now_ms);
    let Some(text) = fields.text("charge_date", 10) else { return earliest };
    match text.parse::<Date>() {
        Ok(date) if date >= earliest => days::working_day(date),
        Ok(_) => {
            fields.wrong("charge_date", format!("must be on or after {earliest}"));
            earliest
        }
        Err(_) => {
            fields.wrong("charge_date", "must be a date, YYYY-MM-DD");
            earliest
        }
    }
}

fn usable(mandate: &Mandate) -> Result<(), Refusal> {
    match mandate.standing {
        Standing::Usable(_) => Ok(()),
        Standing::Replaced(by) => {
            let links = json!({ "new_mandate": by });
            Err(Refusal::state_with("mandate_replaced", "Mandate has been replaced", &links))
        }
        Standing::Inactive(_) | Standing::Missing => {
            Err(Refusal::state("mandate_is_inactive", "Mandate is failed, cancelled or expired"))
        }
    }
}

/// Sets off all that will happen to a payment by itself.
fn set_timers(work: &Work<'_>, payment: &Payment, fate: Fate, wait: i64) -> Result<(), StorageFault> {
    let set =
        |timer: Timer, days: i64| timer.set(work, &payment.id, work.gocardless.days_after(work.now_ms, days));
    set(Timer::Submit, SUBMITTED_AFTER + wait)?;
    if let Fate::Unpaid(code) = fate {
        return set(Timer::Fail(code), ANSWERED_AFTER + wait);
    }
    set(Timer::Confirm, ANSWERED_AFTER + wait)?;
    if fate == Fate::UnpaidLate {
        return set(Timer::FailLate, LATE_AFTER + wait);
    }
    Timer::PayOut.set(work, &payment.id, payment.available_ms)?;
    match fate {
        Fate::UnpaidAfterPayout => set(Timer::FailLate, AFTER_PAYOUT + wait),
        Fate::ChargedBack => set(Timer::ChargeBack, AFTER_PAYOUT + wait),
        Fate::ChargedBackAndReturned => {
            set(Timer::ChargeBack, AFTER_PAYOUT + wait)?;
            set(Timer::CancelChargeback, RETURNED_AFTER + wait)
        }
        Fate::Collected | Fate::RefundsFail | Fate::UnpaidLate | Fate::Unpaid(_) => Ok(()),
    }
}
