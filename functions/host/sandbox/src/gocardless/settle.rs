//! Settling the charity's balance: payouts are made up, paid, and may bounce.

use super::cause;
use super::days;
use super::event::{Told, emit};
use super::fee::rounded;
use super::ids::new_id;
use super::item::{self, Item, Kind, TENTHS};
use super::payment::{self, CREDITOR, Payment};
use super::payout::{Payout, Status};
use super::refund::{self, Refund};
use super::timers::Timer;
use crate::storage::objects::{self, Stored};
use crate::storage::{StorageFault, doing};
use crate::work::Work;

/// Banking days from a payout's making up to its payment.
const PAID_AFTER: i64 = 1;

/// Which confirmed payments go into a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sweep<'a> {
    /// Those whose time has come.
    Due,
    /// All of them.
    All,
    /// This one.
    One(&'a str),
}

/// Makes up a payout of confirmed payments and of all that waits for one. None where nothing would be left to
/// pay: GoCardless pays out positive balances only, and everything waits on.
pub(crate) fn make_up(work: &mut Work<'_>, sweep: Sweep<'_>) -> Result<Option<Payout>, StorageFault> {
    let payments = confirmed(work, sweep)?;
    let mut items = item::of_payout(work, None)?;
    for payment in &payments {
        items.push(Item::of(work, payment, Kind::PaymentPaidOut, payment.amount * TENTHS));
        items.push(Item::fee_of(work, payment, -1));
    }
    let sum = |fees_only: bool| -> i64 {
        let counted = items.iter().filter(|item| !fees_only || item.kind == Kind::GocardlessFee);
        counted.map(|item| item.tenths).sum()
    };
    let amount = rounded(sum(false));
    if amount <= 0 {
        return Ok(None);
    }
    let id = new_id("PO");
    let payout = Payout {
        created_ms: work.now_ms,
        amount,
        deducted_fees: rounded(-sum(true)),
        reference: format!("SANDBOX-{}", &id[id.len() - 6..]),
        status: Status::Pending,
        arrival_date: None,
        settled: false,
        id,
    };
    work.put(&payout)?;
    for item in items {
        work.put(&Item { payout: Some(payout.id.clone()), ..item })?;
    }
    for payment in payments {
        work.put(&Payment { payout: Some(payout.id.clone()), ..payment })?;
    }
    Timer::Pay.set(work, &payout.id, work.gocardless.days_after(work.now_ms, PAID_AFTER))?;
    Ok(Some(payout))
}

/// The confirmed payments that are in no payout yet, oldest first.
fn confirmed(work: &Work<'_>, sweep: Sweep<'_>) -> Result<Vec<Payment>, StorageFault> {
    let failed = doing("finding confirmed payments");
    let mut query = work
        .db
        .prepare_cached("SELECT id, body FROM objects WHERE kind = ?1 AND label = ?2 ORDER BY seq")
        .map_err(&failed)?;
    let rows: Vec<(String, String)> = query
        .query_map([Payment::KIND, payment::Status::Confirmed.name()], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(&failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    let mut payments = Vec::new();
    for (id, body) in rows {
        let payment: Payment = objects::read(&id, &body)?;
        let wanted = match sweep {
            Sweep::Due => payment.available_ms <= work.now_ms,
            Sweep::All => true,
            Sweep::One(id) => payment.id == id,
        };
        if wanted && payment.payout.is_none() {
            payments.push(payment);
        }
    }
    Ok(payments)
}

/// Sends a payout to the charity's bank. The first time, it settles all that is in it. Says whether it was
/// not paid already.
pub(crate) fn pay(work: &mut Work<'_>, payout: &mut Payout) -> Result<bool, StorageFault> {
    if payout.status == Status::Paid {
        return Ok(false);
    }
    payout.status = Status::Paid;
    payout.arrival_date = Some(days::next_working_day(days::date(work.now_ms)).to_string());
    let is_first = !std::mem::replace(&mut payout.settled, true);
    work.put(payout)?;
    let details = cause::details("gocardless", "payout_paid", "The payout was sent to your bank.");
    let paid = emit(work, Told::of(("payout", &payout.id), "paid", details))?;
    if is_first {
        for item in item::of_payout(work, Some(&payout.id))? {
            settle(work, &item, &paid)?;
        }
    }
    Ok(true)
}

/// Tells what an item of a paid payout has settled.
fn settle(work: &mut Work<'_>, item: &Item, paid: &str) -> Result<(), StorageFault> {
    let (kind, id, action) = match (item.kind, &item.refund) {
        (Kind::PaymentPaidOut, _) => {
            let Some(payment) = objects::get::<Payment>(work.db, &item.payment)? else { return Ok(()) };
            // One that has failed since is in this payout all the same, and comes off the next.
            if payment.status != payment::Status::Confirmed || payment.payout != item.payout {
                return Ok(());
            }
            work.put(&Payment { status: payment::Status::PaidOut, ..payment })?;
            ("payment", &item.payment, "paid_out")
        }
        (Kind::PaymentFailed, _) => ("payment", &item.payment, "late_failure_settled"),
        (Kind::PaymentChargedBack, _) => ("payment", &item.payment, "chargeback_settled"),
        (Kind::PaymentRefunded, Some(refund)) => ("refund", refund, "refund_settled"),
        (Kind::RefundFundsReturned, Some(id)) => {
            if let Some(refund) = objects::get::<Refund>(work.db, id)? {
                work.put(&Refund { status: refund::Status::FundsReturned, ..refund })?;
            }
            ("refund", id, "funds_returned")
        }
        (Kind::GocardlessFee, _) | (Kind::PaymentRefunded | Kind::RefundFundsReturned, None) => return Ok(()),
    };
    let cause = match action {
        "paid_out" => "payment_paid_out",
        "funds_returned" => "refund_funds_returned",
        action => action,
    };
    let details = cause::details("gocardless", cause, "It was settled with a payout.");
    emit(work, Told::of((kind, id), action, details).under(paid))?;
    Ok(())
}

/// The charity's bank sends a payout back. It may be paid again. Says whether it was paid.
pub(crate) fn bounce(work: &mut Work<'_>, payout: &mut Payout) -> Result<bool, StorageFault> {
    if payout.status != Status::Paid {
        return Ok(false);
    }
    payout.status = Status::Bounced;
    work.put(payout)?;
    let details = cause::details("gocardless", "bounced_payout", "A payout was sent back by your bank.");
    emit(work, Told::of(("creditor", CREDITOR), "bounced_payout", details))?;
    Ok(true)
}
