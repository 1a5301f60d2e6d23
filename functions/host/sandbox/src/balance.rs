//! Balance transactions, fees and the balance.
//!
//! Objects: <https://docs.stripe.com/api/balance_transactions/object>, <https://docs.stripe.com/api/balance>.

use std::collections::BTreeMap;

use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::form::Params;
use crate::ids::new_id;
use crate::refusal::Stop;
use crate::storage::objects::{Index, Kind, Stored};
use crate::storage::{StorageFault, doing};
use crate::work::{Shown, Work};

/// The fee on a charge: 1.5 % and 20 minor units, Stripe's price for standard UK cards.
const FEE_PER_THOUSAND: i64 = 15;
const FEE_FIXED: i64 = 20;

/// Money can be paid out three days after it was taken.
const AVAILABLE_AFTER_SECONDS: i64 = 3 * 24 * 60 * 60;

/// The fee on a charge of `amount`, in minor units; half a unit is rounded up.
pub(crate) fn fee(amount: i64) -> i64 {
    (amount * FEE_PER_THOUSAND + 500) / 1000 + FEE_FIXED
}

/// One movement of the balance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BalanceTransaction {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) available_on: i64,
    /// Minor units; negative where money leaves.
    pub(crate) amount: i64,
    /// Minor units, never negative.
    pub(crate) fee: i64,
    pub(crate) currency: String,
    pub(crate) cause: Cause,
    /// The charge or refund that moved the money.
    pub(crate) source: String,
    pub(crate) payment_intent: String,
}

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    Charge,
    Refund,
    RefundFailure,
}

impl Cause {
    fn name(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundFailure => "refund_failure",
        }
    }
}

/// What moves: the object that is the cause, its intent, and how much, in minor units.
pub(crate) struct Movement<'a> {
    pub(crate) cause: Cause,
    pub(crate) source: &'a str,
    pub(crate) payment_intent: &'a str,
    pub(crate) amount: i64,
    pub(crate) currency: &'a str,
}

/// Records a movement of the balance and returns its id.
pub(crate) fn record(work: &Work<'_>, movement: &Movement<'_>) -> Result<String, StorageFault> {
    let entry = BalanceTransaction {
        id: new_id("txn"),
        created: work.now(),
        available_on: work.now() + AVAILABLE_AFTER_SECONDS,
        amount: movement.amount,
        fee: if movement.cause == Cause::Charge { fee(movement.amount) } else { 0 },
        currency: movement.currency.to_owned(),
        cause: movement.cause,
        source: movement.source.to_owned(),
        payment_intent: movement.payment_intent.to_owned(),
    };
    work.put(&entry)?;
    Ok(entry.id)
}

impl BalanceTransaction {
    fn net(&self) -> i64 {
        self.amount - self.fee
    }
}

impl Stored for BalanceTransaction {
    const KIND: Kind = Kind::BalanceTransaction;

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created,
            money: Some((&self.currency, self.net())),
            label: self.cause.name(),
            parent: Some(&self.payment_intent),
        }
    }
}

impl Shown for BalanceTransaction {
    fn show(&self, work: &Work<'_>) -> Result<Value, StorageFault> {
        let fee = json!({
            "amount": self.fee, "application": null, "currency": self.currency,
            "description": "Stripe processing fees", "type": "stripe_fee",
        });
        let fee_details = if self.fee == 0 { json!([]) } else { json!([fee]) };
        Ok(json!({
            "id": self.id,
            "object": "balance_transaction",
            "amount": self.amount,
            "available_on": self.available_on,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "description": null,
            "exchange_rate": null,
            "fee": self.fee,
            "fee_details": fee_details,
            "net": self.net(),
            "reporting_category": self.cause.name(),
            "source": self.source,
            "status": if self.available_on <= work.now() { "available" } else { "pending" },
            "type": self.cause.name(),
        }))
    }
}

/// `GET /v1/balance`.
pub(crate) fn show_balance(work: &Work<'_>, params: &Params) -> Result<Answer, Stop> {
    params.only(&["expand"], &[])?;
    let failed = doing("adding up the balance");
    let mut balance: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut query = work
        .db
        .prepare_cached(
            "SELECT currency, sum(iif(created <= ?2, amount, 0)), sum(iif(created > ?2, amount, 0))
             FROM objects WHERE kind = ?1 GROUP BY currency",
        )
        .map_err(&failed)?;
    let until = work.now() - AVAILABLE_AFTER_SECONDS;
    let rows = query
        .query_map(params![Kind::BalanceTransaction.name(), until], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
        })
        .map_err(&failed)?;
    for row in rows {
        let (currency, sums) = row.map_err(&failed)?;
        balance.insert(currency, sums);
    }
    let funds = |pick: fn(&(i64, i64)) -> i64| -> Vec<Value> {
        let fund = |(currency, sums)| {
            let amount = pick(sums);
            json!({ "amount": amount, "currency": currency, "source_types": { "card": amount } })
        };
        balance.iter().map(fund).collect()
    };
    let shown = json!({
        "object": "balance",
        "available": funds(|sums| sums.0),
        "livemode": false,
        "pending": funds(|sums| sums.1),
    });
    Ok(Answer::new(200, &shown))
}
