//! The payment: money collected from a donor's bank account under a mandate.
//!
//! Object: <https://developer.gocardless.com/api-reference/#core-endpoints-payments>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cause::SCHEME;
use super::days;
use crate::storage::objects::{Index, Stored};

/// The charity's account, the same for everything.
pub(crate) const CREDITOR: &str = "CR000SANDBOX";

/// The only currency of Bacs.
pub(crate) const CURRENCY: &str = "GBP";

/// One payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) id: String,
    /// Milliseconds since the Unix epoch.
    pub(crate) created_ms: i64,
    /// Pence.
    pub(crate) amount: i64,
    /// Pence given back, or on their way back.
    pub(crate) amount_refunded: i64,
    /// Such as `2026-11-26`.
    pub(crate) charge_date: String,
    pub(crate) description: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) mandate: String,
    pub(crate) status: Status,
    /// The payout that holds the money, from the moment it is made up.
    pub(crate) payout: Option<String>,
    /// From when the money may be paid out, in milliseconds since the Unix epoch.
    pub(crate) available_ms: i64,
}

/// Statuses of a payment that needs no approval of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    PendingSubmission,
    Submitted,
    Confirmed,
    PaidOut,
    Cancelled,
    Failed,
    ChargedBack,
}

impl Status {
    /// The status as the API names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PendingSubmission => "pending_submission",
            Self::Submitted => "submitted",
            Self::Confirmed => "confirmed",
            Self::PaidOut => "paid_out",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::ChargedBack => "charged_back",
        }
    }
}

impl Payment {
    /// The payment as the API shows it.
    pub(crate) fn show(&self) -> Value {
        let mut links = json!({ "creditor": CREDITOR, "mandate": self.mandate });
        if let Some(payout) = &self.payout {
            links["payout"] = json!(payout);
        }
        json!({
            "id": self.id,
            "created_at": days::timestamp(self.created_ms),
            "charge_date": self.charge_date,
            "amount": self.amount,
            "description": self.description,
            "currency": CURRENCY,
            "status": self.status.name(),
            "amount_refunded": self.amount_refunded,
            "reference": self.reference,
            "metadata": self.metadata,
            "fx": no_exchange(),
            "links": links,
            "retry_if_possible": false,
            "scheme": SCHEME,
        })
    }
}

/// The exchange of money that is not exchanged.
pub(crate) fn no_exchange() -> Value {
    json!({
        "fx_currency": CURRENCY, "fx_amount": null, "exchange_rate": null, "estimated_exchange_rate": null,
    })
}

impl Stored for Payment {
    const KIND: &'static str = "gocardless_payment";

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created_ms,
            money: Some((CURRENCY, self.amount)),
            label: self.status.name(),
            parent: Some(&self.mandate),
        }
    }
}
