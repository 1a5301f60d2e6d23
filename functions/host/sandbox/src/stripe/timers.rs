//! What happens by itself later: a processing payment settles, a pending refund arrives, a cardholder
//! complains.

use crate::settings::Provider;
use crate::storage::{StorageFault, objects, timers};
use crate::stripe::attempt;
use crate::stripe::charge::Charge;
use crate::stripe::dispute::{self, Dispute, DisputeStatus};
use crate::stripe::intent::Intent;
use crate::stripe::payout::{self, Payout, PayoutStatus};
use crate::stripe::refund::{self, FAILURE_REASONS, Refund, RefundStatus};
use crate::work::Work;

/// What happens when a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    SettlePayment,
    SettleRefund,
    FailRefund,
    OpenDispute,
    WinDispute,
    LoseDispute,
    ReconcilePayout,
    PayPayout,
}

impl Timer {
    const ALL: [Self; 8] = [
        Self::SettlePayment,
        Self::SettleRefund,
        Self::FailRefund,
        Self::OpenDispute,
        Self::WinDispute,
        Self::LoseDispute,
        Self::ReconcilePayout,
        Self::PayPayout,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::SettlePayment => "settle_payment",
            Self::SettleRefund => "settle_refund",
            Self::FailRefund => "fail_refund",
            Self::OpenDispute => "open_dispute",
            Self::WinDispute => "win_dispute",
            Self::LoseDispute => "lose_dispute",
            Self::ReconcilePayout => "reconcile_payout",
            Self::PayPayout => "pay_payout",
        }
    }

    /// Sets the timer on an object; it fires once the settling time is over.
    pub(crate) fn set(self, work: &Work<'_>, subject: &str) -> Result<(), StorageFault> {
        let due_ms = work.now_ms.saturating_add(work.settling_ms);
        timers::set(work.db, due_ms, Provider::Stripe, self.name(), subject)
    }

    /// Sets the timer on an object; it fires at `seconds` (Unix time).
    pub(crate) fn set_at(self, work: &Work<'_>, subject: &str, seconds: i64) -> Result<(), StorageFault> {
        timers::set(work.db, seconds.saturating_mul(1000), Provider::Stripe, self.name(), subject)
    }
}

/// Fires one timer. An object that has moved on meanwhile is left alone.
pub(crate) fn fire(work: &mut Work<'_>, action: &str, subject: &str) -> Result<(), StorageFault> {
    let Some(timer) = Timer::ALL.into_iter().find(|timer| timer.name() == action) else {
        tracing::error!(action, subject, "a timer nobody knows was dropped");
        return Ok(());
    };
    match timer {
        Timer::SettlePayment => {
            if let Some(mut intent) = objects::get::<Intent>(work.db, subject)? {
                attempt::settle(work, &mut intent)?;
            }
        }
        Timer::SettleRefund | Timer::FailRefund => refund_is_due(work, timer, subject)?,
        Timer::OpenDispute => {
            if let Some(mut charge) = objects::get::<Charge>(work.db, subject)?
                && let Some(complaint) = charge.method.card().complaint
                && dispute::cannot_be_opened(&charge).is_none()
            {
                dispute::open(work, &mut charge, complaint)?;
            }
        }
        Timer::WinDispute => decide(work, subject, DisputeStatus::Won)?,
        Timer::LoseDispute => decide(work, subject, DisputeStatus::Lost)?,
        Timer::ReconcilePayout => {
            if let Some(mut payout) = objects::get::<Payout>(work.db, subject)? {
                payout::reconcile(work, &mut payout)?;
            }
        }
        Timer::PayPayout => {
            if let Some(mut payout) = objects::get::<Payout>(work.db, subject)?
                && payout.status.may_become(PayoutStatus::Paid)
            {
                payout::advance(work, &mut payout, PayoutStatus::Paid)?;
            }
        }
    }
    Ok(())
}

fn refund_is_due(work: &mut Work<'_>, timer: Timer, id: &str) -> Result<(), StorageFault> {
    let Some(mut refund) = objects::get::<Refund>(work.db, id)? else { return Ok(()) };
    match (timer, refund.status) {
        (Timer::SettleRefund, RefundStatus::Pending) => refund::settle(work, &mut refund),
        (Timer::FailRefund, RefundStatus::Succeeded) => refund::fail(work, &mut refund, FAILURE_REASONS[0]),
        _ => Ok(()),
    }
}

fn decide(work: &mut Work<'_>, id: &str, status: DisputeStatus) -> Result<(), StorageFault> {
    match objects::get::<Dispute>(work.db, id)? {
        Some(mut dispute) if dispute.status.is_open_chargeback() => dispute::end(work, &mut dispute, status),
        _ => Ok(()),
    }
}
