//! The one GoCardless account: its settings, and what its requests share.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::letter::Batching;
use super::limiter::Limiter;
use crate::clock::millis;
use crate::settings::{SettingsError, WebhookEndpoint};

/// What a sandbox that speaks GoCardless is told. [`GoCardlessSettings::new`] fills in the defaults.
#[derive(Debug)]
pub struct GoCardlessSettings {
    /// The one access token that is accepted. It must begin with `sandbox_`.
    pub access_token: SecretString,
    /// Where GoCardless's events are delivered. An endpoint has one secret, and is sent every event.
    pub webhooks: Vec<WebhookEndpoint>,
    /// How long a banking day lasts on the sandbox's clock. A payment is submitted after one, confirmed after
    /// four and paid out after about a week of them.
    pub day: Duration,
    /// How long events are collected before they are delivered in one batch.
    pub batch_window: Duration,
    /// Whether the events of a webhook carry the metadata of the payment or refund that they are about, as an
    /// endpoint may be set up to want it. They do not unless it is.
    pub resource_metadata: bool,
    /// The requests that are let in within one minute of the clock. GoCardless's is 1,000.
    pub requests_per_minute: u32,
}

impl GoCardlessSettings {
    /// Settings for `access_token`: no webhooks, real days, batches of a tenth of a second, GoCardless's
    /// limit.
    pub fn new(access_token: impl Into<SecretString>) -> Self {
        Self {
            access_token: access_token.into(),
            webhooks: Vec::new(),
            day: Duration::from_hours(24),
            batch_window: Duration::from_millis(100),
            resource_metadata: false,
            requests_per_minute: 1_000,
        }
    }

    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if !self.access_token.expose_secret().starts_with("sandbox_") {
            return Err(SettingsError::AccessToken);
        }
        if self.day < Duration::from_millis(1) {
            return Err(SettingsError::Day);
        }
        for endpoint in &self.webhooks {
            if endpoint.secrets.len() != 1 || !endpoint.enabled_events.is_empty() {
                return Err(SettingsError::GoCardlessEndpoint { id: endpoint.id.clone() });
            }
        }
        Ok(())
    }
}

/// The account of a running sandbox.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) access_token: SecretString,
    pub(crate) times: Times,
    pub(crate) batching: Batching,
    pub(crate) limiter: Limiter,
}

impl Account {
    pub(crate) fn new(settings: &GoCardlessSettings) -> Self {
        Self {
            access_token: settings.access_token.clone(),
            times: Times {
                day_ms: millis(settings.day).max(1),
                batch_window_ms: millis(settings.batch_window),
            },
            batching: Batching {
                window_ms: millis(settings.batch_window),
                resource_metadata: settings.resource_metadata,
            },
            limiter: Limiter::new(settings.requests_per_minute),
        }
    }
}

/// How long things take, in milliseconds of the sandbox's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    /// One banking day.
    pub(crate) day_ms: i64,
    /// Collecting one batch of events.
    pub(crate) batch_window_ms: i64,
}

impl Times {
    /// So many banking days after `from_ms`.
    pub(crate) fn days_after(self, from_ms: i64, days: i64) -> i64 {
        from_ms.saturating_add(self.day_ms.saturating_mul(days))
    }

    /// The first moment from `ms` on at which a banking day begins: what happens once a day happens then.
    pub(crate) fn day_begins(self, ms: i64) -> i64 {
        let day_ms = self.day_ms.max(1);
        let into = ms.rem_euclid(day_ms);
        if into == 0 { ms } else { ms.saturating_add(day_ms - into) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_its_own_beginning_or_at_the_next() {
        let times = Times { day_ms: 1_000, batch_window_ms: 0 };
        assert_eq!((times.day_begins(2_000), times.day_begins(2_001)), (2_000, 3_000));
        assert_eq!(times.days_after(2_001, 2), 4_001);
    }
}
