//! Messages: thin, versioned, and without donors' data. `events/asyncapi.yaml` describes them.
//!
//! A reader ignores fields it does not know, so that a newer writer may add some; a type it does not know is parked.

use serde::{Deserialize, Serialize};

/// What every message says of itself.
pub trait Message {
    /// W3C trace context, as it was written.
    fn traceparent(&self) -> Option<&str>;

    /// Id of the donation that it is about, as it was written, where it names one.
    fn donation_id(&self) -> Option<&str>;
}

/// What has happened to a donation. The spelling is also the message attribute `type` that subscriptions filter on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DonationEventType {
    /// The donation is durable and its payment is owed.
    #[serde(rename = "donation.accepted.v1")]
    DonationAcceptedV1,
    /// The money was taken; the journal entry and the receipt are owed.
    #[serde(rename = "payment.captured.v1")]
    PaymentCapturedV1,
    /// Money moved after the capture, one way or the other: a refund or a dispute. Journal entries are owed.
    #[serde(rename = "payment.reversed.v1")]
    PaymentReversedV1,
    /// A refund is to be made, or to be asked after.
    #[serde(rename = "refund.requested.v1")]
    RefundRequestedV1,
}

impl DonationEventType {
    /// Every type.
    pub const ALL: [Self; 4] =
        [Self::DonationAcceptedV1, Self::PaymentCapturedV1, Self::PaymentReversedV1, Self::RefundRequestedV1];

    /// The type as it is spelt in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DonationAcceptedV1 => "donation.accepted.v1",
            Self::PaymentCapturedV1 => "payment.captured.v1",
            Self::PaymentReversedV1 => "payment.reversed.v1",
            Self::RefundRequestedV1 => "refund.requested.v1",
        }
    }
}

/// An event about a donation, published to the topic `events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DonationEvent {
    /// UUID version 7 of this message; a re-issued event has a new one.
    pub id: String,
    /// What has happened.
    #[serde(rename = "type")]
    pub kind: DonationEventType,
    /// The donation.
    pub donation_id: String,
    /// RFC 3339 moment of publishing.
    pub occurred_at: String,
    /// W3C trace context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

impl Message for DonationEvent {
    fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    fn donation_id(&self) -> Option<&str> {
        Some(&self.donation_id)
    }
}

/// The one type of message on the queue `notifications`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebhookReceivedType {
    /// A verified webhook notification is stored and waits to be applied.
    #[serde(rename = "webhook.received.v1")]
    WebhookReceivedV1,
}

/// A stored webhook notification waits to be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookReceived {
    /// UUID version 7 of this message.
    pub id: String,
    /// Always `webhook.received.v1`.
    #[serde(rename = "type")]
    pub kind: WebhookReceivedType,
    /// The provider that sent it.
    pub provider: String,
    /// Key of the stored notification.
    pub notification_id: String,
    /// RFC 3339 moment of receipt.
    pub occurred_at: String,
    /// W3C trace context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

impl Message for WebhookReceived {
    fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    fn donation_id(&self) -> Option<&str> {
        None
    }
}
