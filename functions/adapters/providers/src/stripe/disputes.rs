//! Disputes: what Stripe's object says, in our words.
//!
//! Source: docs.stripe.com/api/disputes/object. The object's `balance_transactions` say what moved: first the
//! withdrawal, and after a decision for the charity the money put back. A decision that is appealed against is none yet
//! (docs.stripe.com/disputes/arbitration).

use domain::ids::ProviderReference;
use domain::takings::{DisputeNews, DisputeStatus, Withdrawal};
use serde::Deserialize;

use super::outcome::money;

/// A dispute, as far as it is read.
#[derive(Deserialize)]
pub(super) struct DisputeObject {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) payment_intent: Option<String>,
    #[serde(default)]
    pub(super) balance_transactions: Vec<DisputeMovement>,
}

/// One movement of the balance for a dispute.
#[derive(Deserialize)]
pub(super) struct DisputeMovement {
    /// Minor units; negative where money leaves.
    amount: i64,
    /// Minor units; negative where a fee is given back.
    fee: i64,
    currency: String,
}

/// What a dispute's own state means; `None` where nobody has taught us its status, or a part is missing.
pub(super) fn news_of(dispute: &DisputeObject) -> Option<DisputeNews> {
    let status = match dispute.status.as_deref()? {
        "warning_needs_response" | "warning_under_review" => DisputeStatus::Inquiry,
        "warning_closed" | "prevented" => DisputeStatus::InquiryClosed,
        "needs_response" | "under_review" | "appeal_needs_response" | "appeal_under_review" => {
            DisputeStatus::Open
        }
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        _ => return None,
    };
    let moved = |is_out: bool| {
        let found = dispute.balance_transactions.iter().find(|movement| (movement.amount < 0) == is_out);
        found.map(withdrawal).transpose()
    };
    Some(DisputeNews {
        reference: ProviderReference::parse(&dispute.id).ok()?,
        payment: ProviderReference::parse(dispute.payment_intent.as_deref()?).ok()?,
        status,
        withdrawn: moved(true).ok()?,
        reinstated: moved(false).ok()?,
    })
}

/// A sum that cannot be read.
struct Unreadable;

fn withdrawal(movement: &DisputeMovement) -> Result<Withdrawal, Unreadable> {
    let sum = |minor: i64| money(minor.unsigned_abs(), &movement.currency).ok_or(Unreadable);
    let fee = (movement.fee != 0).then(|| sum(movement.fee)).transpose()?;
    Ok(Withdrawal { amount: sum(movement.amount)?, fee })
}
