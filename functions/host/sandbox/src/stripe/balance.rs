//! Balance transactions, fees and the balance.
//!
//! Objects: <https://docs.stripe.com/api/balance_transactions/object>, <https://docs.stripe.com/api/balance>.
//! Types and categories: <https://docs.stripe.com/reports/balance-transaction-types>.

use std::collections::BTreeMap;

use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ids::new_id;
use crate::storage::objects::{self, Index, Stored};
use crate::storage::{StorageFault, doing};
use crate::stripe::form::Params;
use crate::stripe::kind::Kind;
use crate::stripe::refusal::Stop;
use crate::stripe::show::Shown;
use crate::work::Work;

/// The fee on a charge: 1.5 % and 20 minor units, Stripe's price for standard UK cards.
const FEE_PER_THOUSAND: i64 = 15;
const FEE_FIXED: i64 = 20;

/// The fee on a dispute, in minor units: Stripe's price in the UK. It is kept when the dispute is won.
const DISPUTE_FEE: i64 = 2_000;

/// Money can be paid out three days after it was taken.
const AVAILABLE_AFTER_SECONDS: i64 = 3 * 24 * 60 * 60;

/// The fee on a charge of `amount`, in minor units; half a unit is rounded up.
fn charge_fee(amount: i64) -> i64 {
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
    /// The charge, refund, dispute or payout that moved the money.
    pub(crate) source: String,
    pub(crate) payment_intent: Option<String>,
    /// The payout that holds it.
    pub(crate) payout: Option<String>,
}

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cause {
    Charge,
    Refund,
    RefundFailure,
    /// The bank took a disputed payment back.
    Dispute,
    /// A dispute was won.
    DisputeReversal,
    Payout,
    PayoutFailure,
    PayoutCancel,
}

impl Cause {
    /// The `type`, as Stripe names it.
    fn name(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundFailure => "refund_failure",
            Self::Dispute | Self::DisputeReversal => "adjustment",
            Self::Payout => "payout",
            Self::PayoutFailure => "payout_failure",
            Self::PayoutCancel => "payout_cancel",
        }
    }

    fn category(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::RefundFailure => "refund_failure",
            Self::Dispute => "dispute",
            Self::DisputeReversal => "dispute_reversal",
            Self::Payout => "payout",
            Self::PayoutFailure | Self::PayoutCancel => "payout_reversal",
        }
    }

    /// The fee on a movement of `amount`, and what it is called.
    fn fee(self, amount: i64) -> (i64, &'static str) {
        match self {
            Self::Charge => (charge_fee(amount), "Stripe processing fees"),
            Self::Dispute => (DISPUTE_FEE, "Dispute fee"),
            _ => (0, ""),
        }
    }

    fn is_about_payouts(self) -> bool {
        matches!(self, Self::Payout | Self::PayoutFailure | Self::PayoutCancel)
    }
}

/// What moves: the object that is the cause, its intent, and how much, in minor units.
pub(crate) struct Movement<'a> {
    pub(crate) cause: Cause,
    pub(crate) source: &'a str,
    pub(crate) payment_intent: Option<&'a str>,
    pub(crate) amount: i64,
    pub(crate) currency: &'a str,
    /// The movement that this one undoes in part or whole: while its money is pending, so is this.
    pub(crate) not_before: Option<&'a str>,
}

/// Records a movement of the balance and returns its id.
pub(crate) fn record(work: &Work<'_>, movement: &Movement<'_>) -> Result<String, StorageFault> {
    let earlier = match movement.not_before {
        Some(id) => objects::get::<BalanceTransaction>(work.db, id)?.map(|entry| entry.available_on),
        None => None,
    };
    let available_on = match movement.cause {
        Cause::Charge => work.now() + AVAILABLE_AFTER_SECONDS,
        _ => work.now().max(earlier.unwrap_or_default()),
    };
    let entry = BalanceTransaction {
        id: new_id("txn"),
        created: work.now(),
        available_on,
        amount: movement.amount,
        fee: movement.cause.fee(movement.amount).0,
        currency: movement.currency.to_owned(),
        cause: movement.cause,
        source: movement.source.to_owned(),
        payment_intent: movement.payment_intent.map(str::to_owned),
        // A payout is found among what it holds.
        payout: (movement.cause == Cause::Payout).then(|| movement.source.to_owned()),
    };
    work.put(&entry)?;
    Ok(entry.id)
}

/// What can be paid out, in minor units by currency; what is pending too, if wanted.
pub(crate) fn payable(work: &Work<'_>, pending_too: bool) -> Result<BTreeMap<String, i64>, StorageFault> {
    let failed = doing("adding up what can be paid out");
    let mut query = work
        .db
        .prepare_cached(
            "SELECT currency, sum(amount) FROM objects WHERE kind = ?1 AND body ->> '$.payout' IS NULL
             AND (?2 OR body ->> '$.available_on' <= ?3) GROUP BY currency",
        )
        .map_err(&failed)?;
    let values = params![Kind::BalanceTransaction.name(), pending_too, work.now()];
    let rows = query.query_map(values, |row| Ok((row.get(0)?, row.get(1)?))).map_err(&failed)?;
    rows.collect::<Result<_, _>>().map_err(failed)
}

/// Puts into a payout what [`payable`] added up for its currency. What was pending is available from now on.
pub(crate) fn hold(
    work: &Work<'_>,
    payout: &str,
    currency: &str,
    pending_too: bool,
) -> Result<(), StorageFault> {
    let failed = doing("putting movements into a payout");
    work.db
        .prepare_cached(
            "UPDATE objects SET body = json_set(body, '$.payout', ?4,
                 '$.available_on', min(body ->> '$.available_on', ?3))
             WHERE kind = ?1 AND body ->> '$.payout' IS NULL AND currency = ?5
             AND (?2 OR body ->> '$.available_on' <= ?3)",
        )
        .map_err(&failed)?
        .execute(params![Kind::BalanceTransaction.name(), pending_too, work.now(), payout, currency])
        .map_err(failed)?;
    Ok(())
}

impl BalanceTransaction {
    fn net(&self) -> i64 {
        self.amount - self.fee
    }
}

impl Stored for BalanceTransaction {
    const KIND: &'static str = Kind::BalanceTransaction.name();

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created,
            money: Some((&self.currency, self.net())),
            label: self.cause.name(),
            parent: self.payment_intent.as_deref(),
        }
    }
}

impl Shown for BalanceTransaction {
    fn show(&self, work: &Work<'_>) -> Result<Value, StorageFault> {
        let fee = json!({
            "amount": self.fee, "application": null, "currency": self.currency,
            "description": self.cause.fee(self.amount).1, "type": "stripe_fee",
        });
        let fee_details = if self.fee == 0 { json!([]) } else { json!([fee]) };
        let description = self.cause.is_about_payouts().then_some("STRIPE PAYOUT");
        Ok(json!({
            "id": self.id,
            "object": "balance_transaction",
            "amount": self.amount,
            "available_on": self.available_on,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "description": description,
            "exchange_rate": null,
            "fee": self.fee,
            "fee_details": fee_details,
            "net": self.net(),
            "reporting_category": self.cause.category(),
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
            "SELECT currency, sum(iif(body ->> '$.available_on' <= ?2, amount, 0)),
                 sum(iif(body ->> '$.available_on' > ?2, amount, 0))
             FROM objects WHERE kind = ?1 GROUP BY currency",
        )
        .map_err(&failed)?;
    let rows = query
        .query_map(params![Kind::BalanceTransaction.name(), work.now()], |row| {
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
