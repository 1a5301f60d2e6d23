//! Stripe's lists.

use std::collections::BTreeMap;

use domain::journal::EntryKind;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Desk, Read, Reader, effect};
use crate::operator::failure::OperatorError;
use crate::operator::view::{
    MovementEffect, Page, ProviderBalance, ProviderDispute, ProviderMovement, ProviderPayment,
    ProviderRefund, ProviderWithdrawal,
};

/// Objects of one page: Stripe's largest.
const PAGE_MAX: usize = 100;

/// A page of a list (docs.stripe.com/api/pagination).
#[derive(Deserialize)]
struct ListOf<T> {
    data: Vec<T>,
    has_more: bool,
}

#[derive(Deserialize)]
struct PaymentIntent {
    id: String,
    status: String,
    amount_received: u64,
    currency: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    donation_id: Option<String>,
}

#[derive(Deserialize)]
struct Refund {
    id: String,
    status: Option<String>,
    amount: u64,
    currency: String,
    payment_intent: Option<String>,
}

/// A dispute (docs.stripe.com/api/disputes/object). Its balance transactions are what moved for it: the
/// withdrawal is negative, what was put back positive.
#[derive(Deserialize)]
struct Dispute {
    id: String,
    status: String,
    currency: String,
    payment_intent: Option<String>,
    #[serde(default)]
    balance_transactions: Vec<BalanceTransaction>,
}

/// A line of the balance (docs.stripe.com/api/balance_transactions/object).
#[derive(Deserialize)]
struct BalanceTransaction {
    id: String,
    amount: i64,
    fee: i64,
    currency: String,
    reporting_category: String,
    source: Option<Source>,
    created: u64,
}

/// What moved, whole or by its id alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Id(String),
    Object { id: String, payment_intent: Option<String> },
}

/// The balance (docs.stripe.com/api/balance/balance_object).
#[derive(Deserialize)]
struct Balance {
    available: Vec<Fund>,
    pending: Vec<Fund>,
}

#[derive(Deserialize)]
struct Fund {
    amount: i64,
    currency: String,
}

/// The lists of one Stripe account.
pub(super) struct Lists<'a>(pub(super) Desk<'a>);

impl Lists<'_> {
    async fn list<T: DeserializeOwned>(
        &self,
        what: &str,
        more: &str,
        after: Option<&str>,
    ) -> Read<ListOf<T>> {
        let after = after.map(|after| format!("&starting_after={after}")).unwrap_or_default();
        self.0.read(&format!("/v1/{what}?limit={PAGE_MAX}{more}{after}"), &[]).await
    }
}

impl Reader for Lists<'_> {
    async fn payments(&self, after: Option<&str>) -> Read<Page<ProviderPayment>> {
        let list: ListOf<PaymentIntent> = self.list("payment_intents", "", after).await?;
        let next = next(list.has_more, list.data.last().map(|intent| intent.id.as_str()));
        let items = list.data.into_iter().map(|intent| ProviderPayment {
            provider: self.0.provider(),
            reference: intent.id,
            status: intent.status,
            received_minor: intent.amount_received,
            currency: intent.currency.to_ascii_uppercase(),
            donation_id: intent.metadata.donation_id,
        });
        Ok(Page { items: items.collect(), next })
    }

    async fn refunds(&self, after: Option<&str>) -> Read<Page<ProviderRefund>> {
        let list: ListOf<Refund> = self.list("refunds", "", after).await?;
        let next = next(list.has_more, list.data.last().map(|refund| refund.id.as_str()));
        let items = list.data.into_iter().map(|refund| ProviderRefund {
            provider: self.0.provider(),
            reference: refund.id,
            payment: refund.payment_intent,
            means: refund_means(refund.status.as_deref().unwrap_or_default()).map(str::to_owned),
            status: refund.status.unwrap_or_default(),
            minor: refund.amount,
            currency: refund.currency.to_ascii_uppercase(),
        });
        Ok(Page { items: items.collect(), next })
    }

    async fn disputes(&self, after: Option<&str>) -> Read<Page<ProviderDispute>> {
        let list: ListOf<Dispute> = self.list("disputes", "", after).await?;
        let next = next(list.has_more, list.data.last().map(|dispute| dispute.id.as_str()));
        let moved = |dispute: &Dispute, is_out: bool| {
            let found = dispute.balance_transactions.iter().find(|line| (line.amount < 0) == is_out);
            found.map(|line| ProviderWithdrawal {
                minor: line.amount.unsigned_abs(),
                fee_minor: line.fee.unsigned_abs(),
            })
        };
        let items = list.data.into_iter().map(|dispute| ProviderDispute {
            provider: self.0.provider(),
            withdrawn: moved(&dispute, true),
            reinstated: moved(&dispute, false),
            reference: dispute.id,
            payment: dispute.payment_intent,
            means: dispute_means(&dispute.status).map(str::to_owned),
            was_lost: dispute.status == "lost",
            status: dispute.status,
            currency: dispute.currency.to_ascii_uppercase(),
        });
        Ok(Page { items: items.collect(), next })
    }

    async fn movements(&self, after: Option<&str>) -> Read<Page<ProviderMovement>> {
        // Only the charge itself names its payment.
        let list: ListOf<BalanceTransaction> =
            self.list("balance_transactions", "&expand[]=data.source", after).await?;
        let next = next(list.has_more, list.data.last().map(|line| line.id.as_str()));
        let items = list.data.into_iter().map(|line| ProviderMovement {
            provider: self.0.provider(),
            currency: line.currency.to_ascii_uppercase(),
            at_ms: line.created.saturating_mul(1_000),
            effects: line.line().effects(),
            reference: line.id,
            category: line.reporting_category,
        });
        Ok(Page { items: items.collect(), next })
    }

    async fn balance(&self) -> Read<Vec<ProviderBalance>> {
        let balance: Balance = self.0.read("/v1/balance", &[]).await?;
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for fund in balance.available.into_iter().chain(balance.pending) {
            let sum = sums.entry(fund.currency.to_ascii_uppercase()).or_default();
            *sum = sum
                .checked_add(fund.amount)
                .ok_or_else(|| OperatorError::unavailable("the provider's balance")(&"it is too large"))?;
        }
        let balance = |(currency, minor)| ProviderBalance { provider: self.0.provider(), currency, minor };
        Ok(sums.into_iter().map(balance).collect())
    }
}

impl BalanceTransaction {
    fn line(&self) -> Line<'_> {
        let (source, payment) = match &self.source {
            None => (None, None),
            Some(Source::Id(id)) => (Some(id.as_str()), None),
            Some(Source::Object { id, payment_intent }) => (Some(id.as_str()), payment_intent.as_deref()),
        };
        let (reference, category) = (self.id.as_str(), self.reporting_category.as_str());
        Line { reference, category, source, payment, minor: self.amount, fee_minor: self.fee }
    }
}

/// A line of the balance, as far as it says what must be booked for it.
pub(crate) struct Line<'a> {
    /// Stripe's id of the line.
    pub(crate) reference: &'a str,
    /// Why the money moved (docs.stripe.com/reports/reporting-categories).
    pub(crate) category: &'a str,
    /// The id of what moved it: a charge, a refund, a dispute, a payout.
    pub(crate) source: Option<&'a str>,
    /// The id of the payment, where the line is about one.
    pub(crate) payment: Option<&'a str>,
    /// Minor units before fees; negative where money leaves.
    pub(crate) minor: i64,
    /// Minor units that Stripe keeps; negative where it gives a fee back.
    pub(crate) fee_minor: i64,
}

impl Line<'_> {
    /// What must be booked for the line.
    pub(crate) fn effects(&self) -> Vec<MovementEffect> {
        let (minor, fee) = (self.minor, self.fee_minor);
        let with_fee = |fee: i64| {
            let kind = if fee > 0 { EntryKind::Fee } else { EntryKind::FeeReturned };
            effect(kind, self.reference, fee.saturating_neg())
        };
        let net = || minor.saturating_sub(fee);
        let source = self.source;
        let named = match self.category {
            "charge" if minor > 0 => self.payment.map(|payment| (EntryKind::Capture, payment)),
            "refund" => source.map(|refund| (EntryKind::Refund, refund)),
            "refund_failure" => source.map(|refund| (EntryKind::RefundFailed, refund)),
            // A dispute's fee is booked with the dispute.
            "dispute" => {
                return vec![effect(EntryKind::DisputeOpened, source.unwrap_or(self.reference), net())];
            }
            "dispute_reversal" => {
                return vec![effect(EntryKind::DisputeWon, source.unwrap_or(self.reference), net())];
            }
            "fee" if minor < 0 => return vec![with_fee(fee.saturating_sub(minor))],
            "payout" if minor < 0 => source.map(|payout| (EntryKind::Payout, payout)),
            "payout_reversal" if minor > 0 => source.map(|payout| (EntryKind::PayoutFailed, payout)),
            _ => None,
        };
        let (kind, reference) = named.unwrap_or((EntryKind::Suspense, self.reference));
        let effects = [effect(kind, reference, minor), with_fee(fee)];
        effects.into_iter().filter(|effect| effect.minor != 0).collect()
    }
}

/// The state that Stripe's status means (docs.stripe.com/api/refunds/object, `status`).
pub(crate) fn refund_means(status: &str) -> Option<&'static str> {
    match status {
        "pending" | "requires_action" => Some("pending"),
        "succeeded" => Some("succeeded"),
        "failed" | "canceled" => Some("failed"),
        _ => None,
    }
}

/// The status that Stripe's means (docs.stripe.com/api/disputes/object, `status`).
pub(crate) fn dispute_means(status: &str) -> Option<&'static str> {
    match status {
        "warning_needs_response" | "warning_under_review" => Some("inquiry"),
        "warning_closed" | "prevented" => Some("inquiry_closed"),
        "needs_response" | "under_review" => Some("open"),
        "won" => Some("won"),
        "lost" => Some("lost"),
        _ => None,
    }
}

fn next(more: bool, last: Option<&str>) -> Option<String> {
    last.filter(|_| more).map(str::to_owned)
}
