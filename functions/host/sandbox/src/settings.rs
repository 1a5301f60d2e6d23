//! What a sandbox is told when it starts.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::clock::{Clock, millis};
use crate::gocardless::{self, account::GoCardlessSettings};

/// The most signing secrets one endpoint may have at a time, which is plenty for rolling one.
const SECRETS_MAX: usize = 4;

/// The most webhook endpoints one sandbox delivers to; Stripe allows 16 per account.
const ENDPOINTS_MAX: usize = 16;

/// Everything a sandbox needs to start. [`Settings::new`] fills in the defaults.
#[derive(Debug)]
pub struct Settings {
    /// The folder that holds the database, `sandbox.sqlite3`. It is made if it is missing.
    pub data: PathBuf,
    /// The one API key that is accepted. It must begin with `sk_test_`.
    pub api_key: SecretString,
    /// Where Stripe's events are delivered.
    pub webhooks: Vec<WebhookEndpoint>,
    /// A loopback address. Port 0 takes the one of the last run on the folder, or a free one.
    pub bind: SocketAddr,
    /// The time.
    pub clock: Clock,
    /// How long an idempotency key is remembered. Stripe prunes keys once they are 24 hours old.
    pub key_retention: Duration,
    /// How long a payment or refund that is not settled at once takes to settle.
    pub settling_time: Duration,
    /// How webhook deliveries are retried.
    pub retries: WebhookRetries,
    /// PEM file of the certificates that a receiver of webhooks over TLS may show; without it none is trusted.
    pub certificates: Option<PathBuf>,
    /// The GoCardless account; without one the sandbox speaks Stripe alone.
    pub gocardless: Option<GoCardlessSettings>,
}

impl Settings {
    /// Settings for `data` and `api_key`: loopback, a free port, no webhooks, Stripe's times.
    pub fn new(data: impl Into<PathBuf>, api_key: impl Into<SecretString>) -> Self {
        Self {
            data: data.into(),
            api_key: api_key.into(),
            webhooks: Vec::new(),
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: Clock::system(),
            key_retention: Duration::from_hours(24),
            settling_time: Duration::from_secs(3),
            retries: WebhookRetries::default(),
            certificates: None,
            gocardless: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if !self.bind.ip().is_loopback() {
            return Err(SettingsError::NotLoopback { bind: self.bind });
        }
        if !self.api_key.expose_secret().starts_with("sk_test_") {
            return Err(SettingsError::ApiKey);
        }
        let theirs = self.gocardless.as_ref();
        theirs.map_or(Ok(()), GoCardlessSettings::check)?;
        let theirs = theirs.map_or(&[][..], |settings| &settings.webhooks);
        if self.webhooks.len().max(theirs.len()) > ENDPOINTS_MAX {
            return Err(SettingsError::TooManyEndpoints);
        }
        let mut ids = HashSet::new();
        for endpoint in self.webhooks.iter().chain(theirs) {
            endpoint.check()?;
            if !ids.insert(&endpoint.id) {
                return Err(SettingsError::EndpointTwice { id: endpoint.id.clone() });
            }
        }
        Ok(())
    }
}

/// Whose API something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Stripe,
    GoCardless,
}

impl Provider {
    /// The name that rows in the database carry.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::GoCardless => "gocardless",
        }
    }

    /// The path at which its API lists events, by which an outage is known to concern it.
    pub(crate) fn events_path(self) -> &'static str {
        match self {
            Self::Stripe => "/v1/events",
            Self::GoCardless => "/events",
        }
    }

    /// The kind of object that is delivered to its endpoints.
    pub(crate) fn delivered_kind(self) -> &'static str {
        match self {
            Self::Stripe => "event",
            Self::GoCardless => gocardless::DELIVERED_KIND,
        }
    }

    /// The provider of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "stripe" => Some(Self::Stripe),
            "gocardless" => Some(Self::GoCardless),
            _ => None,
        }
    }
}

/// A place that events are delivered to.
#[derive(Clone, Debug)]
pub struct WebhookEndpoint {
    /// Names the endpoint across restarts: deliveries still owed to it follow the name, not the URL, so that
    /// a receiver which comes back on another port gets them.
    pub id: String,
    /// An `http://` or `https://` URL on this machine.
    pub url: String,
    /// The active signing secrets, 1 to 4. Each event carries one signature per secret.
    pub secrets: Vec<SecretString>,
    /// The event types that it is owed, such as `payment_intent.succeeded`; none means every type. What is
    /// owed already stays owed when this changes. Stripe's `enabled_events`
    /// (<https://docs.stripe.com/api/webhook_endpoints/create>).
    pub enabled_events: Vec<String>,
}

impl WebhookEndpoint {
    fn check(&self) -> Result<(), SettingsError> {
        let id = self.id.clone();
        if id.is_empty() || id.len() > 100 {
            return Err(SettingsError::EndpointId);
        }
        let is_http = self.url.starts_with("http://") || self.url.starts_with("https://");
        if !is_http || self.url.parse::<http::Uri>().is_err() {
            return Err(SettingsError::EndpointUrl { id });
        }
        let blank = self.secrets.iter().any(|secret| secret.expose_secret().trim().is_empty());
        if blank || self.secrets.is_empty() || self.secrets.len() > SECRETS_MAX {
            return Err(SettingsError::EndpointSecrets { id });
        }
        let is_type = |kind: &String| {
            kind.contains('.') && kind.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte))
        };
        if !self.enabled_events.iter().all(is_type) {
            return Err(SettingsError::EndpointEvents { id });
        }
        Ok(())
    }
}

/// How often, and how long apart, a webhook delivery is tried until it is answered with 2xx.
#[derive(Clone, Copy, Debug)]
pub struct WebhookRetries {
    /// The tries in all; after the last the delivery is given up, and the event stays readable through the
    /// API.
    pub tries_max: u32,
    /// The wait after the first failed try. It doubles each time.
    pub first_wait: Duration,
    /// The longest wait between two tries.
    pub wait_max: Duration,
    /// How long one try may take.
    pub timeout: Duration,
}

impl WebhookRetries {
    /// The milliseconds to wait after `tries` failed tries.
    pub(crate) fn wait_ms(&self, tries: u32) -> i64 {
        let doublings = tries.saturating_sub(1).min(31);
        millis(self.first_wait.saturating_mul(1 << doublings).min(self.wait_max))
    }
}

impl Default for WebhookRetries {
    fn default() -> Self {
        Self {
            tries_max: 16,
            first_wait: Duration::from_secs(1),
            wait_max: Duration::from_mins(1),
            timeout: Duration::from_secs(10),
        }
    }
}

/// Why settings were refused. The caller has to change them; a retry gives the same answer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The sandbox has no business on a network.
    #[error("bind: {bind} is not a loopback address")]
    NotLoopback {
        /// The address that was asked for.
        bind: SocketAddr,
    },
    /// A live key, or something else altogether.
    #[error("api_key: a sandbox key must begin with sk_test_")]
    ApiKey,
    /// A live access token of GoCardless, or something else altogether.
    #[error("gocardless: a sandbox access token must begin with sandbox_")]
    AccessToken,
    /// A banking day that is no time at all.
    #[error("gocardless: a day must last a millisecond or more")]
    Day,
    /// An endpoint that is more than GoCardless's are.
    #[error("gocardless: {id} must have one secret, and cannot choose its events")]
    GoCardlessEndpoint {
        /// The endpoint.
        id: String,
    },
    /// More endpoints than Stripe allows an account.
    #[error("webhooks: at most {ENDPOINTS_MAX} endpoints")]
    TooManyEndpoints,
    /// An id of no, or of too many, bytes.
    #[error("webhooks: an endpoint's id must have 1 to 100 bytes")]
    EndpointId,
    /// Two endpoints of one name, each of which would be owed the other's events.
    #[error("webhooks: two endpoints are called {id}")]
    EndpointTwice {
        /// The name.
        id: String,
    },
    /// A URL that cannot be delivered to.
    #[error("webhooks: the url of {id} must be an http:// or https:// URL")]
    EndpointUrl {
        /// The endpoint.
        id: String,
    },
    /// No secret, a blank one, or too many.
    #[error("webhooks: {id} must have 1 to {SECRETS_MAX} secrets, none of them blank")]
    EndpointSecrets {
        /// The endpoint.
        id: String,
    },
    /// Something that is not an event type.
    #[error("webhooks: an event type of {id} must be lower-case words with dots, such as charge.refunded")]
    EndpointEvents {
        /// The endpoint.
        id: String,
    },
}
