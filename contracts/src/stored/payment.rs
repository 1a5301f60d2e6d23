//! The payment and the receipt inside a donation's item: flat records whose state says which attributes are there.

use domain::ids::{ClaimId, MailId, ProviderKey, ProviderReference};
use domain::money::Money;
use domain::payment::{Attempt, DeclineReason, NextAction, Payment, ReviewReason};
use domain::receipt::Receipt;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::takings::TakingsItem;
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
    /// The money, where some was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takings: Option<TakingsItem>,
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

/// One try at a call that moves money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptItem {
    /// 1 for the first.
    pub number: u32,
    /// Its key at the provider.
    pub key: String,
    /// When the provider was first called with it.
    pub called_at: u64,
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
            Payment::UnderReview { reason, since, takings, .. } => {
                item.since = Some(since.as_millis());
                item.reason = Some(reason.name().to_owned());
                item.takings = takings.as_ref().map(TakingsItem::from);
            }
            Payment::Captured { takings, .. } => item.takings = Some(takings.into()),
        }
        item
    }

    pub(super) fn read(&self, wanted: Money) -> Result<Payment, MalformedItem> {
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
                takings: self.takings.as_ref().map(|takings| takings.read(wanted)).transpose()?,
            },
            "captured" => Payment::Captured {
                attempt: self.read_attempt()?,
                takings: self
                    .takings
                    .as_ref()
                    .ok_or_else(|| MalformedItem::missing("payment.takings"))?
                    .read(wanted)?,
            },
            _ => return Err(MalformedItem::unknown("payment.state")),
        })
    }

    fn read_attempt(&self) -> Result<Attempt, MalformedItem> {
        let missing = MalformedItem::missing;
        let item = AttemptItem {
            number: self.attempt.ok_or_else(|| missing("payment.attempt"))?,
            key: self.key.clone().ok_or_else(|| missing("payment.key"))?,
            called_at: self.called_at.ok_or_else(|| missing("payment.called_at"))?,
        };
        item.read()
    }

    fn read_reference(&self) -> Result<ProviderReference, MalformedItem> {
        let reference =
            self.reference.as_deref().ok_or_else(|| MalformedItem::missing("payment.reference"))?;
        read("payment.reference", ProviderReference::parse(reference))
    }
}

impl From<&Attempt> for AttemptItem {
    fn from(attempt: &Attempt) -> Self {
        Self {
            number: attempt.number,
            key: attempt.key.to_string(),
            called_at: attempt.first_called_at.as_millis(),
        }
    }
}

impl AttemptItem {
    pub(super) fn read(&self) -> Result<Attempt, MalformedItem> {
        Ok(Attempt {
            number: self.number,
            key: read("payment.key", ProviderKey::parse(&self.key))?,
            first_called_at: Timestamp::from_millis(self.called_at),
        })
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
