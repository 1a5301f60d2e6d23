//! RFC 9457 problem details: how every refusal over HTTP is said.

use std::fmt::Display;

use domain::donation::Refusal;
use serde::{Deserialize, Serialize};

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Every kind of problem, with its HTTP status and title. `http/problems.md` explains each to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemType {
    /// A header is missing or malformed.
    InvalidHeader,
    /// The body is not JSON, not an object, or has a field that does not exist, is missing or is twice there.
    MalformedBody,
    /// The body is larger than the limit.
    BodyTooLarge,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
    /// A field breaks a rule.
    InvalidField,
    /// What could be a card number stands where none may be.
    CardDataNotAllowed,
    /// The idempotency key was used before with another request.
    KeyReused,
    /// No money was taken for the donation, or none under that reference.
    NothingToRefund,
    /// More is asked back than is left of the payment, or another currency.
    RefundTooLarge,
    /// The donor's bank holds the money, or has given it back already.
    MoneyDisputed,
    /// The payment's state does not call for what a person decided or asked.
    NothingToResolve,
    /// The provider does not say that the payment which a person named is of this donation.
    PaymentNotMatched,
    /// The donation has as many captures, refunds or disputes as it may have.
    TooMany,
    /// No such donation, an address that does not carry its capability, or no such provider.
    NotFound,
    /// A webhook notification that cannot be verified.
    UnverifiedWebhook,
    /// A webhook notification whose signature does not match, where the provider expects to be told so.
    WrongSignature,
    /// Nothing is known to be stored; the same request may be sent again.
    TryAgain,
}

impl ProblemType {
    /// Every type.
    pub const ALL: [Self; 17] = [
        Self::InvalidHeader,
        Self::MalformedBody,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidField,
        Self::CardDataNotAllowed,
        Self::KeyReused,
        Self::NothingToRefund,
        Self::RefundTooLarge,
        Self::MoneyDisputed,
        Self::NothingToResolve,
        Self::PaymentNotMatched,
        Self::TooMany,
        Self::NotFound,
        Self::UnverifiedWebhook,
        Self::WrongSignature,
        Self::TryAgain,
    ];

    /// The stable name, last part of the `type` URI.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidHeader => "invalid-header",
            Self::MalformedBody => "malformed-body",
            Self::BodyTooLarge => "body-too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::InvalidField => "invalid-field",
            Self::CardDataNotAllowed => "card-data-not-allowed",
            Self::KeyReused => "key-reused",
            Self::NothingToRefund => "nothing-to-refund",
            Self::RefundTooLarge => "refund-too-large",
            Self::MoneyDisputed => "money-disputed",
            Self::NothingToResolve => "nothing-to-resolve",
            Self::PaymentNotMatched => "payment-not-matched",
            Self::TooMany => "too-many",
            Self::NotFound => "not-found",
            Self::UnverifiedWebhook => "unverified-webhook",
            Self::WrongSignature => "wrong-signature",
            Self::TryAgain => "try-again",
        }
    }

    /// HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidHeader | Self::MalformedBody | Self::UnverifiedWebhook => 400,
            Self::NotFound => 404,
            Self::NothingToRefund
            | Self::RefundTooLarge
            | Self::MoneyDisputed
            | Self::NothingToResolve
            | Self::PaymentNotMatched
            | Self::TooMany => 409,
            Self::BodyTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::InvalidField | Self::CardDataNotAllowed | Self::KeyReused => 422,
            Self::WrongSignature => 498,
            Self::TryAgain => 503,
        }
    }

    /// Short sentence that is the same for every problem of the type.
    pub const fn title(self) -> &'static str {
        match self {
            Self::InvalidHeader => "A header is missing or malformed.",
            Self::MalformedBody => "The body is not the JSON object that is expected here.",
            Self::BodyTooLarge => "The body is too large.",
            Self::UnsupportedMediaType => "The body must be application/json.",
            Self::InvalidField => "A field breaks a rule.",
            Self::CardDataNotAllowed => "Card numbers are not accepted here.",
            Self::KeyReused => "The idempotency key was used before with another request.",
            Self::NothingToRefund => "No money was taken that could be given back.",
            Self::RefundTooLarge => "More is asked back than is left.",
            Self::MoneyDisputed => "The donor's bank disputes the money.",
            Self::NothingToResolve => "The payment does not call for this.",
            Self::PaymentNotMatched => "The provider does not say that the payment is of this donation.",
            Self::TooMany => "A donation has only so many captures, refunds and disputes.",
            Self::NotFound => "There is nothing to be seen at this address.",
            Self::UnverifiedWebhook => "The notification could not be verified.",
            Self::WrongSignature => "The signature of the notification does not match.",
            Self::TryAgain => "It could not be done just now. Send the same request again.",
        }
    }
}

/// What an operator is told when the domain says no to a refund, a decision or a payment that was looked up.
impl From<Refusal> for ProblemType {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NothingToRefund => Self::NothingToRefund,
            Refusal::RefundTooLarge => Self::RefundTooLarge,
            Refusal::MoneyDisputed => Self::MoneyDisputed,
            Refusal::RefundKeyReused => Self::KeyReused,
            Refusal::TooMany => Self::TooMany,
            // None but the first is an answer to anything that an operator can ask over HTTP.
            Refusal::NothingToResolve
            | Refusal::AttemptNotAllowed
            | Refusal::NoAttempt
            | Refusal::ReversalBeforeCapture
            | Refusal::NoSuchRefund
            | Refusal::Contradiction
            | Refusal::EntryWithoutEffect
            | Refusal::ReceiptNotClaimable => Self::NothingToResolve,
        }
    }
}

/// A problem as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// `https://outpour.example/problems/NAME`: a name, not a promise that the page exists.
    #[serde(rename = "type")]
    pub kind: String,
    /// The type's sentence.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// This problem in words; never the value that was refused.
    pub detail: String,
    /// What was refused: a header's name, or a JSON Pointer (RFC 6901) into the body, such as `/donor/email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What every problem's `type` begins with.
pub const TYPE_BASE: &str = "https://outpour.example/problems/";

impl Problem {
    /// A problem of this type, about `field` where there is one.
    pub fn new(kind: ProblemType, field: Option<&str>, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("{TYPE_BASE}{}", kind.name()),
            title: kind.title().to_owned(),
            status: kind.status(),
            detail: detail.into(),
            field: field.map(str::to_owned),
        }
    }

    /// A value that breaks its rule. `rule` goes on after "The field", such as `must be one of a, b`.
    pub fn invalid(pointer: &str, rule: impl Display) -> Self {
        Self::new(ProblemType::InvalidField, Some(pointer), format!("The field {rule}."))
    }

    /// What stands there looks like a card number, and is not repeated.
    pub fn card_number(pointer: &str) -> Self {
        let detail = "Card numbers are not accepted. Nothing was stored; pass the provider's token instead.";
        Self::new(ProblemType::CardDataNotAllowed, Some(pointer), detail)
    }

    /// No donation has the id in the path.
    pub fn no_donation() -> Self {
        Self::new(ProblemType::NotFound, None, "There is no donation of this id.")
    }
}
