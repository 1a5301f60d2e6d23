//! Payout items: what a payout is made up of, and what waits for the next one.
//!
//! Object: <https://developer.gocardless.com/api-reference/#core-endpoints-payout-items>.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fee::{self, fee};
use super::ids::new_id;
use super::payment::{CURRENCY, Payment};
use crate::storage::objects::{self, Index, Stored};
use crate::storage::{StorageFault, doing};
use crate::work::Work;

/// The label of items that are in no payout yet.
const WAITING: &str = "waiting";

/// A tenth of a penny is the least that an item counts.
pub(crate) const TENTHS: i64 = 10;

/// What an item stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    PaymentPaidOut,
    PaymentFailed,
    PaymentChargedBack,
    PaymentRefunded,
    GocardlessFee,
    RefundFundsReturned,
}

/// One movement of the charity's balance with GoCardless.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    /// GoCardless's items have no ids; this one is only seen as a cursor.
    pub(crate) id: String,
    pub(crate) created_ms: i64,
    pub(crate) kind: Kind,
    /// Tenths of a penny; negative where money leaves.
    pub(crate) tenths: i64,
    /// How much of it is value added tax, with the same sign.
    pub(crate) tax_tenths: i64,
    pub(crate) payment: String,
    pub(crate) mandate: String,
    pub(crate) refund: Option<String>,
    /// None while it waits for the next payout.
    pub(crate) payout: Option<String>,
}

impl Item {
    /// An item about a payment, which waits for the next payout. Stores nothing yet.
    pub(crate) fn of(work: &Work<'_>, payment: &Payment, kind: Kind, tenths: i64) -> Self {
        Self {
            id: new_id("PI"),
            created_ms: work.now_ms,
            kind,
            tenths,
            tax_tenths: 0,
            payment: payment.id.clone(),
            mandate: payment.mandate.clone(),
            refund: None,
            payout: None,
        }
    }

    /// The fee on a payment, as a debit or, given back, as a credit.
    pub(crate) fn fee_of(work: &Work<'_>, payment: &Payment, sign: i64) -> Self {
        let fee = fee(payment.amount);
        Self {
            tax_tenths: sign * fee.tax_tenths,
            ..Self::of(work, payment, Kind::GocardlessFee, sign * fee.total_tenths)
        }
    }

    /// The item as the API shows it.
    pub(crate) fn show(&self) -> Value {
        let mut links = json!({ "mandate": self.mandate, "payment": self.payment });
        if let Some(refund) = &self.refund {
            links["refund"] = json!(refund);
        }
        let tax = json!({
            "amount": fee::shown(self.tax_tenths),
            "currency": CURRENCY,
            "destination_amount": fee::shown(self.tax_tenths),
            "destination_currency": CURRENCY,
            "exchange_rate": null,
            "tax_rate_id": "GB_VAT_1",
        });
        let taxes = if self.tax_tenths == 0 { json!([]) } else { json!([tax]) };
        json!({ "amount": fee::shown(self.tenths), "type": self.kind, "links": links, "taxes": taxes })
    }
}

impl Stored for Item {
    const KIND: &'static str = "gocardless_payout_item";

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created_ms,
            money: None,
            label: self.payout.as_deref().unwrap_or(WAITING),
            parent: Some(&self.payment),
        }
    }
}

/// Takes a payment that is in a payout out of the balance again, and gives its fee back. One that is in no
/// payout has never come into the balance.
pub(crate) fn take_back(work: &Work<'_>, payment: &Payment, kind: Kind) -> Result<(), StorageFault> {
    if payment.payout.is_none() {
        return Ok(());
    }
    work.put(&Item::of(work, payment, kind, -payment.amount * TENTHS))?;
    work.put(&Item::fee_of(work, payment, 1))
}

/// The items of a payout, or those that wait for one, oldest first.
pub(crate) fn of_payout(work: &Work<'_>, payout: Option<&str>) -> Result<Vec<Item>, StorageFault> {
    let failed = doing("reading payout items");
    let mut query = work
        .db
        .prepare_cached("SELECT id, body FROM objects WHERE kind = ?1 AND label = ?2 ORDER BY seq")
        .map_err(&failed)?;
    let rows: Vec<(String, String)> = query
        .query_map([Item::KIND, payout.unwrap_or(WAITING)], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(&failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    rows.iter().map(|(id, body)| objects::read(id, body)).collect()
}
