//! What the provider says it has taken and given back, through its own lists.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::failure::OperatorError;
use super::stored::After;
use super::view::{Page, PaymentPage, ProviderPayment, ProviderRefund, RefundPage};
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

pub(super) async fn payments(
    State(stack): State<Arc<Stack>>,
    Query(after): Query<After>,
) -> Result<Json<PaymentPage>, OperatorError> {
    let list: List<PaymentIntent> = list(&stack, "payment_intents", after.after).await?;
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
) -> Result<Json<RefundPage>, OperatorError> {
    let list: List<Refund> = list(&stack, "refunds", after.after).await?;
    let next = next(list.has_more, list.data.last().map(|refund| refund.id.as_str()));
    let items = list.data.into_iter().map(|refund| ProviderRefund {
        reference: refund.payment_intent,
        status: refund.status.unwrap_or_default(),
        minor: refund.amount,
        currency: refund.currency.to_ascii_uppercase(),
    });
    Ok(Json(Page { items: items.collect(), next }))
}

fn next(more: bool, last: Option<&str>) -> Option<String> {
    last.filter(|_| more).map(str::to_owned)
}

async fn list<T: DeserializeOwned>(
    stack: &Stack,
    what: &str,
    after: Option<String>,
) -> Result<List<T>, OperatorError> {
    let unavailable = OperatorError::unavailable("the provider's list");
    if after
        .as_ref()
        .is_some_and(|after| !after.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    {
        return Err(OperatorError::Refused("after: must be the next of an earlier page".to_owned()));
    }
    let after = after.map(|after| format!("&starting_after={after}")).unwrap_or_default();
    let url = format!("{}/v1/{what}?limit={PAGE_MAX}{after}", stack.provider.url);
    let answer = stack.http.get(url).bearer_auth(&stack.provider.api_key).send().await;
    let answer = answer.map_err(|error| unavailable(&error))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(unavailable(&format!("GET /v1/{what} answered {status}")));
    }
    answer.json().await.map_err(|error| unavailable(&error))
}
