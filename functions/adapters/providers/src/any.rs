//! One connector for whichever provider a name stands for, and one reader of notifications for all of them. Adding a
//! provider adds its module and a line to each list here.

use app::ports::{
    Collected, Collection, Effect, Fault, MovementPage, NotificationReader, PaymentPage, PaymentProvider,
    ProviderCredentials, RefundOrder, SignedNotification, Verified, Watched, WebhookRefusal, Webhooks,
};
use domain::ids::{DonationId, Provider, ProviderKey, ProviderReference, RefundId};
use domain::payment::{KeyLife, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews, RefundOutcome};
use domain::time::Timestamp;

use crate::gocardless::{GoCardlessConnector, GoCardlessNotifications, GoCardlessWebhooks};
use crate::stripe::{StripeConnector, StripeNotifications, StripeWebhooks};
use crate::{CallTimeouts, ConnectorSettings, SettingsError};

/// A connector to one of the providers.
#[derive(Debug)]
pub enum Connector<C: ProviderCredentials> {
    /// Stripe, or anything that speaks its API.
    Stripe(StripeConnector<C>),
    /// GoCardless, or anything that speaks its API.
    GoCardless(GoCardlessConnector<C>),
}

/// Who may speak for one of the providers.
#[derive(Debug)]
pub enum Speaker<C: ProviderCredentials> {
    /// Stripe.
    Stripe(StripeWebhooks<C>),
    /// GoCardless.
    GoCardless(GoCardlessWebhooks<C>),
}

/// Reads the notifications of every provider.
#[derive(Debug, Clone, Copy, Default)]
pub struct EveryNotification;

/// No connector of this name is built in.
#[derive(Debug, thiserror::Error)]
#[error("PROVIDERS names {name}, for which there is no connector")]
pub struct UnknownProvider {
    /// The name.
    pub name: String,
}

/// Why a connector cannot be set up: the deployment is wrong.
#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    /// There is none of this name.
    #[error(transparent)]
    Unknown(#[from] UnknownProvider),
    /// Its settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

impl<C: ProviderCredentials> Connector<C> {
    /// The connector for the provider of this name.
    ///
    /// # Errors
    /// [`ConnectorError`]: the deployment is wrong, and no call can be made.
    pub fn new(name: &str, settings: ConnectorSettings<C>) -> Result<(Provider, Self), ConnectorError> {
        match name {
            "stripe" => Ok((Provider::of("stripe"), Self::Stripe(StripeConnector::new(settings)?))),
            "gocardless" => {
                // Two calls may make one answer there, so each gets less time.
                let timeouts = CallTimeouts { call: settings.timeouts.call / 2, ..settings.timeouts };
                let settings = ConnectorSettings { timeouts, ..settings };
                Ok((Provider::of("gocardless"), Self::GoCardless(GoCardlessConnector::new(settings)?)))
            }
            _ => Err(UnknownProvider { name: name.to_owned() }.into()),
        }
    }
}

impl<C: ProviderCredentials> Speaker<C> {
    /// Who may speak for the provider of this name.
    ///
    /// # Errors
    /// [`UnknownProvider`]: the deployment is wrong.
    pub fn new(name: &str, credentials: C) -> Result<Self, UnknownProvider> {
        match name {
            "stripe" => Ok(Self::Stripe(StripeWebhooks::new(credentials))),
            "gocardless" => Ok(Self::GoCardless(GoCardlessWebhooks::new(credentials))),
            _ => Err(UnknownProvider { name: name.to_owned() }),
        }
    }
}

/// Calls the same method on whichever connector it is.
macro_rules! whichever {
    ($self:ident, $inner:ident => $call:expr) => {
        match $self {
            Self::Stripe($inner) => $call,
            Self::GoCardless($inner) => $call,
        }
    };
}

impl<C: ProviderCredentials> PaymentProvider for Connector<C> {
    fn key_life(&self) -> KeyLife {
        whichever!(self, one => one.key_life())
    }

    fn call_millis_max(&self) -> u64 {
        whichever!(self, one => one.call_millis_max())
    }

    async fn collect(&self, collection: &Collection) -> Watched<Collected> {
        whichever!(self, one => one.collect(collection).await)
    }

    async fn look_up(&self, reference: &ProviderReference) -> Watched<PaymentOutcome> {
        whichever!(self, one => one.look_up(reference).await)
    }

    async fn payments(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<PaymentPage, Fault>> {
        whichever!(self, one => one.payments(since, after).await)
    }

    async fn call_off(&self, reference: &ProviderReference, key: &ProviderKey) -> Watched<PaymentOutcome> {
        whichever!(self, one => one.call_off(reference, key).await)
    }

    async fn refund(&self, order: &RefundOrder) -> Watched<RefundOutcome> {
        whichever!(self, one => one.refund(order).await)
    }

    async fn look_up_refund(&self, reference: &ProviderReference) -> Watched<RefundOutcome> {
        whichever!(self, one => one.look_up_refund(reference).await)
    }

    async fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> Watched<Result<Option<RefundNews>, Fault>> {
        whichever!(self, one => one.find_refund(payment, refund).await)
    }

    async fn look_up_dispute(
        &self,
        reference: &ProviderReference,
    ) -> Watched<Result<Option<DisputeNews>, Fault>> {
        whichever!(self, one => one.look_up_dispute(reference).await)
    }

    async fn donation_of(&self, payment: &ProviderReference) -> Watched<Result<Option<DonationId>, Fault>> {
        whichever!(self, one => one.donation_of(payment).await)
    }

    async fn movements(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<MovementPage, Fault>> {
        whichever!(self, one => one.movements(since, after).await)
    }
}

impl<C: ProviderCredentials> Webhooks for Speaker<C> {
    fn provider(&self) -> Provider {
        whichever!(self, one => one.provider())
    }

    fn signature_header(&self) -> &'static str {
        whichever!(self, one => one.signature_header())
    }

    fn wrong_signature_status(&self) -> u16 {
        whichever!(self, one => one.wrong_signature_status())
    }

    async fn verify(
        &self,
        notification: SignedNotification<'_>,
        now: Timestamp,
    ) -> Result<Result<Vec<Verified>, WebhookRefusal>, Fault> {
        whichever!(self, one => one.verify(notification, now).await)
    }
}

impl NotificationReader for EveryNotification {
    fn read(&self, provider: Provider, body: &str) -> Effect {
        match provider.name() {
            "stripe" => StripeNotifications.read(provider, body),
            "gocardless" => GoCardlessNotifications.read(provider, body),
            _ => Effect::Unrecognised { what: "a provider whose notifications nobody reads".to_owned() },
        }
    }
}
