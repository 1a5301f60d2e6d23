//! Payouts: transfers of the charity's balance to its bank account.
//!
//! Object: <https://developer.gocardless.com/api-reference/#core-endpoints-payouts>.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::days;
use super::payment::{CREDITOR, CURRENCY, no_exchange};
use crate::storage::objects::{Index, Stored};

/// One payout.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Payout {
    pub(crate) id: String,
    /// Milliseconds since the Unix epoch.
    pub(crate) created_ms: i64,
    /// Pence: what arrives.
    pub(crate) amount: i64,
    /// Pence: the fees that were taken off first. Negative where more were given back.
    pub(crate) deducted_fees: i64,
    /// What stands on the charity's bank statement.
    pub(crate) reference: String,
    pub(crate) status: Status,
    /// Such as `2026-12-01`; none before it was paid.
    pub(crate) arrival_date: Option<String>,
    /// Whether what is in it was told to be settled. That happens once, however often it is paid.
    pub(crate) settled: bool,
}

/// Statuses of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    Paid,
    /// The charity's bank has sent it back.
    Bounced,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Bounced => "bounced",
        }
    }
}

impl Payout {
    /// The payout as the API shows it.
    pub(crate) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "amount": self.amount,
            "arrival_date": self.arrival_date,
            "created_at": days::timestamp(self.created_ms),
            "deducted_fees": self.deducted_fees,
            "currency": CURRENCY,
            "payout_type": "merchant",
            "reference": self.reference,
            "status": self.status.name(),
            "fx": no_exchange(),
            "tax_currency": CURRENCY,
            "metadata": {},
            "links": { "creditor": CREDITOR, "creditor_bank_account": "BA000SANDBOX" },
        })
    }
}

impl Stored for Payout {
    const KIND: &'static str = "gocardless_payout";

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created_ms,
            money: Some((CURRENCY, self.amount)),
            label: self.status.name(),
            parent: None,
        }
    }
}
