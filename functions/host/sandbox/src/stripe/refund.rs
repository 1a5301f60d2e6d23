//! Refunds: money given back to the donor.
//!
//! API: <https://docs.stripe.com/api/refunds>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ids::new_id;
use crate::storage::StorageFault;
use crate::storage::objects::{self, Index, Stored};
use crate::stripe::balance::{self, Cause, Movement};
use crate::stripe::cards::RefundFate;
use crate::stripe::charge::Charge;
use crate::stripe::dispute;
use crate::stripe::event::{emit, emit_update};
use crate::stripe::form::Params;
use crate::stripe::intent::Intent;
use crate::stripe::kind::Kind;
use crate::stripe::payment_intents::note_subject;
use crate::stripe::refusal::{Refusal, Stop};
use crate::stripe::show::Shown;
use crate::stripe::timers::Timer;
use crate::work::Work;

const CREATE: [&str; 6] = ["amount", "charge", "expand", "metadata", "payment_intent", "reason"];

const CREATE_UNSUPPORTED: [&str; 6] =
    ["currency", "customer", "instructions_email", "origin", "refund_application_fee", "reverse_transfer"];

/// Why a refund to a card may fail, <https://docs.stripe.com/refunds#failed-refunds>.
pub(crate) const FAILURE_REASONS: [&str; 3] = ["unknown", "expired_or_canceled_card", "lost_or_stolen_card"];

/// One refund of one charge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) status: RefundStatus,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) balance_transaction: String,
    pub(crate) failure_reason: Option<String>,
    /// The movement that gave the money of a failed refund back to the charity.
    pub(crate) failure_balance_transaction: Option<String>,
}

/// Statuses of a refund to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

impl RefundStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl Stored for Refund {
    const KIND: &'static str = Kind::Refund.name();

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created,
            money: Some((&self.currency, self.amount)),
            label: self.status.name(),
            parent: Some(&self.payment_intent),
        }
    }
}

impl Shown for Refund {
    fn show(&self, _work: &Work<'_>) -> Result<Value, StorageFault> {
        let mut shown = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": self.balance_transaction,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "customer_account": null,
            "destination_details": { "card": { "type": "refund" }, "type": "card" },
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method": null,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": self.status,
            "transfer_reversal": null,
        });
        if let Some(entry) = &self.failure_balance_transaction {
            shown["failure_balance_transaction"] = json!(entry);
            shown["failure_reason"] = json!(self.failure_reason);
        }
        Ok(shown)
    }
}

/// `POST /v1/refunds`.
pub(crate) fn create(work: &mut Work<'_>, params: &Params) -> Result<Answer, Stop> {
    params.only(&CREATE, &CREATE_UNSUPPORTED)?;
    let reason = params.one_of("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let metadata = params.metadata()?;
    let expand = params.expand()?;
    let mut charge = find_charge(work, params)?;
    let amount = read_amount(params, &charge)?;
    let fate = charge.method.card().refunds;
    let id = new_id("re");
    let balance_transaction = move_money(work, &charge, &id, Cause::Refund, -amount)?;
    let refund = Refund {
        id,
        created: work.now(),
        amount,
        currency: charge.currency.clone(),
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        status: if fate == RefundFate::Pends { RefundStatus::Pending } else { RefundStatus::Succeeded },
        reason: reason.map(str::to_owned),
        metadata,
        balance_transaction,
        failure_reason: None,
        failure_balance_transaction: None,
    };
    let mut before = json!({ "amount_refunded": charge.amount_refunded });
    charge.amount_refunded += amount;
    if charge.amount_refunded == charge.amount {
        before["refunded"] = json!(false);
    }
    work.put(&refund)?;
    work.put(&charge)?;
    emit_update(work, "charge.refunded", &charge, &before)?;
    emit(work, "refund.created", &refund)?;
    match fate {
        RefundFate::Succeeds => {}
        RefundFate::Pends => Timer::SettleRefund.set(work, &refund.id)?,
        RefundFate::Fails => Timer::FailRefund.set(work, &refund.id)?,
    }
    work.answer(&refund, &expand)
}

/// A pending refund has arrived.
pub(crate) fn settle(work: &mut Work<'_>, refund: &mut Refund) -> Result<(), StorageFault> {
    let before = json!({ "status": refund.status });
    refund.status = RefundStatus::Succeeded;
    work.put(refund)?;
    emit_update(work, "refund.updated", refund, &before)
}

/// A refund came back, for one of [`FAILURE_REASONS`]: the charity has the money again.
pub(crate) fn fail(work: &mut Work<'_>, refund: &mut Refund, reason: &str) -> Result<(), StorageFault> {
    let Some(mut charge) = objects::get::<Charge>(work.db, &refund.charge)? else { return Ok(()) };
    let before = json!({ "status": refund.status });
    let entry = move_money(work, &charge, &refund.id, Cause::RefundFailure, refund.amount)?;
    refund.failure_balance_transaction = Some(entry);
    refund.failure_reason = Some(reason.to_owned());
    refund.status = RefundStatus::Failed;
    charge.amount_refunded -= refund.amount;
    work.put(refund)?;
    work.put(&charge)?;
    emit_update(work, "refund.updated", refund, &before)?;
    emit(work, "refund.failed", refund)
}

fn move_money(
    work: &Work<'_>,
    charge: &Charge,
    refund: &str,
    cause: Cause,
    amount: i64,
) -> Result<String, StorageFault> {
    let movement = Movement {
        cause,
        source: refund,
        payment_intent: Some(&charge.payment_intent),
        amount,
        currency: &charge.currency,
        not_before: charge.balance_transaction.as_deref(),
    };
    balance::record(work, &movement)
}

/// The charge that is to be refunded, named itself or by its intent.
fn find_charge(work: &mut Work<'_>, params: &Params) -> Result<Charge, Stop> {
    let charge: Charge = match (params.text("payment_intent")?, params.text("charge")?) {
        (None, None) => return Err(Refusal::missing("payment_intent").into()),
        (Some(_), Some(_)) => {
            return Err(Refusal::param("charge", "Send payment_intent or charge, not both.").into());
        }
        (None, Some(id)) => work.find(id, "charge", false)?,
        (Some(id), None) => {
            let intent: Intent = work.find(id, "payment_intent", false)?;
            note_subject(work, &intent);
            let Some(charge) = &intent.latest_charge else {
                let message = "The payment intent has no successful charge to refund.";
                return Err(Refusal::param("payment_intent", message).into());
            };
            work.find(charge, "payment_intent", false)?
        }
    };
    if let Some(intent) = objects::get::<Intent>(work.db, &charge.payment_intent)? {
        note_subject(work, &intent);
    }
    if charge.failure.is_some() {
        let message = "The charge failed; there is nothing to refund.";
        return Err(Refusal::coded("charge", "charge_not_refundable", message).into());
    }
    if dispute::forbids_refunds(work, &charge)? {
        let message = format!("Charge {} has been charged back; cannot issue a refund.", charge.id);
        let refusal = Refusal::coded("charge", "charge_disputed", message);
        return Err(Refusal { begun: true, ..refusal }.into());
    }
    Ok(charge)
}

/// What is to be given back: all that is left, or a part of it.
fn read_amount(params: &Params, charge: &Charge) -> Result<i64, Refusal> {
    let left = charge.amount - charge.amount_refunded;
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", charge.id);
        let refusal = Refusal::coded("charge", "charge_already_refunded", message);
        return Err(Refusal { begun: true, ..refusal });
    }
    match params.integer("amount")? {
        None => Ok(left),
        Some(amount) if amount < 1 => {
            let message = "Invalid positive integer: amount must be at least 1.";
            Err(Refusal::coded("amount", "parameter_invalid_integer", message))
        }
        Some(amount) if amount > left => {
            let message =
                format!("The charge has {left} {} left to refund, in minor units.", charge.currency);
            Err(Refusal::coded("amount", "amount_too_large", message))
        }
        Some(amount) => Ok(amount),
    }
}
