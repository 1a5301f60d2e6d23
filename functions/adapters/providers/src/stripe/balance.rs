//! Stripe's own account of its balance, line by line.
//!
//! Source: docs.stripe.com/api/balance_transactions/object and docs.stripe.com/reports/reporting-categories. The source
//! is expanded, because only the charge itself names the payment and the donation.

use app::ports::MovementPage;
use domain::ids::ProviderReference;
use domain::journal::{Movement, MovementCause};
use domain::money::Money;
use domain::time::Timestamp;
use serde::Deserialize;

use super::outcome::money;
use super::wire::Metadata;
use crate::words::word;

/// One page of the balance's movements.
#[derive(Deserialize)]
pub(super) struct BalancePage {
    data: Vec<BalanceTransaction>,
    has_more: bool,
}

/// One movement.
#[derive(Deserialize)]
struct BalanceTransaction {
    id: String,
    /// Minor units before fees; negative where money leaves.
    amount: i64,
    /// Minor units that Stripe keeps.
    fee: i64,
    currency: String,
    reporting_category: String,
    source: Option<Source>,
    /// Seconds since the epoch.
    created: u64,
}

/// What moved, whole or by its id alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Id(String),
    Object(SourceObject),
}

/// A charge, a refund, a dispute or a payout.
#[derive(Deserialize)]
struct SourceObject {
    id: String,
    payment_intent: Option<String>,
    metadata: Option<Metadata>,
}

impl Source {
    fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(object) => &object.id,
        }
    }

    const fn object(&self) -> Option<&SourceObject> {
        match self {
            Self::Id(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

/// The page in our words; `None` where a part of it cannot be read, or it goes on after nothing.
pub(super) fn page_of(page: &BalancePage) -> Option<MovementPage> {
    let movements = page.data.iter().map(movement_of).collect::<Option<Vec<_>>>()?;
    let last = || page.data.last().map(|transaction| transaction.id.clone());
    let next = if page.has_more { Some(last()?) } else { None };
    Some(MovementPage { movements, next })
}

fn movement_of(transaction: &BalanceTransaction) -> Option<Movement> {
    let amount = || money(transaction.amount.unsigned_abs(), &transaction.currency);
    let source = transaction.source.as_ref();
    let reference = || ProviderReference::parse(source?.id()).ok();
    let object = source.and_then(Source::object);
    let payment = || ProviderReference::parse(object?.payment_intent.as_deref()?).ok();
    let is_gain = transaction.amount > 0;
    let other = || -> Option<MovementCause> {
        if transaction.amount == 0 {
            // Nothing moved but what Stripe kept.
            return Some(MovementCause::Fee);
        }
        let category = word(&transaction.reporting_category).to_owned();
        Some(MovementCause::Other { category, amount: amount()?, is_gain })
    };
    let known = match transaction.reporting_category.as_str() {
        "charge" if is_gain => payment()
            .map(|payment| (payment, amount()))
            .and_then(|(payment, amount)| Some(MovementCause::Charge { payment, amount: amount? })),
        "refund" | "refund_failure" => {
            reference().map(|refund| MovementCause::Refund { refund, payment: payment(), is_gain })
        }
        "dispute" | "dispute_reversal" => {
            reference().map(|dispute| MovementCause::Dispute { dispute, payment: payment(), is_gain })
        }
        "fee" if !is_gain => Some(MovementCause::Fee),
        "payout" if !is_gain => {
            reference().zip(amount()).map(|(payout, amount)| MovementCause::Payout { payout, amount })
        }
        "payout_reversal" if is_gain => {
            reference().zip(amount()).map(|(payout, amount)| MovementCause::PayoutFailed { payout, amount })
        }
        _ => None,
    };
    let cause = match known {
        Some(cause) => cause,
        None => other()?,
    };
    let metadata = object.and_then(|object| object.metadata.as_ref());
    let (fee, fee_returned) = fees(transaction, &cause)?;
    Some(Movement {
        reference: ProviderReference::parse(&transaction.id).ok()?,
        fee,
        fee_returned,
        settled_with: None,
        donation: metadata.and_then(Metadata::donation),
        appeal: metadata.and_then(Metadata::appeal),
        occurred_at: Timestamp::from_millis(transaction.created.checked_mul(1_000)?),
        cause,
    })
}

/// What Stripe kept and gave back. A dispute's fee is booked with the dispute; a fee by itself is the movement's
/// amount.
fn fees(transaction: &BalanceTransaction, cause: &MovementCause) -> Option<(Option<Money>, Option<Money>)> {
    let minor = match cause {
        MovementCause::Dispute { .. } => 0,
        MovementCause::Fee => transaction.amount.checked_neg()?.checked_add(transaction.fee)?,
        _ => transaction.fee,
    };
    if minor == 0 {
        return Some((None, None));
    }
    let fee = money(minor.unsigned_abs(), &transaction.currency)?;
    Some(if minor > 0 { (Some(fee), None) } else { (None, Some(fee)) })
}
