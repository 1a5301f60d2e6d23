//! What the provider says unasked: the body of a webhook, who may send it, and how it is read.

use adapters_memory::Memory;
use app::ports::{
    About, Effect, Fault, NotificationReader, ProviderCredentials, SignedNotification, Verified,
    WebhookRefusal, Webhooks,
};
use domain::currency::Currency;
use domain::ids::{DonationId, NotificationId, Provider, ProviderReference, RefundId};
use domain::money::Money;
use domain::payment::{DeclineReason, NextAction, PaymentOutcome};
use domain::takings::{DisputeNews, DisputeStatus, RefundNews, RefundStatus, Withdrawal};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::Payment;

/// The provider whose notifications only say that something moved, so that it has to be asked.
pub(crate) const TERSE: Provider = Provider::of("gocardless");

/// The one signature that is right.
pub(crate) const SIGNATURE: &str = "signed";

/// What a notification says. One provider tells how things stood at the time, the other only that they moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Told {
    Payment {
        payment: String,
        donation: String,
        standing: String,
        minor: u64,
        created_at: u64,
    },
    PaymentMoved {
        payment: String,
    },
    Refund {
        refund: String,
        payment: String,
        donation: String,
        id: Option<String>,
        minor: u64,
        status: u8,
    },
    RefundMoved {
        refund: String,
    },
    Dispute {
        dispute: String,
        payment: String,
        donation: String,
        held: Option<u64>,
        status: String,
        back: bool,
    },
}

/// A webhook's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) event: String,
    pub(crate) told: Told,
}

impl Told {
    pub(super) fn of_payment(payment: &Payment, outcome: &PaymentOutcome) -> Self {
        if payment.provider == TERSE {
            return Self::PaymentMoved { payment: payment.reference.to_string() };
        }
        let standing = match outcome {
            PaymentOutcome::Captured { .. } => "captured",
            PaymentOutcome::ActionRequired { .. } => "action required",
            PaymentOutcome::Cancelled { .. } => "cancelled",
            PaymentOutcome::Declined { reason, .. } => reason.name(),
            _ => "processing",
        };
        Self::Payment {
            payment: payment.reference.to_string(),
            donation: payment.donation.to_string(),
            standing: standing.to_owned(),
            minor: payment.amount.minor(),
            created_at: payment.created_at.as_millis(),
        }
    }

    pub(super) fn of_refund(payment: &Payment, news: &RefundNews) -> Self {
        let refund = news.reference.to_string();
        if payment.provider == TERSE {
            return Self::RefundMoved { refund };
        }
        Self::Refund {
            refund,
            payment: news.payment.to_string(),
            donation: payment.donation.to_string(),
            id: news.id.as_ref().map(ToString::to_string),
            minor: news.amount.minor(),
            status: match news.status {
                RefundStatus::Pending => 0,
                RefundStatus::Succeeded => 1,
                RefundStatus::Failed => 2,
            },
        }
    }

    pub(super) fn of_dispute(payment: &Payment, news: &DisputeNews) -> Self {
        Self::Dispute {
            dispute: news.reference.to_string(),
            payment: news.payment.to_string(),
            donation: payment.donation.to_string(),
            held: news.withdrawn.map(|withdrawn| withdrawn.amount.minor()),
            status: news.status.name().to_owned(),
            back: news.reinstated.is_some(),
        }
    }

    fn effect(self) -> Option<Effect> {
        let reference = |text: &str| ProviderReference::parse(text).ok();
        let about = |text: &str| DonationId::parse(text).ok().map(About::Donation);
        let money = |minor| Money::from_minor(minor, Currency::GBP).ok();
        Some(match self {
            Self::PaymentMoved { payment } => Effect::PaymentMoved { payment: reference(&payment)? },
            Self::RefundMoved { refund } => Effect::RefundMoved { refund: reference(&refund)? },
            Self::Payment { payment, donation, standing, minor, created_at } => {
                let created_at = Timestamp::from_millis(created_at);
                let outcome = outcome(&standing, reference(&payment)?, money(minor)?, created_at)?;
                Effect::Outcome { about: about(&donation)?, outcome }
            }
            Self::Refund { refund, payment, donation, id, minor, status } => {
                let status = match status {
                    0 => RefundStatus::Pending,
                    1 => RefundStatus::Succeeded,
                    _ => RefundStatus::Failed,
                };
                let news = RefundNews {
                    id: id.and_then(|id| RefundId::parse(&id).ok()),
                    reference: reference(&refund)?,
                    payment: reference(&payment)?,
                    amount: money(minor)?,
                    status,
                };
                Effect::Refund { about: about(&donation)?, news }
            }
            Self::Dispute { dispute, payment, donation, held, status, back } => {
                let amount = held.map(money);
                let withdrawn = match amount {
                    Some(amount) => Some(Withdrawal { amount: amount?, fee: None }),
                    None => None,
                };
                let news = DisputeNews {
                    reference: reference(&dispute)?,
                    payment: reference(&payment)?,
                    status: DisputeStatus::parse(&status)?,
                    withdrawn,
                    reinstated: withdrawn.filter(|_| back),
                };
                Effect::Dispute { about: about(&donation)?, news }
            }
        })
    }
}

fn outcome(
    standing: &str,
    reference: ProviderReference,
    amount: Money,
    created_at: Timestamp,
) -> Option<PaymentOutcome> {
    Some(match standing {
        "captured" => PaymentOutcome::Captured { reference, amount, created_at },
        "cancelled" => PaymentOutcome::Cancelled { reference },
        "processing" => PaymentOutcome::Processing { reference },
        "action required" => {
            let url = format!("https://bank.example/{reference}");
            PaymentOutcome::ActionRequired { reference, action: NextAction::Redirect { url } }
        }
        reason => {
            PaymentOutcome::Declined { reference: Some(reference), reason: DeclineReason::parse(reason)? }
        }
    })
}

/// Reads bodies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader;

impl NotificationReader for Reader {
    fn read(&self, _: Provider, body: &str) -> Effect {
        let unrecognised = || Effect::Unrecognised { what: "a body of another shape".to_owned() };
        let read: Result<Body, _> = serde_json::from_str(body);
        read.ok().and_then(|body| body.told.effect()).unwrap_or_else(unrecognised)
    }
}

/// Knows the provider's voice.
#[derive(Debug, Clone)]
pub(crate) struct Mouth {
    pub(crate) world: Memory,
    pub(crate) provider: Provider,
}

impl Webhooks for Mouth {
    fn provider(&self) -> Provider {
        self.provider
    }

    fn signature_header(&self) -> &'static str {
        "provider-signature"
    }

    fn wrong_signature_status(&self) -> u16 {
        400
    }

    async fn verify(
        &self,
        notification: SignedNotification<'_>,
        _: Timestamp,
    ) -> Result<Result<Vec<Verified>, WebhookRefusal>, Fault> {
        self.world.credentials().await?;
        if notification.signatures != [SIGNATURE] {
            return Ok(Err(WebhookRefusal::WrongSignature));
        }
        let Ok(body) = serde_json::from_slice::<Body>(notification.body) else {
            return Ok(Err(WebhookRefusal::NotAnEvent));
        };
        let id = format!("{}#{}", self.provider, body.event);
        let id = NotificationId::parse(&id).map_err(|rule| Fault::permanent("name a notification", rule))?;
        Ok(Ok(vec![Verified { id, body: String::from_utf8_lossy(notification.body).into_owned() }]))
    }
}
