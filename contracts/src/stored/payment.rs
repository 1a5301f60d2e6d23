//! The payment and the receipt inside a donation's item: flat records whose state says which attributes are there.

use domain::currency::Currency;
use domain::ids::{ClaimId, MailId, ProviderKey, ProviderReference};
use domain::money::Money;
use domain::payment::{Attempt, Capture, DeclineReason, NextAction, Payment, ReviewReason};
use domain::receipt::Receipt;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MalformedItem, read};

/// The payment's state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentItem {
    /// Name of the state.
    pub state: String,
    /// Number of the latest attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Its key at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When the provider was first called with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<u64>,
    /// When the state began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// The provider's id of the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Minor units taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured_minor: Option<u64>,
    /// When the capture became known, once it was returned (`since` is then the return).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured_at: Option<u64>,
    /// Why it was declined or needs a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The bank's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_url: Option<String>,
    /// The secret for the provider's script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_secret: Option<String>,
}

/// The receipt's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptItem {
    /// Name of the state.
    pub state: String,
    /// When the state began.
    pub since: u64,
    /// Who claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// The mail service's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

impl PaymentItem {
    pub(super) fn of(payment: &Payment) -> Self {
        let attempt = payment.attempt();
        let mut item = Self {
            state: payment.name().to_owned(),
            attempt: attempt.map(|attempt| attempt.number),
            key: attempt.map(|attempt| attempt.key.to_string()),
            called_at: attempt.map(|attempt| attempt.first_called_at.as_millis()),
            ..Self::default()
        };
        match payment {
            Payment::Accepted | Payment::Collecting { .. } => {}
            Payment::Unknown { since, .. } => item.since = Some(since.as_millis()),
            Payment::ActionRequired { reference, action, since, .. } => {
                item.since = Some(since.as_millis());
                item.reference = Some(reference.to_string());
                match action {
                    NextAction::Redirect { url } => item.action_url = Some(url.clone()),
                    NextAction::ProviderScript { client_secret } => {
                        item.action_secret = Some(client_secret.clone());
                    }
                }
            }
            Payment::Processing { reference, since, .. } => {
                item.since = Some(since.as_millis());
                item.reference = Some(reference.to_string());
            }
            Payment::Declined { reason, declined_at, .. } => {
                item.since = Some(declined_at.as_millis());
                item.reason = Some(reason.name().to_owned());
            }
            Payment::UnderReview { reason, since, .. } => {
                item.since = Some(since.as_millis());
                item.reason = Some(reason.name().to_owned());
            }
            Payment::Captured { capture, .. } => {
                item.set_capture(capture);
                item.since = Some(capture.captured_at.as_millis());
            }
            Payment::Returned { capture, returned_at, .. } => {
                item.set_capture(capture);
                item.since = Some(returned_at.as_millis());
                item.captured_at = Some(capture.captured_at.as_millis());
            }
        }
        item
    }

    fn set_capture(&mut self, capture: &Capture) {
        self.reference = Some(capture.reference.to_string());
        self.captured_minor = Some(capture.amount.minor());
    }

    pub(super) fn read(&self, currency: Currency) -> Result<Payment, MalformedItem> {
        let since =
            || self.since.map(Timestamp::from_millis).ok_or_else(|| MalformedItem::missing("payment.since"));
        let reason = || self.reason.as_deref().ok_or_else(|| MalformedItem::missing("payment.reason"));
        Ok(match self.state.as_str() {
            "accepted" => Payment::Accepted,
            "collecting" => Payment::Collecting { attempt: self.read_attempt()? },
            "unknown" => Payment::Unknown { attempt: self.read_attempt()?, since: since()? },
            "action_required" => Payment::ActionRequired {
                attempt: self.read_attempt()?,
                reference: self.read_reference()?,
                action: match (&self.action_url, &self.action_secret) {
                    (Some(url), _) => NextAction::Redirect { url: url.clone() },
                    (None, Some(secret)) => NextAction::ProviderScript { client_secret: secret.clone() },
                    (None, None) => return Err(MalformedItem::missing("payment.action_url")),
                },
                since: since()?,
            },
            "processing" => Payment::Processing {
                attempt: self.read_attempt()?,
                reference: self.read_reference()?,
                since: since()?,
            },
            "declined" => Payment::Declined {
                attempt: self.read_attempt()?,
                reason: DeclineReason::parse(reason()?)
                    .ok_or_else(|| MalformedItem::unknown("payment.reason"))?,
                declined_at: since()?,
            },
            "under_review" => Payment::UnderReview {
                attempt: self.read_attempt()?,
                reason: ReviewReason::parse(reason()?)
                    .ok_or_else(|| MalformedItem::unknown("payment.reason"))?,
                since: since()?,
            },
            "captured" => Payment::Captured {
                attempt: self.read_attempt()?,
                capture: self.read_capture(currency, since()?)?,
            },
            "returned" => {
                let captured_at =
                    self.captured_at.ok_or_else(|| MalformedItem::missing("payment.captured_at"))?;
                Payment::Returned {
                    attempt: self.read_attempt()?,
                    capture: self.read_capture(currency, Timestamp::from_millis(captured_at))?,
                    returned_at: since()?,
                }
            }
            _ => return Err(MalformedItem::unknown("payment.state")),
        })
    }

    fn read_attempt(&self) -> Result<Attempt, MalformedItem> {
        let key = self.key.as_deref().ok_or_else(|| MalformedItem::missing("payment.key"))?;
        let called_at = self.called_at.ok_or_else(|| MalformedItem::missing("payment.called_at"))?;
        Ok(Attempt {
            number: self.attempt.ok_or_else(|| MalformedItem::missing("payment.attempt"))?,
            key: read("payment.key", ProviderKey::parse(key))?,
            first_called_at: Timestamp::from_millis(called_at),
        })
    }

    fn read_reference(&self) -> Result<ProviderReference, MalformedItem> {
        let reference =
            self.reference.as_deref().ok_or_else(|| MalformedItem::missing("payment.reference"))?;
        read("payment.reference", ProviderReference::parse(reference))
    }

    fn read_capture(&self, currency: Currency, captured_at: Timestamp) -> Result<Capture, MalformedItem> {
        let minor = self.captured_minor.ok_or_else(|| MalformedItem::missing("payment.captured_minor"))?;
        let amount = read("payment.captured_minor", Money::from_minor(minor, currency))?;
        Ok(Capture { reference: self.read_reference()?, amount, captured_at })
    }
}

impl ReceiptItem {
    pub(super) fn of(receipt: &Receipt) -> Option<Self> {
        let item = |since: Timestamp, claim: Option<&ClaimId>, mail: Option<&MailId>| Self {
            state: receipt.name().to_owned(),
            since: since.as_millis(),
            claim: claim.map(ToString::to_string),
            mail: mail.map(ToString::to_string),
        };
        match receipt {
            Receipt::NotSent => None,
            Receipt::Sending { claim, claimed_at } => Some(item(*claimed_at, Some(claim), None)),
            Receipt::Sent { mail, sent_at } => Some(item(*sent_at, None, Some(mail))),
            Receipt::Ambiguous { claim, since } => Some(item(*since, Some(claim), None)),
        }
    }

    pub(super) fn read(&self) -> Result<Receipt, MalformedItem> {
        let since = Timestamp::from_millis(self.since);
        let claim = || {
            let claim = self.claim.as_deref().ok_or_else(|| MalformedItem::missing("receipt.claim"))?;
            read("receipt.claim", ClaimId::parse(claim))
        };
        match self.state.as_str() {
            "sending" => Ok(Receipt::Sending { claim: claim()?, claimed_at: since }),
            "sent" => {
                let mail = self.mail.as_deref().ok_or_else(|| MalformedItem::missing("receipt.mail"))?;
                Ok(Receipt::Sent { mail: read("receipt.mail", MailId::parse(mail))?, sent_at: since })
            }
            "ambiguous" => Ok(Receipt::Ambiguous { claim: claim()?, since }),
            _ => Err(MalformedItem::unknown("receipt.state")),
        }
    }
}
