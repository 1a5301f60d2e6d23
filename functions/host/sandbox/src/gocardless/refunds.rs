//! What the API does with refunds, and what becomes of them.

use serde_json::json;

use super::cause;
use super::document::Fields;
use super::event::{Told, emit};
use super::ids::new_id;
use super::item::{Item, Kind, TENTHS};
use super::mandate::{self, Fate};
use super::payment::{self, Payment};
use super::payments::subject;
use super::refund::{Refund, Status};
use super::refusal::{Refusal, Stop};
use super::route::Done;
use super::timers::Timer;
use crate::storage::{StorageFault, doing, objects};
use crate::work::Work;

/// GoCardless refunds a payment at most so many times.
const REFUNDS_MAX: i64 = 25;

/// The reference has as many characters as Bacs carries.
const REFERENCE_MAX: usize = 10;

/// Banking days until a refund has arrived, or has not.
const ANSWERED_AFTER: i64 = 2;

/// `POST /refunds`.
pub(crate) fn create(work: &mut Work<'_>, mut fields: Fields) -> Result<Done, Stop> {
    let amount = fields.integer("amount");
    if amount.is_none_or(|amount| amount < 1) {
        fields.wrong("amount", "must be at least 1");
    }
    let confirmation = fields.integer("total_amount_confirmation");
    if confirmation.is_none() {
        fields.wrong("total_amount_confirmation", "is required");
    }
    let (reference, metadata) = (fields.text("reference", REFERENCE_MAX), fields.metadata());
    let link = fields.link("payment").unwrap_or_default();
    fields.finish()?;
    let mut payment = objects::get::<Payment>(work.db, &link)?
        .ok_or_else(|| Refusal::usage(400, "link_not_found", "The linked payment was not found"))?;
    work.subject = subject(&payment);
    let amount = amount.unwrap_or_default();
    check(work, &payment, amount, confirmation.unwrap_or_default())?;
    payment.amount_refunded += amount;
    let refund = Refund {
        id: new_id("RF"),
        created_ms: work.now_ms,
        amount,
        reference,
        metadata,
        payment: payment.id.clone(),
        mandate: payment.mandate.clone(),
        status: Status::Created,
    };
    let item = Item {
        refund: Some(refund.id.clone()),
        ..Item::of(work, &payment, Kind::PaymentRefunded, -amount * TENTHS)
    };
    work.put(&payment)?;
    work.put(&refund)?;
    work.put(&item)?;
    let details = cause::details("api", "payment_refunded", "The refund was created.");
    emit(work, Told::of(("refund", &refund.id), "created", details))?;
    let fails = mandate::find(&payment.mandate).is_some_and(|mandate| mandate.fate == Fate::RefundsFail);
    let timer = if fails { Timer::FailRefund } else { Timer::PayRefund };
    timer.set(work, &refund.id, work.gocardless.days_after(work.now_ms, ANSWERED_AFTER))?;
    Ok(Done { created: Some(refund.id.clone()), ..Done::shown("refunds", refund.show()) })
}

fn check(work: &Work<'_>, payment: &Payment, amount: i64, confirmation: i64) -> Result<(), Stop> {
    if !matches!(payment.status, payment::Status::Confirmed | payment::Status::PaidOut) {
        let message = "The payment is not confirmed or paid out";
        return Err(Refusal::state("refund_payment_invalid_state", message).into());
    }
    let total = payment.amount_refunded.saturating_add(amount);
    if confirmation != total {
        let message = "The total amount confirmation is not what will have been refunded in all";
        return Err(Refusal::state("total_amount_confirmation_invalid", message).into());
    }
    if total > payment.amount {
        let error = json!({
            "field": "amount",
            "message": "is more than is left of the payment",
            "request_pointer": "/refunds/amount",
        });
        return Err(Refusal::validation(vec![error]).into());
    }
    if count(work, payment)? >= REFUNDS_MAX {
        let message = "The payment has been refunded too many times";
        return Err(Refusal::state("number_of_refunds_exceeded", message).into());
    }
    Ok(())
}

fn count(work: &Work<'_>, payment: &Payment) -> Result<i64, StorageFault> {
    use crate::storage::objects::Stored;
    let failed = doing("counting refunds");
    work.db
        .prepare_cached("SELECT count(*) FROM objects WHERE parent = ?1 AND kind = ?2")
        .map_err(&failed)?
        .query_row([&payment.id, Refund::KIND], |row| row.get(0))
        .map_err(failed)
}

/// The refund arrives. Says whether it was still on its way.
pub(crate) fn pay(work: &mut Work<'_>, refund: &mut Refund) -> Result<bool, StorageFault> {
    if refund.status != Status::Created {
        return Ok(false);
    }
    refund.status = Status::Paid;
    work.put(refund)?;
    let details = cause::details("gocardless", "refund_paid", "The refund was paid.");
    emit(work, Told::of(("refund", &refund.id), "paid", details))?;
    Ok(true)
}

/// The refund does not arrive, not even where it seemed to have: the charity gets the money back with its
/// next payout. Says whether that can still happen.
pub(crate) fn fail(work: &mut Work<'_>, refund: &mut Refund) -> Result<bool, StorageFault> {
    if !matches!(refund.status, Status::Created | Status::Paid) {
        return Ok(false);
    }
    let Some(mut payment) = objects::get::<Payment>(work.db, &refund.payment)? else { return Ok(false) };
    refund.status = Status::Bounced;
    payment.amount_refunded -= refund.amount;
    let item = Item {
        refund: Some(refund.id.clone()),
        ..Item::of(work, &payment, Kind::RefundFundsReturned, refund.amount * TENTHS)
    };
    work.put(refund)?;
    work.put(&payment)?;
    work.put(&item)?;
    let description = "The refund did not reach the donor; the money will be returned to you.";
    let details = cause::details("gocardless", "refund_failed", description);
    emit(work, Told::of(("refund", &refund.id), "failed", details))?;
    Ok(true)
}
