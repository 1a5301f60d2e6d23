//! The parts of Stripe's objects that are read, and no more.
//!
//! Every name is optional and every enumeration is text: a field that Stripe leaves out or a value that it adds must
//! lead to an unknown outcome, never to an unreadable answer. Nothing here can be printed: it holds client secrets.

use domain::ids::{Appeal, DonationId, RefundId};
use serde::Deserialize;

/// A `PaymentIntent` (`docs.stripe.com/api/payment_intents/object`).
#[derive(Deserialize)]
pub(super) struct PaymentIntent {
    pub(super) id: String,
    pub(super) status: Option<String>,
    /// Minor units asked for.
    pub(super) amount: Option<u64>,
    /// Minor units taken.
    pub(super) amount_received: Option<u64>,
    /// In lower case.
    pub(super) currency: Option<String>,
    pub(super) metadata: Option<Metadata>,
    /// Seconds since the epoch.
    pub(super) created: Option<u64>,
    pub(super) client_secret: Option<String>,
    pub(super) next_action: Option<NextAction>,
    pub(super) last_payment_error: Option<ApiError>,
}

impl PaymentIntent {
    /// The donation that the payment names, if it names one of ours.
    pub(super) fn donation(&self) -> Option<DonationId> {
        self.metadata.as_ref().and_then(Metadata::donation)
    }
}

/// What we wrote on the payment when we asked for it.
#[derive(Deserialize)]
pub(super) struct Metadata {
    donation_id: Option<String>,
    appeal: Option<String>,
    refund_id: Option<String>,
}

impl Metadata {
    pub(super) fn donation(&self) -> Option<DonationId> {
        self.donation_id.as_deref().and_then(|id| DonationId::parse(id).ok())
    }

    pub(super) fn appeal(&self) -> Option<Appeal> {
        self.appeal.as_deref().and_then(|appeal| Appeal::parse(appeal).ok())
    }

    pub(super) fn refund(&self) -> Option<RefundId> {
        self.refund_id.as_deref().and_then(|id| RefundId::parse(id).ok())
    }
}

/// What the donor has to do.
#[derive(Deserialize)]
pub(super) struct NextAction {
    pub(super) redirect_to_url: Option<Redirect>,
}

/// Where the donor has to go.
#[derive(Deserialize)]
pub(super) struct Redirect {
    pub(super) url: Option<String>,
}

/// What every error answer holds (`docs.stripe.com/api/errors`).
#[derive(Deserialize)]
pub(super) struct ErrorAnswer {
    pub(super) error: ApiError,
}

/// An error, of an answer or of a payment's last try.
#[derive(Deserialize)]
pub(super) struct ApiError {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) param: Option<String>,
    pub(super) payment_intent: Option<Box<PaymentIntent>>,
}

/// One page of a list (`docs.stripe.com/api/pagination`).
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) data: Vec<PaymentIntent>,
    pub(super) has_more: bool,
}

/// What every body of a webhook holds; a thin event has another `object` and is refused by it.
#[derive(Deserialize)]
pub(super) struct EventHead {
    pub(super) object: String,
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// An event, with what it is about as it was then.
#[derive(Deserialize)]
pub(super) struct EventOf<T> {
    pub(super) data: EventData<T>,
}

/// The wrapper around what an event is about.
#[derive(Deserialize)]
pub(super) struct EventData<T> {
    pub(super) object: T,
}

/// A payout (`docs.stripe.com/api/payouts/object`).
#[derive(Deserialize)]
pub(super) struct Payout {
    pub(super) id: String,
    pub(super) amount: Option<u64>,
    pub(super) currency: Option<String>,
}
