//! Disputes: a cardholder asks the bank for the money back, from the first question to the bank's decision.
//!
//! Object: <https://docs.stripe.com/api/disputes/object>. Life:
//! <https://docs.stripe.com/disputes/how-disputes-work>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::ids::new_id;
use crate::storage::StorageFault;
use crate::storage::objects::{self, Index, Stored};
use crate::stripe::balance::{self, BalanceTransaction, Cause, Movement};
use crate::stripe::charge::Charge;
use crate::stripe::event::{emit, emit_update};
use crate::stripe::kind::Kind;
use crate::stripe::show::Shown;
use crate::work::Work;

/// The charity has so long to answer: the end of the ninth day, as a Visa dispute through Stripe does.
const DAYS_TO_ANSWER: i64 = 9;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// The texts that evidence may hold.
pub(crate) const EVIDENCE_TEXTS: [&str; 18] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
];

/// The files that evidence may hold on Stripe, where the sandbox has none.
pub(crate) const EVIDENCE_FILES: [&str; 9] = [
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
];

/// What a cardholder complains of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Complaint {
    /// "It was not me."
    #[serde(rename = "fraudulent")]
    Fraud,
    /// "I never got it."
    #[serde(rename = "product_not_received")]
    NotReceived,
    /// "What is this?" The bank only asks, and no money moves.
    Inquiry,
}

impl Complaint {
    fn reason(self) -> &'static str {
        match self {
            Self::Fraud | Self::Inquiry => "fraudulent",
            Self::NotReceived => "product_not_received",
        }
    }

    /// Visa's code for it.
    fn network_reason_code(self) -> &'static str {
        match self {
            Self::Fraud | Self::Inquiry => "10.4",
            Self::NotReceived => "13.1",
        }
    }
}

/// How far a dispute has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisputeStatus {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
}

impl DisputeStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WarningNeedsResponse => "warning_needs_response",
            Self::WarningUnderReview => "warning_under_review",
            Self::WarningClosed => "warning_closed",
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// Whether the bank only asks.
    pub(crate) fn is_inquiry(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::WarningUnderReview)
    }

    /// Whether the bank has the money and has not decided.
    pub(crate) fn is_open_chargeback(self) -> bool {
        matches!(self, Self::NeedsResponse | Self::UnderReview)
    }

    /// Whether evidence may be handed in.
    pub(crate) fn needs_response(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::NeedsResponse)
    }
}

/// One dispute about one charge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) complaint: Complaint,
    pub(crate) status: DisputeStatus,
    /// The movements of money, oldest first.
    pub(crate) balance_transactions: Vec<String>,
    pub(crate) evidence: BTreeMap<String, String>,
    pub(crate) submission_count: u32,
    pub(crate) due_by: i64,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) brand: String,
}

impl Dispute {
    fn is_charge_refundable(&self) -> bool {
        !self.status.is_open_chargeback() && self.status != DisputeStatus::Lost
    }

    fn evidence(&self) -> Value {
        let mut evidence = Map::new();
        for name in EVIDENCE_FILES {
            evidence.insert(name.to_owned(), Value::Null);
        }
        for name in EVIDENCE_TEXTS {
            evidence.insert(name.to_owned(), json!(self.evidence.get(name)));
        }
        evidence.insert("enhanced_evidence".to_owned(), json!({}));
        Value::Object(evidence)
    }
}

impl Stored for Dispute {
    const KIND: &'static str = Kind::Dispute.name();

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

impl Shown for Dispute {
    fn show(&self, work: &Work<'_>) -> Result<Value, StorageFault> {
        let mut moved = Vec::new();
        for id in &self.balance_transactions {
            if let Some(entry) = objects::get::<BalanceTransaction>(work.db, id)? {
                moved.push(entry.show(work)?);
            }
        }
        let case = if self.complaint == Complaint::Inquiry { "inquiry" } else { "chargeback" };
        let code = self.complaint.network_reason_code();
        let card = json!({
            "brand": self.brand, "case_type": case, "network": self.brand, "network_reason_code": code,
        });
        Ok(json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": moved,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": self.evidence(),
            "evidence_details": {
                "due_by": self.due_by,
                "enhanced_eligibility": {},
                "has_evidence": !self.evidence.is_empty(),
                "past_due": work.now() > self.due_by,
                "submission_count": self.submission_count,
                "submission_method": if self.submission_count == 0 { "not_submitted" } else { "manual" },
            },
            "is_charge_refundable": self.is_charge_refundable(),
            "livemode": false,
            "metadata": self.metadata,
            "network_reason_code": code,
            "payment_intent": self.payment_intent,
            "payment_method_details": { "card": card, "type": "card" },
            "reason": self.complaint.reason(),
            "status": self.status,
        }))
    }
}

/// Whether a dispute about a charge keeps it from being refunded.
pub(crate) fn forbids_refunds(work: &Work<'_>, charge: &Charge) -> Result<bool, StorageFault> {
    let Some(id) = &charge.dispute else { return Ok(false) };
    let dispute = objects::get::<Dispute>(work.db, id)?;
    Ok(dispute.is_some_and(|dispute| !dispute.is_charge_refundable()))
}

/// Why no dispute can be opened about a charge; none where one can.
pub(crate) fn cannot_be_opened(charge: &Charge) -> Option<&'static str> {
    if charge.failure.is_some() {
        Some("Its charge failed: there is nothing to dispute.")
    } else if charge.dispute.is_some() {
        Some("Its charge is disputed already.")
    } else if charge.amount_refunded == charge.amount {
        Some("Its charge was refunded whole.")
    } else {
        None
    }
}

/// Opens a dispute about all that is left of a charge, and returns it. The caller has asked
/// [`cannot_be_opened`].
pub(crate) fn open(
    work: &mut Work<'_>,
    charge: &mut Charge,
    complaint: Complaint,
) -> Result<Dispute, StorageFault> {
    let now = work.now();
    let inquiry = complaint == Complaint::Inquiry;
    let mut dispute = Dispute {
        id: new_id("du"),
        created: now,
        amount: charge.amount - charge.amount_refunded,
        currency: charge.currency.clone(),
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        complaint,
        status: if inquiry { DisputeStatus::WarningNeedsResponse } else { DisputeStatus::NeedsResponse },
        balance_transactions: Vec::new(),
        evidence: BTreeMap::new(),
        submission_count: 0,
        due_by: (now / DAY_SECONDS + DAYS_TO_ANSWER + 1) * DAY_SECONDS - 1,
        metadata: BTreeMap::new(),
        brand: charge.method.card().brand.to_owned(),
    };
    charge.dispute = Some(dispute.id.clone());
    work.put(charge)?;
    work.put(&dispute)?;
    emit(work, "charge.dispute.created", &dispute)?;
    if !inquiry {
        withdraw(work, &mut dispute)?;
    }
    Ok(dispute)
}

/// An inquiry becomes a chargeback: now the money goes.
pub(crate) fn escalate(work: &mut Work<'_>, dispute: &mut Dispute) -> Result<(), StorageFault> {
    let before = json!({ "status": dispute.status });
    dispute.status = DisputeStatus::NeedsResponse;
    dispute.complaint = Complaint::Fraud;
    work.put(dispute)?;
    emit_update(work, "charge.dispute.updated", dispute, &before)?;
    withdraw(work, dispute)
}

/// Ends a dispute with this status; where it is won, the money comes back.
pub(crate) fn end(
    work: &mut Work<'_>,
    dispute: &mut Dispute,
    status: DisputeStatus,
) -> Result<(), StorageFault> {
    dispute.status = status;
    let won = status == DisputeStatus::Won;
    if won {
        move_money(work, dispute, Cause::DisputeReversal, dispute.amount)?;
    }
    work.put(dispute)?;
    emit(work, "charge.dispute.closed", dispute)?;
    if won {
        emit(work, "charge.dispute.funds_reinstated", dispute)?;
    }
    Ok(())
}

fn withdraw(work: &mut Work<'_>, dispute: &mut Dispute) -> Result<(), StorageFault> {
    move_money(work, dispute, Cause::Dispute, -dispute.amount)?;
    work.put(dispute)?;
    emit(work, "charge.dispute.funds_withdrawn", dispute)
}

fn move_money(work: &Work<'_>, dispute: &mut Dispute, cause: Cause, amount: i64) -> Result<(), StorageFault> {
    let charge = objects::get::<Charge>(work.db, &dispute.charge)?;
    let movement = Movement {
        cause,
        source: &dispute.id,
        payment_intent: Some(&dispute.payment_intent),
        amount,
        currency: &dispute.currency,
        not_before: charge.as_ref().and_then(|charge| charge.balance_transaction.as_deref()),
    };
    let entry = balance::record(work, &movement)?;
    dispute.balance_transactions.push(entry);
    Ok(())
}
