use domain::ids::{DonationId, NotificationId, Provider, ProviderReference};
use domain::payment::PaymentOutcome;
use domain::time::Timestamp;

use super::Fault;

/// A webhook request as it arrived.
#[derive(Clone, Copy)]
pub struct SignedNotification<'a> {
    /// The raw body.
    pub body: &'a [u8],
    /// Every value of the provider's signature header, in order.
    pub signatures: &'a [&'a str],
}

/// Why a webhook request is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// The signature header is missing, twice there, or not of its form.
    #[error("the signature header is missing or malformed")]
    MalformedSignature,
    /// No signature matches any live secret.
    #[error("no signature matches")]
    WrongSignature,
    /// The signature is too old, or too far in the future.
    #[error("the signature's time is out of tolerance")]
    OutOfTolerance,
    /// Signed, but not an event of the kind this endpoint takes.
    #[error("the body is not an event of the expected kind")]
    NotAnEvent,
}

/// Who may speak for a provider. There is no default for trust.
pub trait Webhooks {
    /// Which provider.
    fn provider(&self) -> Provider;

    /// Name of the header that carries the signature, in lower case.
    fn signature_header(&self) -> &'static str;

    /// Checks who sent the request, and names the notification by the provider's own event id.
    ///
    /// Constant time over secrets; no input makes it panic.
    fn verify(
        &self,
        notification: SignedNotification<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Result<NotificationId, WebhookRefusal>, Fault>>;
}

/// What a notification says, in our own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Something about the payment of a donation.
    Outcome {
        /// The donation named in the payment's metadata.
        donation: DonationId,
        /// What.
        outcome: PaymentOutcome,
    },
    /// All of a captured amount was given back.
    Returned {
        /// The donation named in the payment's metadata.
        donation: DonationId,
        /// The provider's id of the payment.
        reference: ProviderReference,
    },
    /// A known type that changes nothing here.
    Nothing,
    /// A type, status or payment that nobody has taught us. It is parked, never guessed.
    Unrecognised {
        /// What is not recognised, in fixed words and the provider's names for things; nothing of the donor's.
        what: String,
    },
}

/// Reads the notifications of one provider.
pub trait NotificationReader {
    /// What the body of a verified notification says.
    fn read(&self, body: &str) -> Effect;
}
