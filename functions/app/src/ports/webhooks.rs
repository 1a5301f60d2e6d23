use domain::ids::{DonationId, NotificationId, Provider, ProviderReference};
use domain::money::Money;
use domain::payment::PaymentOutcome;
use domain::takings::{DisputeNews, RefundNews};
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

    /// The HTTP status that the provider expects where its signature does not match.
    fn wrong_signature_status(&self) -> u16;

    /// Checks who sent the request, and takes it apart into its notifications, each named by the provider's own event
    /// id. Most providers send one at a time.
    ///
    /// Constant time over secrets; no input makes it panic.
    fn verify(
        &self,
        notification: SignedNotification<'_>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Result<Vec<Verified>, WebhookRefusal>, Fault>>;
}

/// One notification of a verified request.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// `provider#event id`.
    pub id: NotificationId,
    /// Its body: the request's own bytes where it holds one notification.
    pub body: String,
}

/// Which donation a notification is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The one that it names.
    Donation(DonationId),
    /// The one that this payment names: the provider has to be asked.
    Payment(ProviderReference),
}

/// What a notification says, in our own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Something about the payment of a donation.
    Outcome {
        /// Which donation.
        about: About,
        /// What.
        outcome: PaymentOutcome,
    },
    /// The payment moved on, and what it is now has to be asked.
    PaymentMoved {
        /// The provider's id of the payment.
        payment: ProviderReference,
    },
    /// Something about a refund.
    Refund {
        /// Which donation.
        about: About,
        /// What.
        news: RefundNews,
    },
    /// The refund moved on, and what it is now has to be asked.
    RefundMoved {
        /// The provider's id of the refund.
        refund: ProviderReference,
    },
    /// Something about a dispute.
    Dispute {
        /// Which donation.
        about: About,
        /// What.
        news: DisputeNews,
    },
    /// A bank refused the payment, took back what had been captured for it, or gave that back: which of these, and how
    /// often, has to be asked.
    TakenBack {
        /// The provider's id of the payment.
        payment: ProviderReference,
    },
    /// Money was taken for a payment that names no donation.
    Orphan {
        /// The provider's id of the payment.
        payment: ProviderReference,
        /// How much.
        amount: Money,
    },
    /// A payout came back from the bank.
    PayoutFailed {
        /// The provider's id of the payout.
        payout: ProviderReference,
        /// How much.
        amount: Money,
    },
    /// A known type that changes nothing here.
    Nothing,
    /// A type, status or payment that nobody has taught us. It is parked, never guessed.
    Unrecognised {
        /// What is not recognised, in fixed words and the provider's names for things; nothing of the donor's.
        what: String,
    },
}

/// Reads the notifications of every provider.
pub trait NotificationReader {
    /// What the body of a verified notification of this provider says.
    fn read(&self, provider: Provider, body: &str) -> Effect;
}
