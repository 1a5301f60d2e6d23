//! The steps of a payment. Each says whether the payment was in a state to take it; where it was not, nothing
//! is done.

use std::collections::BTreeMap;

use super::cause::{self, BankReason};
use super::event::{Told, emit};
use super::item;
use super::payment::{Payment, Status};
use super::timers::Timer;
use crate::storage::StorageFault;
use crate::work::Work;

/// Banking days from the end of a chargeback until the money may be paid out again.
const AVAILABLE_AGAIN_AFTER: i64 = 2;

/// To the banks.
pub(crate) fn submit(work: &mut Work<'_>, payment: &mut Payment) -> Result<bool, StorageFault> {
    if payment.status != Status::PendingSubmission {
        return Ok(false);
    }
    payment.status = Status::Submitted;
    let details = cause::details("gocardless", "payment_submitted", "The banks have the payment.");
    tell(work, payment, "submitted", details)
}

/// The time in which banks report failures is over.
pub(crate) fn confirm(work: &mut Work<'_>, payment: &mut Payment) -> Result<bool, StorageFault> {
    if payment.status != Status::Submitted {
        return Ok(false);
    }
    payment.status = Status::Confirmed;
    let details = cause::details("gocardless", "payment_confirmed", "The banks have reported no failure.");
    tell(work, payment, "confirmed", details)
}

/// The bank returns the payment unpaid, in time.
pub(crate) fn fail(
    work: &mut Work<'_>,
    payment: &mut Payment,
    reason: &BankReason,
) -> Result<bool, StorageFault> {
    if payment.status != Status::Submitted {
        return Ok(false);
    }
    payment.status = Status::Failed;
    tell(work, payment, "failed", reason.failure_details())
}

/// The bank returns the payment unpaid after it was confirmed, or even paid out.
pub(crate) fn fail_late(
    work: &mut Work<'_>,
    payment: &mut Payment,
    reason: &BankReason,
) -> Result<bool, StorageFault> {
    if !matches!(payment.status, Status::Confirmed | Status::PaidOut) {
        return Ok(false);
    }
    payment.status = Status::Failed;
    item::take_back(work, payment, item::Kind::PaymentFailed)?;
    tell(work, payment, "failed", reason.failure_details())
}

/// The bank gives the donor the money back under the Direct Debit Guarantee.
pub(crate) fn charge_back(
    work: &mut Work<'_>,
    payment: &mut Payment,
    reason: &BankReason,
) -> Result<bool, StorageFault> {
    if !matches!(payment.status, Status::Confirmed | Status::PaidOut) {
        return Ok(false);
    }
    payment.status = Status::ChargedBack;
    item::take_back(work, payment, item::Kind::PaymentChargedBack)?;
    tell(work, payment, "charged_back", reason.details())
}

/// The bank takes its chargeback back. The payment counts as collected again, and is paid out again.
pub(crate) fn cancel_chargeback(work: &mut Work<'_>, payment: &mut Payment) -> Result<bool, StorageFault> {
    if payment.status != Status::ChargedBack {
        return Ok(false);
    }
    payment.status = Status::Confirmed;
    payment.payout = None;
    let available = work.gocardless.days_after(work.now_ms, AVAILABLE_AGAIN_AFTER);
    payment.available_ms = work.gocardless.day_begins(available);
    Timer::PayOut.set(work, &payment.id, payment.available_ms)?;
    let details = cause::details("bank", "payment_confirmed", "The chargeback was taken back.");
    tell(work, payment, "chargeback_cancelled", details)
}

/// The charity cancels what the banks do not have yet; the event carries its metadata.
pub(crate) fn cancel(
    work: &mut Work<'_>,
    payment: &mut Payment,
    metadata: BTreeMap<String, String>,
) -> Result<bool, StorageFault> {
    if payment.status != Status::PendingSubmission {
        return Ok(false);
    }
    payment.status = Status::Cancelled;
    work.put(payment)?;
    let details = cause::details("api", "payment_cancelled", "The payment was cancelled at your request.");
    emit(work, Told { metadata, ..Told::of(("payment", &payment.id), "cancelled", details) })?;
    Ok(true)
}

fn tell(
    work: &mut Work<'_>,
    payment: &Payment,
    action: &'static str,
    details: serde_json::Value,
) -> Result<bool, StorageFault> {
    work.put(payment)?;
    emit(work, Told::of(("payment", &payment.id), action, details))?;
    Ok(true)
}
