//! Payouts: what the provider sends to the charity's bank account, and what each of them holds.
//!
//! Object: <https://docs.stripe.com/api/payouts/object>. Each is an automatic payout, so that what it holds
//! can be listed: <https://docs.stripe.com/payouts/reconciliation>.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ids::new_id;
use crate::storage::StorageFault;
use crate::storage::objects::{Index, Stored};
use crate::stripe::balance::{self, Cause, Movement};
use crate::stripe::event::emit;
use crate::stripe::kind::Kind;
use crate::stripe::show::Shown;
use crate::stripe::timers::Timer;
use crate::work::Work;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// One payout in one currency.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Payout {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) arrival_date: i64,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: PayoutStatus,
    /// Whether all that it holds can be listed.
    pub(crate) reconciled: bool,
    pub(crate) balance_transaction: String,
    /// The movement that brought the money back.
    pub(crate) failure_balance_transaction: Option<String>,
}

/// How far a payout has come. One that was paid may still fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayoutStatus {
    Pending,
    Paid,
    Failed,
    Canceled,
}

impl PayoutStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Whether a payout may go on from here to there.
    pub(crate) fn may_become(self, next: Self) -> bool {
        match next {
            Self::Paid | Self::Canceled => self == Self::Pending,
            Self::Failed => matches!(self, Self::Pending | Self::Paid),
            Self::Pending => false,
        }
    }
}

impl Stored for Payout {
    const KIND: &'static str = Kind::Payout.name();

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created,
            money: Some((&self.currency, self.amount)),
            label: self.status.name(),
            parent: None,
        }
    }
}

impl Shown for Payout {
    fn show(&self, _work: &Work<'_>) -> Result<Value, StorageFault> {
        let failed = self.status == PayoutStatus::Failed;
        let message = "The bank account has been closed.";
        Ok(json!({
            "id": self.id,
            "object": "payout",
            "amount": self.amount,
            "application_fee": null,
            "application_fee_amount": null,
            "arrival_date": self.arrival_date,
            "automatic": true,
            "balance_transaction": self.balance_transaction,
            "created": self.created,
            "currency": self.currency,
            "description": "STRIPE PAYOUT",
            "destination": "ba_sandbox",
            "failure_balance_transaction": self.failure_balance_transaction,
            "failure_code": failed.then_some("account_closed"),
            "failure_message": failed.then_some(message),
            "livemode": false,
            "metadata": {},
            "method": "standard",
            "original_payout": null,
            "payout_method": null,
            "reconciliation_status": if self.reconciled { "completed" } else { "in_progress" },
            "reversed_by": null,
            "source_type": "card",
            "statement_descriptor": null,
            "status": self.status,
            "trace_id": null,
            "type": "bank_account",
        }))
    }
}

/// Pays out what there is in each currency, or in one of them; what is pending too, if wanted. A currency
/// with nothing to pay out has no payout. The payout arrives at the next midnight (UTC) but one.
pub(crate) fn make(
    work: &mut Work<'_>,
    only: Option<&str>,
    pending_too: bool,
) -> Result<Vec<Payout>, StorageFault> {
    let mut made = Vec::new();
    for (currency, amount) in balance::payable(work, pending_too)? {
        if amount <= 0 || only.is_some_and(|only| only != currency) {
            continue;
        }
        let id = new_id("po");
        balance::hold(work, &id, &currency, pending_too)?;
        let movement = Movement {
            cause: Cause::Payout,
            source: &id,
            payment_intent: None,
            amount: -amount,
            currency: &currency,
            not_before: None,
        };
        let payout = Payout {
            balance_transaction: balance::record(work, &movement)?,
            created: work.now(),
            arrival_date: (work.now() / DAY_SECONDS + 2) * DAY_SECONDS,
            amount,
            status: PayoutStatus::Pending,
            reconciled: false,
            failure_balance_transaction: None,
            id,
            currency,
        };
        work.put(&payout)?;
        emit(work, "payout.created", &payout)?;
        Timer::ReconcilePayout.set(work, &payout.id)?;
        Timer::PayPayout.set_at(work, &payout.id, payout.arrival_date)?;
        made.push(payout);
    }
    Ok(made)
}

/// From now on all that a payout holds can be listed.
pub(crate) fn reconcile(work: &mut Work<'_>, payout: &mut Payout) -> Result<(), StorageFault> {
    if payout.reconciled {
        return Ok(());
    }
    payout.reconciled = true;
    work.put(payout)?;
    emit(work, "payout.reconciliation_completed", payout)
}

/// Moves a payout on to a status that it may have. One that fails, or is cancelled, brings its money back,
/// for the next payout to hold.
pub(crate) fn advance(
    work: &mut Work<'_>,
    payout: &mut Payout,
    next: PayoutStatus,
) -> Result<(), StorageFault> {
    let (cause, kind) = match next {
        PayoutStatus::Paid | PayoutStatus::Pending => (None, "payout.paid"),
        PayoutStatus::Failed => (Some(Cause::PayoutFailure), "payout.failed"),
        PayoutStatus::Canceled => (Some(Cause::PayoutCancel), "payout.canceled"),
    };
    if next == PayoutStatus::Paid {
        reconcile(work, payout)?;
    }
    if let Some(cause) = cause {
        let movement = Movement {
            cause,
            source: &payout.id,
            payment_intent: None,
            amount: payout.amount,
            currency: &payout.currency,
            not_before: None,
        };
        payout.failure_balance_transaction = Some(balance::record(work, &movement)?);
    }
    payout.status = next;
    work.put(payout)?;
    emit(work, kind, payout)
}
