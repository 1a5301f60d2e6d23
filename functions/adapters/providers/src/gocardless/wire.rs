//! The parts of GoCardless's objects that are read, and no more.
//!
//! Nearly every name is optional and every enumeration is text: a field that GoCardless leaves out or a value that it
//! adds must lead to an unknown outcome, never to an unreadable answer.

use domain::ids::{DonationId, MalformedId, ProviderReference};
use domain::time::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::words::word;

/// A payment (`developer.gocardless.com/api-reference`, core endpoints, payments).
#[derive(Deserialize)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) status: Option<String>,
    /// Minor units.
    pub(super) amount: Option<u64>,
    /// In upper case.
    pub(super) currency: Option<String>,
    /// RFC 3339.
    created_at: Option<String>,
    pub(super) metadata: Option<Metadata>,
}

impl Payment {
    /// When the provider made the payment.
    pub(super) fn created_at(&self) -> Option<Timestamp> {
        contracts::time::from_rfc3339(self.created_at.as_deref()?).ok()
    }

    /// The donation that the payment names, if it names one of ours.
    pub(super) fn donation(&self) -> Option<DonationId> {
        self.metadata.as_ref().and_then(Metadata::donation)
    }
}

/// What we wrote on the payment when we asked for it.
#[derive(Deserialize)]
pub(super) struct Metadata {
    donation_id: Option<String>,
}

impl Metadata {
    pub(super) fn donation(&self) -> Option<DonationId> {
        self.donation_id.as_deref().and_then(|id| DonationId::parse(id).ok())
    }
}

/// An answer that is about one payment: the resource's name wraps it.
#[derive(Deserialize)]
pub(super) struct OnePayment {
    pub(super) payments: Payment,
}

/// A refund (`developer.gocardless.com/api-reference`, core endpoints, refunds).
#[derive(Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) status: Option<String>,
    /// Minor units.
    pub(super) amount: Option<u64>,
    pub(super) currency: Option<String>,
    pub(super) metadata: Option<RefundMetadata>,
    pub(super) links: Option<RefundLinks>,
}

/// What we wrote on the refund when we asked for it.
#[derive(Deserialize)]
pub(super) struct RefundMetadata {
    pub(super) refund_id: Option<String>,
}

/// What a refund is of.
#[derive(Deserialize)]
pub(super) struct RefundLinks {
    pub(super) payment: Option<String>,
}

/// An answer that is about one payout.
#[derive(Deserialize)]
pub(super) struct OnePayout {
    pub(super) payouts: Payout,
}

/// An answer that is about one refund.
#[derive(Deserialize)]
pub(super) struct OneRefund {
    pub(super) refunds: Refund,
}

/// A transfer to the charity's bank account.
#[derive(Deserialize)]
pub(super) struct Payout {
    pub(super) id: String,
    pub(super) status: Option<String>,
    /// Minor units that reach the bank account.
    pub(super) amount: Option<u64>,
    pub(super) currency: Option<String>,
    /// RFC 3339.
    pub(super) created_at: Option<String>,
}

/// One line of what a payout is made of.
#[derive(Deserialize)]
pub(super) struct PayoutItem {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    /// Minor units as a signed decimal with one decimal place, such as `-20.5`.
    pub(super) amount: Option<String>,
    pub(super) links: Option<PayoutItemLinks>,
}

/// What a payout's line is about.
#[derive(Deserialize)]
pub(super) struct PayoutItemLinks {
    pub(super) payment: Option<String>,
    pub(super) refund: Option<String>,
}

/// One page of a list; the resource's name tells which.
pub(super) trait Page: for<'de> Deserialize<'de> {
    /// The resource's name in paths and answers.
    const RESOURCE: &'static str;
    /// What the list is of.
    type Item;

    /// The items, and the cursor of the next page where there is one.
    fn parts(self) -> (Vec<Self::Item>, Option<String>);
}

macro_rules! pages {
    ($($name:ident of $item:ident under $resource:ident),*) => {$(
        #[derive(Deserialize)]
        pub(super) struct $name {
            $resource: Vec<$item>,
            meta: Meta,
        }

        impl Page for $name {
            const RESOURCE: &'static str = stringify!($resource);
            type Item = $item;

            fn parts(self) -> (Vec<$item>, Option<String>) {
                (self.$resource, self.meta.cursors.after)
            }
        }
    )*};
}

pages!(
    Payments of Payment under payments,
    Refunds of Refund under refunds,
    Payouts of Payout under payouts,
    Events of Event under events,
    PayoutItems of PayoutItem under payout_items
);

#[derive(Deserialize)]
struct Meta {
    cursors: Cursors,
}

#[derive(Deserialize)]
struct Cursors {
    /// Null on the last page. It must be there: a page that does not say whether it is the last proves nothing.
    #[serde(deserialize_with = "present")]
    after: Option<String>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

/// What every error answer holds.
#[derive(Deserialize)]
pub(super) struct ErrorAnswer {
    pub(super) error: ApiError,
}

/// An error: its kind, and one or more reasons.
#[derive(Deserialize)]
pub(super) struct ApiError {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) errors: Vec<ErrorDetail>,
}

/// One part of an error.
#[derive(Deserialize)]
pub(super) struct ErrorDetail {
    pub(super) reason: Option<String>,
    /// Which field of the request is wrong, where one is.
    pub(super) field: Option<String>,
    pub(super) links: Option<ErrorLinks>,
}

/// What an error is about.
#[derive(Deserialize)]
pub(super) struct ErrorLinks {
    pub(super) conflicting_resource_id: Option<String>,
}

impl ApiError {
    /// Whether this is one of the reasons.
    pub(super) fn has(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.errors.iter().filter_map(|error| error.reason.as_deref()).any(matches)
    }

    /// What the key of this request has made before, where that is the error: its id, or that not one is named.
    pub(super) fn conflicting(&self) -> Option<Result<ProviderReference, MalformedId>> {
        if !self.has(|reason| reason == "idempotent_creation_conflict") {
            return None;
        }
        let links = self.errors.iter().filter_map(|error| error.links.as_ref());
        let mut ids = links.filter_map(|links| links.conflicting_resource_id.as_deref());
        let only = ids.next().filter(|_| ids.next().is_none());
        Some(ProviderReference::parse(only.unwrap_or_default()))
    }

    /// The error's name for a log: its kind and the first reason's name or the name of the first field that is wrong.
    pub(super) fn code(&self, kind: &str) -> String {
        let mut names =
            self.errors.iter().filter_map(|error| error.reason.as_deref().or(error.field.as_deref()));
        names.next().map_or_else(|| kind.to_owned(), |name| format!("{kind}.{}", word(name)))
    }
}

/// The body of a webhook, its events as they were written.
#[derive(Deserialize)]
pub(super) struct Batch<'a> {
    #[serde(borrow)]
    pub(super) events: Vec<&'a RawValue>,
}

/// What an event is called.
#[derive(Deserialize)]
pub(super) struct EventHead {
    pub(super) id: String,
}

/// An event (`developer.gocardless.com/api-reference`, core endpoints, events).
#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) resource_type: String,
    pub(super) action: String,
    pub(super) details: Option<EventDetails>,
    pub(super) links: Option<EventLinks>,
    /// What is written on the payment, where the endpoint was set up to send it along.
    pub(super) resource_metadata: Option<Metadata>,
}

/// Why it happened.
#[derive(Deserialize)]
pub(super) struct EventDetails {
    pub(super) cause: Option<String>,
    pub(super) will_attempt_retry: Option<bool>,
}

/// What it happened to.
#[derive(Deserialize)]
pub(super) struct EventLinks {
    pub(super) payment: Option<String>,
    pub(super) refund: Option<String>,
    pub(super) payout: Option<String>,
}
