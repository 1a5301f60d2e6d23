//! Refunds: the request, and what Stripe's answers about them mean. Whatever is not certain is unknown.
//!
//! Source: docs.stripe.com/api/refunds/object and /create.

use app::ports::RefundOrder;
use domain::ids::{ProviderReference, RefundId};
use domain::takings::{RefundNews, RefundOutcome, RefundReason, RefundStatus};
use serde::Deserialize;

use super::client::Answer;
use super::outcome::money;
use super::wire::{ErrorAnswer, Metadata};
use crate::words::word;

/// A refund, as far as it is read.
#[derive(Deserialize)]
pub(super) struct RefundObject {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) amount: Option<u64>,
    pub(super) currency: Option<String>,
    pub(super) payment_intent: Option<String>,
    pub(super) metadata: Option<Metadata>,
}

/// One page of a list of refunds.
#[derive(Deserialize)]
pub(super) struct RefundPage {
    pub(super) data: Vec<RefundObject>,
    pub(super) has_more: bool,
}

/// The parameters of a refund.
pub(super) fn form(order: &RefundOrder) -> Vec<(&'static str, String)> {
    let reason = match order.reason {
        RefundReason::Duplicate => Some("duplicate"),
        RefundReason::Fraudulent => Some("fraudulent"),
        RefundReason::RequestedByDonor => Some("requested_by_customer"),
        RefundReason::MadeAtProvider => None,
    };
    let mut form = vec![
        ("payment_intent", order.payment.to_string()),
        ("amount", order.amount.minor().to_string()),
        ("metadata[refund_id]", order.refund.to_string()),
        ("metadata[donation_id]", order.donation.to_string()),
    ];
    form.extend(reason.map(|reason| ("reason", reason.to_owned())));
    form
}

/// What the answer to a request for this refund means.
pub(super) fn of_order(answer: &Answer, order: &RefundOrder) -> RefundOutcome {
    match answer.status {
        429 => return RefundOutcome::NotExecuted { reason: "the provider asks for fewer requests" },
        401 | 403 => return RefundOutcome::NotExecuted { reason: "the provider refuses our API key" },
        500.. => return unknown("the provider failed"),
        _ => {}
    }
    let Some(body) = &answer.body else { return unknown("the provider's answer did not arrive whole") };
    if (200..300).contains(&answer.status) {
        let refund = serde_json::from_slice::<RefundObject>(body).ok().and_then(|refund| news_of(&refund));
        return match refund {
            Some(news) if news.payment == order.payment && news.id.as_ref() == Some(&order.refund) => {
                RefundOutcome::Known(news)
            }
            Some(_) => unknown("the provider's answer is about another refund"),
            None => unknown("the provider's answer cannot be read"),
        };
    }
    let Ok(ErrorAnswer { error }) = serde_json::from_slice(body) else {
        return unknown("the provider's error cannot be read");
    };
    match (answer.status, error.kind.as_deref().unwrap_or("")) {
        (409, _) => {
            RefundOutcome::NotExecuted { reason: "the provider is busy with the same key or payment" }
        }
        (_, "idempotency_error") => unknown("the key was used before with another request"),
        (400..500, "invalid_request_error") if answer.should_retry => {
            unknown("the provider asks for a retry")
        }
        (400..500, kind @ "invalid_request_error") => {
            RefundOutcome::Rejected { code: word(error.code.as_deref().unwrap_or(kind)).to_owned() }
        }
        _ => unknown("the provider's error is not known"),
    }
}

/// What the answer to a question about this refund means. A failed question says nothing about the refund.
pub(super) fn of_look_up(answer: &Answer, reference: &ProviderReference) -> RefundOutcome {
    if answer.says_that_there_is_none() {
        return RefundOutcome::Rejected { code: "resource_missing".to_owned() };
    }
    let body = answer.body.as_ref().filter(|_| (200..300).contains(&answer.status));
    let refund = body.and_then(|body| serde_json::from_slice::<RefundObject>(body).ok());
    match refund.as_ref().and_then(news_of) {
        Some(news) if news.reference == *reference => RefundOutcome::Known(news),
        Some(_) => unknown("the provider's answer is about another refund"),
        None => unknown("the provider did not show the refund"),
    }
}

/// What a refund's own state means; `None` where nobody has taught us its status, or a part is missing.
pub(super) fn news_of(refund: &RefundObject) -> Option<RefundNews> {
    let status = match refund.status.as_deref()? {
        "pending" | "requires_action" => RefundStatus::Pending,
        "succeeded" => RefundStatus::Succeeded,
        "failed" | "canceled" => RefundStatus::Failed,
        _ => return None,
    };
    Some(RefundNews {
        id: refund.metadata.as_ref().and_then(Metadata::refund),
        reference: ProviderReference::parse(&refund.id).ok()?,
        payment: ProviderReference::parse(refund.payment_intent.as_deref()?).ok()?,
        amount: money(refund.amount?, refund.currency.as_deref()?)?,
        status,
    })
}

/// The refund of a list that carries our id.
pub(super) fn find<'a>(refunds: &'a [RefundObject], ours: &RefundId) -> Option<&'a RefundObject> {
    refunds.iter().find(|refund| refund.metadata.as_ref().and_then(Metadata::refund).as_ref() == Some(ours))
}

const fn unknown(reason: &'static str) -> RefundOutcome {
    RefundOutcome::Unknown { reason }
}
