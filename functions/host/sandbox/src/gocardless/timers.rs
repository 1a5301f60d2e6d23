//! What happens by itself later: payments are submitted, confirmed and paid out, or go wrong.

use super::cause::{BankReason, CLAIMED, UNPAID};
use super::payment::{Payment, Status};
use super::payout::{self, Payout};
use super::refund::Refund;
use super::settle::{self, Sweep};
use super::{progress, refunds};
use crate::settings::Provider;
use crate::storage::{StorageFault, objects, timers};
use crate::work::Work;

/// What happens when a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// A payment goes to the banks.
    Submit,
    Confirm,
    /// A payment is returned unpaid, with this code.
    Fail(&'static str),
    FailLate,
    ChargeBack,
    CancelChargeback,
    /// A payment's money may be paid out.
    PayOut,
    PayRefund,
    FailRefund,
    /// A payout is paid.
    Pay,
}

impl Timer {
    fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Confirm => "confirm",
            // The code is the name: no other timer's name is a bank's code.
            Self::Fail(code) => code,
            Self::FailLate => "fail_late",
            Self::ChargeBack => "charge_back",
            Self::CancelChargeback => "cancel_chargeback",
            Self::PayOut => "pay_out",
            Self::PayRefund => "pay_refund",
            Self::FailRefund => "fail_refund",
            Self::Pay => "pay",
        }
    }

    /// Sets the timer on an object, to fire at `due_ms`.
    pub(crate) fn set(self, work: &Work<'_>, subject: &str, due_ms: i64) -> Result<(), StorageFault> {
        timers::set(work.db, due_ms, Provider::GoCardless, self.name(), subject)
    }
}

/// Fires one timer, at the time at which it was due: after a leap of the clock everything has happened in its
/// sequence and on its day. An object that has moved on meanwhile is left alone.
pub(crate) fn fire(work: &mut Work<'_>, at_ms: i64, action: &str, subject: &str) -> Result<(), StorageFault> {
    let now_ms = std::mem::replace(&mut work.now_ms, at_ms);
    let fired = fire_now(work, action, subject);
    work.now_ms = now_ms;
    fired
}

fn fire_now(work: &mut Work<'_>, action: &str, subject: &str) -> Result<(), StorageFault> {
    let happened = match action {
        "pay" => match objects::get::<Payout>(work.db, subject)? {
            // One that has bounced waits for a person.
            Some(mut payout) if payout.status == payout::Status::Pending => settle::pay(work, &mut payout)?,
            _ => false,
        },
        "pay_refund" | "fail_refund" => match objects::get::<Refund>(work.db, subject)? {
            Some(mut refund) if action == "pay_refund" => refunds::pay(work, &mut refund)?,
            Some(mut refund) => refunds::fail(work, &mut refund)?,
            None => false,
        },
        _ => match objects::get::<Payment>(work.db, subject)? {
            Some(mut payment) => move_on(work, &mut payment, action)?,
            None => false,
        },
    };
    if !happened {
        tracing::debug!(action, subject, "a timer came too late");
    }
    Ok(())
}

fn move_on(work: &mut Work<'_>, payment: &mut Payment, action: &str) -> Result<bool, StorageFault> {
    match action {
        "submit" => progress::submit(work, payment),
        "confirm" => progress::confirm(work, payment),
        "fail_late" => progress::fail_late(work, payment, &UNPAID[0]),
        "charge_back" => progress::charge_back(work, payment, &CLAIMED[0]),
        "cancel_chargeback" => progress::cancel_chargeback(work, payment),
        // Paid out together with all others whose time has come.
        "pay_out" if payment.status == Status::Confirmed && payment.payout.is_none() => {
            Ok(settle::make_up(work, Sweep::Due)?.is_some())
        }
        "pay_out" => Ok(false),
        code => match BankReason::of_code(&UNPAID, code) {
            Some(reason) => progress::fail(work, payment, reason),
            None => Ok(false),
        },
    }
}
