//! What the provider says it has taken, given back and holds, through its own lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use domain::ids::Provider;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::failure::OperatorError;
use super::stored::After;
use super::view::{
    DisputePage, MovementPage, Page, PaymentPage, ProviderBalance, ProviderDispute, ProviderMovement,
    ProviderPayment, ProviderRefund, ProviderWithdrawal, RefundPage,
};
use crate::stack::Stack;

/// Objects of one page: Stripe's largest.
const PAGE_MAX: usize = 100;

/// A page of a list (docs.stripe.com/api/pagination).
#[derive(Deserialize)]
struct List<T> {
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

type Answer<T> = Result<Json<T>, OperatorError>;

pub(super) async fn payments(
    State(stack): State<Arc<Stack>>,
    Query(after): Query<After>,
) -> Answer<PaymentPage> {
    let list: List<PaymentIntent> = list(&stack, "payment_intents", "", after.after).await?;
    let next = next(list.has_more, list.data.last().map(|intent| intent.id.as_str()));
    let items = list.data.into_iter().map(|intent| ProviderPayment {
        reference: intent.id,
        status: intent.status,
        received_minor: intent.amount_received,
        currency: intent.currency.to_ascii_uppercase(),
        donation_id: intent.metadata.donation_id,
    });
    Ok(Json(Page { items: items.collect(), next }))
}

pub(super) async fn refunds(
    State(stack): State<Arc<Stack>>,
    Query(after): Query<After>,
) -> Answer<RefundPage> {
    let list: List<Refund> = list(&stack, "refunds", "", after.after).await?;
    let next = next(list.has_more, list.data.last().map(|refund| refund.id.as_str()));
    let items = list.data.into_iter().map(|refund| ProviderRefund {
        reference: refund.id,
        payment: refund.payment_intent,
        status: refund.status.unwrap_or_default(),
        minor: refund.amount,
        currency: refund.currency.to_ascii_uppercase(),
    });
    Ok(Json(Page { items: items.collect(), next }))
}

pub(super) async fn disputes(
    State(stack): State<Arc<Stack>>,
    Query(after): Query<After>,
) -> Answer<DisputePage> {
    let list: List<Dispute> = list(&stack, "disputes", "", after.after).await?;
    let next = next(list.has_more, list.data.last().map(|dispute| dispute.id.as_str()));
    let moved = |dispute: &Dispute, is_out: bool| {
        let found = dispute.balance_transactions.iter().find(|line| (line.amount < 0) == is_out);
        found.map(|line| ProviderWithdrawal {
            minor: line.amount.unsigned_abs(),
            fee_minor: line.fee.unsigned_abs(),
        })
    };
    let items = list.data.into_iter().map(|dispute| ProviderDispute {
        withdrawn: moved(&dispute, true),
        reinstated: moved(&dispute, false),
        reference: dispute.id,
        payment: dispute.payment_intent,
        status: dispute.status,
        currency: dispute.currency.to_ascii_uppercase(),
    });
    Ok(Json(Page { items: items.collect(), next }))
}

pub(super) async fn movements(
    State(stack): State<Arc<Stack>>,
    Query(after): Query<After>,
) -> Answer<MovementPage> {
    // Only the charge itself names its payment.
    let list: List<BalanceTransaction> =
        list(&stack, "balance_transactions", "&expand[]=data.source", after.after).await?;
    let next = next(list.has_more, list.data.last().map(|line| line.id.as_str()));
    Ok(Json(Page { items: list.data.into_iter().map(BalanceTransaction::into_view).collect(), next }))
}

/// What the provider holds, by currency.
pub(super) async fn balance(State(stack): State<Arc<Stack>>) -> Answer<Vec<ProviderBalance>> {
    let balance: Balance = read(&stack, "balance", "").await?;
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for fund in balance.available.into_iter().chain(balance.pending) {
        let sum = sums.entry(fund.currency.to_ascii_uppercase()).or_default();
        *sum = sum
            .checked_add(fund.amount)
            .ok_or_else(|| OperatorError::unavailable("the provider's balance")(&"it is too large"))?;
    }
    let balance =
        |(currency, minor)| ProviderBalance { provider: Provider::STRIPE.to_string(), currency, minor };
    Ok(Json(sums.into_iter().map(balance).collect()))
}

impl BalanceTransaction {
    fn into_view(self) -> ProviderMovement {
        let (source, payment) = match self.source {
            None => (None, None),
            Some(Source::Id(id)) => (Some(id), None),
            Some(Source::Object { id, payment_intent }) => (Some(id), payment_intent),
        };
        ProviderMovement {
            provider: Provider::STRIPE.to_string(),
            reference: self.id,
            category: self.reporting_category,
            source,
            payment,
            minor: self.amount,
            fee_minor: self.fee,
            currency: self.currency.to_ascii_uppercase(),
            at_ms: self.created.saturating_mul(1_000),
        }
    }
}

fn next(more: bool, last: Option<&str>) -> Option<String> {
    last.filter(|_| more).map(str::to_owned)
}

async fn list<T: DeserializeOwned>(
    stack: &Stack,
    what: &str,
    more: &str,
    after: Option<String>,
) -> Result<List<T>, OperatorError> {
    if after
        .as_ref()
        .is_some_and(|after| !after.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    {
        return Err(OperatorError::Refused("after: must be the next of an earlier page".to_owned()));
    }
    let after = after.map(|after| format!("&starting_after={after}")).unwrap_or_default();
    read(stack, what, &format!("?limit={PAGE_MAX}{more}{after}")).await
}

async fn read<T: DeserializeOwned>(stack: &Stack, what: &str, query: &str) -> Result<T, OperatorError> {
    let unavailable = OperatorError::unavailable("the provider's list");
    let url = format!("{}/v1/{what}{query}", stack.provider.url);
    let answer = stack.http.get(url).bearer_auth(&stack.provider.api_key).send().await;
    let answer = answer.map_err(|error| unavailable(&error))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(unavailable(&format!("GET /v1/{what} answered {status}")));
    }
    answer.json().await.map_err(|error| unavailable(&error))
}
