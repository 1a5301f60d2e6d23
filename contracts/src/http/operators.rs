//! Bodies of the routes for the charity's own people: refunds, and decisions about payments under review.

use serde::{Deserialize, Serialize};

use super::{MoneyTaken, Status};

/// Body of `POST /donations/{id}/refunds`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundRequest {
    /// Major units as decimal text, in the donation's currency; all that is left when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The provider's id of the payment, where the money was taken more than once; the one that was meant when it is
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// `requested_by_donor`, `duplicate` or `fraudulent`.
    pub reason: String,
    /// Who asks: a login name or an e-mail address.
    pub asked_by: String,
}

/// Body of the 202 to `POST /donations/{id}/refunds`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundAnswer {
    /// The refund; the same key gives the same one.
    pub refund_id: String,
    /// The donation.
    pub donation_id: String,
    /// The provider's id of the payment that is given back.
    pub payment: String,
    /// How much, in major units.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Why.
    pub reason: String,
    /// Where it stands: `requested`, `pending`, `succeeded` or `failed`.
    pub state: String,
}

impl RefundAnswer {
    /// The answer for a refund of this donation, as it stands now.
    pub fn of(donation: &domain::ids::DonationId, refund: &domain::takings::Refund) -> Self {
        Self {
            refund_id: refund.id.to_string(),
            donation_id: donation.to_string(),
            payment: refund.payment.to_string(),
            amount: refund.amount.to_string(),
            currency: refund.amount.currency().to_string(),
            reason: refund.reason.name().to_owned(),
            state: refund.state.name().to_owned(),
        }
    }
}

/// Body of `POST /donations/{id}/resolutions`: one of `resolution` and `look_up`, and never both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolutionRequest {
    /// What was decided: `amount_accepted`, `not_taken` or `try_again`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// The provider's id of a payment that is to be looked up; the provider's word is what is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_up: Option<String>,
    /// Who decides or asks: a login name or an e-mail address.
    pub by: String,
    /// Why, in their own words; nothing of the donor's.
    pub note: String,
}

/// What a [`ResolutionRequest`] asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolutionAsked<'a> {
    /// To store this decision.
    Decision(&'a str),
    /// To look this payment up.
    LookUp(&'a str),
}

impl ResolutionRequest {
    /// What is asked for; `None` when it is nothing, or two things at once.
    pub fn asked(&self) -> Option<ResolutionAsked<'_>> {
        match (&self.resolution, &self.look_up) {
            (Some(decision), None) => Some(ResolutionAsked::Decision(decision)),
            (None, Some(payment)) => Some(ResolutionAsked::LookUp(payment)),
            (None, None) | (Some(_), Some(_)) => None,
        }
    }
}

/// Body of the 200 to `POST /donations/{id}/resolutions`: the donation as it stands after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolutionAnswer {
    /// The donation.
    pub donation_id: String,
    /// Where the payment stands.
    pub status: Status,
    /// Whether the donor's money was taken.
    pub money_taken: MoneyTaken,
}

impl ResolutionAnswer {
    /// The answer for a donation as it stands now.
    pub fn of(donation: &domain::donation::Donation) -> Self {
        Self {
            donation_id: donation.id.to_string(),
            status: Status::of(&donation.payment),
            money_taken: donation.payment.money_taken().into(),
        }
    }
}
