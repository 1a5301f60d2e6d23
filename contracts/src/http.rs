//! Bodies of the HTTP API. `http/openapi.yaml` describes them.

mod operators;

use serde::{Deserialize, Serialize};

pub use operators::{RefundAnswer, RefundRequest, ResolutionAnswer, ResolutionAsked, ResolutionRequest};

/// Most bytes of a request body.
pub const BODY_BYTES_MAX: usize = 16 * 1024;

/// Body of `POST /donations`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DonationRequest {
    /// Major units as decimal text: `"25.00"`.
    pub amount: String,
    /// ISO 4217 code in capitals.
    pub currency: String,
    /// Slug of the appeal.
    pub appeal: String,
    /// How to collect the money.
    pub payment: PaymentRequest,
    /// Who gives.
    pub donor: DonorRequest,
    /// The Gift Aid declaration; needs `donor.address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift_aid: Option<GiftAidRequest>,
    /// `web`, `telephone` or `text`.
    pub channel: String,
}

/// How to collect the money.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentRequest {
    /// Name of the provider: `stripe` or `gocardless`.
    pub provider: String,
    /// The provider's token for the donor's card or account: `pm_…` or `MD…`.
    pub token: String,
}

/// Who gives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DonorRequest {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Home address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<AddressRequest>,
}

/// Home address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressRequest {
    /// House name or number and street.
    pub line_1: String,
    /// Second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_2: Option<String>,
    /// Town or city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub town: Option<String>,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code in capitals.
    pub country: String,
}

/// The Gift Aid declaration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiftAidRequest {
    /// Version of the wording that the donor was shown.
    pub wording_version: String,
}

/// Body of `GET /donations/{id}` and of the 202 to `POST /donations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DonationStatus {
    /// The donation.
    pub donation_id: String,
    /// Where to ask again; carries the capability, so treat it as a secret.
    pub status_url: String,
    /// Where the payment stands.
    pub status: Status,
    /// Whether the donor's money was taken.
    pub money_taken: MoneyTaken,
    /// What is given, in major units.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// What the donor's browser has to do, where the bank wants the donor to confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_action: Option<NextAction>,
}

/// Where the payment stands, as far as the donor is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// We have the donation; the payment has not begun.
    Accepted,
    /// The payment is under way.
    InProgress,
    /// The bank wants the donor to confirm.
    ActionRequired,
    /// The payment was taken.
    Captured,
    /// The payment was declined.
    Declined,
    /// A person is looking at it.
    UnderReview,
    /// A part of the payment was given back.
    PartiallyRefunded,
    /// The payment was given back.
    Refunded,
    /// The donor's bank disputes the payment.
    Disputed,
    /// The donor's bank disputed the payment and gave the money to the donor.
    DisputeLost,
}

/// Whether the donor's money was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyTaken {
    /// No money was taken.
    No,
    /// Nobody can say yet.
    NotKnownYet,
    /// The money was taken.
    Yes,
    /// The money was taken and given back.
    Returned,
}

/// What the donor's browser has to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum NextAction {
    /// Go to the bank's page; it comes back to where the donor was.
    Redirect {
        /// The bank's page.
        url: String,
    },
    /// Hand the secret to the provider's script (Stripe.js `handleNextAction`).
    ProviderScript {
        /// The secret of this one payment.
        client_secret: String,
    },
}

impl DonationStatus {
    /// The resource for a donation, at the address that carries its capability.
    pub fn of(donation: &domain::donation::Donation, status_url: String) -> Self {
        let next_action = match &donation.payment {
            domain::payment::Payment::ActionRequired { action, .. } => Some(action.into()),
            _ => None,
        };
        Self {
            donation_id: donation.id.to_string(),
            status_url,
            status: Status::of(&donation.payment),
            money_taken: donation.payment.money_taken().into(),
            amount: donation.gift.amount.to_string(),
            currency: donation.gift.amount.currency().to_string(),
            next_action,
        }
    }
}

impl Status {
    /// Where this payment stands.
    pub fn of(payment: &domain::payment::Payment) -> Self {
        use domain::payment::Payment;
        match payment {
            Payment::Accepted => Self::Accepted,
            Payment::Collecting { .. } | Payment::Unknown { .. } | Payment::Processing { .. } => {
                Self::InProgress
            }
            Payment::ActionRequired { .. } => Self::ActionRequired,
            Payment::Captured { takings, .. } => takings.standing().into(),
            Payment::Declined { .. } => Self::Declined,
            Payment::UnderReview { .. } => Self::UnderReview,
        }
    }
}

/// A donor is not troubled with a dispute that was won, nor with a second capture that is on its way back.
impl From<domain::takings::Standing> for Status {
    fn from(standing: domain::takings::Standing) -> Self {
        use domain::takings::Standing;
        match standing {
            Standing::Captured | Standing::DuplicateCapture | Standing::DisputeWon => Self::Captured,
            Standing::PartiallyRefunded => Self::PartiallyRefunded,
            Standing::Refunded => Self::Refunded,
            Standing::Disputed => Self::Disputed,
            Standing::DisputeLost => Self::DisputeLost,
        }
    }
}

impl From<&domain::payment::NextAction> for NextAction {
    fn from(action: &domain::payment::NextAction) -> Self {
        match action {
            domain::payment::NextAction::Redirect { url } => Self::Redirect { url: url.clone() },
            domain::payment::NextAction::ProviderScript { client_secret } => {
                Self::ProviderScript { client_secret: client_secret.clone() }
            }
        }
    }
}

impl From<domain::payment::MoneyTaken> for MoneyTaken {
    fn from(answer: domain::payment::MoneyTaken) -> Self {
        match answer {
            domain::payment::MoneyTaken::No => Self::No,
            domain::payment::MoneyTaken::NotKnownYet => Self::NotKnownYet,
            domain::payment::MoneyTaken::Yes => Self::Yes,
            domain::payment::MoneyTaken::Returned => Self::Returned,
        }
    }
}
