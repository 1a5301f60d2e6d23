//! Refunds: money given back to the donor.
//!
//! Object: <https://developer.gocardless.com/api-reference/#core-endpoints-refunds>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::days;
use super::payment::{CURRENCY, no_exchange};
use crate::storage::objects::{Index, Stored};

/// One refund of one payment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    /// Milliseconds since the Unix epoch.
    pub(crate) created_ms: i64,
    /// Pence.
    pub(crate) amount: i64,
    pub(crate) reference: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) payment: String,
    pub(crate) mandate: String,
    pub(crate) status: Status,
}

/// Statuses of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Created,
    Paid,
    /// It did not reach the donor; the money is on its way back to the charity.
    Bounced,
    FundsReturned,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Paid => "paid",
            Self::Bounced => "bounced",
            Self::FundsReturned => "funds_returned",
        }
    }
}

impl Refund {
    /// The refund as the API shows it.
    pub(crate) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "amount": self.amount,
            "created_at": days::timestamp(self.created_ms),
            "reference": self.reference,
            "metadata": self.metadata,
            "currency": CURRENCY,
            "fx": no_exchange(),
            "status": self.status.name(),
            "links": { "payment": self.payment, "mandate": self.mandate },
        })
    }
}

impl Stored for Refund {
    const KIND: &'static str = "gocardless_refund";

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created_ms,
            money: Some((CURRENCY, self.amount)),
            label: self.status.name(),
            parent: Some(&self.payment),
        }
    }
}
