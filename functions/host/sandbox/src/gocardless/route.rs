//! The API's paths.

use http::Method;
use serde_json::{Map, Value};

use super::document::Fields;
use super::event::Event;
use super::filters::Filters;
use super::payment::Payment;
use super::payout::Payout;
use super::refund::Refund;
use super::refusal::{Refusal, Stop};
use super::{lists, mandate, payments, refunds};
use crate::storage::objects::{self, Stored};
use crate::work::Work;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Payments,
    Refunds,
    Payouts,
    PayoutItems,
    Events,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    CreatePayment,
    CancelPayment(String),
    CreateRefund,
    GetPayment(String),
    GetRefund(String),
    GetMandate(String),
    GetPayout(String),
    GetEvent(String),
    List(List),
}

/// What a request is answered with.
pub(crate) struct Done {
    /// The whole body, in its envelope.
    pub(crate) body: Value,
    /// The id of what the request has created.
    pub(crate) created: Option<String>,
}

impl Done {
    /// One resource in its envelope.
    pub(crate) fn shown(envelope: &str, resource: Value) -> Self {
        let body = Value::Object(Map::from_iter([(envelope.to_owned(), resource)]));
        Self { body, created: None }
    }
}

/// Whether a path is one of GoCardless's and not of another provider's.
pub(crate) fn is_ours(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    matches!(first, "payments" | "refunds" | "mandates" | "payouts" | "payout_items" | "events")
}

impl Operation {
    /// The operation of a path, or none where the sandbox has none.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        if segments.iter().any(|segment| segment.is_empty()) {
            return None;
        }
        let id = |id: &str| id.to_owned();
        match (method, segments.as_slice()) {
            (&Method::POST, ["payments"]) => Some(Self::CreatePayment),
            (&Method::POST, ["payments", payment, "actions", "cancel"]) => {
                Some(Self::CancelPayment(id(payment)))
            }
            (&Method::POST, ["refunds"]) => Some(Self::CreateRefund),
            (&Method::GET, ["payments", payment]) => Some(Self::GetPayment(id(payment))),
            (&Method::GET, ["refunds", refund]) => Some(Self::GetRefund(id(refund))),
            (&Method::GET, ["mandates", mandate]) => Some(Self::GetMandate(id(mandate))),
            (&Method::GET, ["payouts", payout]) => Some(Self::GetPayout(id(payout))),
            (&Method::GET, ["events", event]) => Some(Self::GetEvent(id(event))),
            (&Method::GET, ["payments"]) => Some(Self::List(List::Payments)),
            (&Method::GET, ["refunds"]) => Some(Self::List(List::Refunds)),
            (&Method::GET, ["payouts"]) => Some(Self::List(List::Payouts)),
            (&Method::GET, ["payout_items"]) => Some(Self::List(List::PayoutItems)),
            (&Method::GET, ["events"]) => Some(Self::List(List::Events)),
            _ => None,
        }
    }

    /// The key of the object that the body is wrapped in.
    pub(crate) fn envelope(&self) -> &'static str {
        match self {
            Self::CreatePayment => "payments",
            Self::CreateRefund => "refunds",
            _ => "data",
        }
    }

    /// Whether an idempotency key keeps the request from being done twice.
    pub(crate) fn is_creation(&self) -> bool {
        matches!(self, Self::CreatePayment | Self::CreateRefund)
    }

    /// The payment that the path names.
    pub(crate) fn payment(&self) -> Option<&str> {
        match self {
            Self::CancelPayment(id) | Self::GetPayment(id) => Some(id),
            _ => None,
        }
    }

    /// Does it.
    pub(crate) fn run(
        &self,
        work: &mut Work<'_>,
        body: Option<Map<String, Value>>,
        filters: Filters,
    ) -> Result<Done, Stop> {
        let fields = Fields::new(body, self.envelope());
        match self {
            Self::CreatePayment => return payments::create(work, fields),
            Self::CancelPayment(id) => return payments::cancel(work, id, fields),
            Self::CreateRefund => return refunds::create(work, fields),
            Self::List(list) => return lists::list(work, *list, filters),
            _ => filters.finish()?,
        }
        match self {
            Self::GetPayment(id) => Ok(Done::shown("payments", find::<Payment>(work, id)?.show())),
            Self::GetRefund(id) => Ok(Done::shown("refunds", find::<Refund>(work, id)?.show())),
            Self::GetPayout(id) => Ok(Done::shown("payouts", find::<Payout>(work, id)?.show())),
            Self::GetEvent(id) => Ok(Done::shown("events", find::<Event>(work, id)?.show())),
            Self::GetMandate(id) => {
                let mandate = mandate::find(id).ok_or_else(Refusal::no_resource)?;
                Ok(Done::shown("mandates", mandate.show(work.now_ms)))
            }
            _ => Err(Refusal::no_path().into()),
        }
    }
}

/// The resource of that id, or a 404.
pub(crate) fn find<T: Stored>(work: &Work<'_>, id: &str) -> Result<T, Stop> {
    objects::get(work.db, id)?.ok_or_else(|| Refusal::no_resource().into())
}
