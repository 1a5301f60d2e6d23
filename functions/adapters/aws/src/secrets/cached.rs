//! A secret that is read again from time to time.

use std::fmt;

use app::ports::{Clock, Fault};
use aws_sdk_secretsmanager::Client;
use domain::time::{Span, Timestamp};
use secrecy::zeroize::Zeroizing;
use tokio::sync::Mutex;
use tracing::warn;

use super::shapes::Rule;
use crate::call::{Call, CallError};
use crate::connection::Aws;

/// How long a value is used without reading it again.
const FRESH_FOR: Span = Span::minutes(5);
/// How long a value is used when it cannot be read again.
const USABLE_FOR: Span = Span::minutes(15);
/// How long to leave Secrets Manager alone after a reading failed, while there is a usable value.
const PAUSE: Span = Span::seconds(10);

/// The secret is there and is not what it has to be.
#[derive(Debug, thiserror::Error)]
#[error("the secret {secret} {rule}")]
struct Malformed {
    secret: String,
    rule: Rule,
}

/// A secret and the last value read from it.
pub(super) struct CachedSecret<T, C> {
    client: Client,
    secret: String,
    doing: &'static str,
    read: fn(&str) -> Result<T, Rule>,
    clock: C,
    last: Mutex<Option<Reading<T>>>,
}

struct Reading<T> {
    value: T,
    read_at: Timestamp,
    tried_at: Timestamp,
}

impl<T: Clone, C: Clock> CachedSecret<T, C> {
    pub(super) fn new(
        aws: &Aws,
        secret: String,
        doing: &'static str,
        read: fn(&str) -> Result<T, Rule>,
        clock: C,
    ) -> Self {
        Self { client: aws.secrets().clone(), secret, doing, read, clock, last: Mutex::new(None) }
    }

    /// The value. Whoever comes while it is being read waits for that one reading.
    pub(super) async fn value(&self) -> Result<T, Fault> {
        let mut last = self.last.lock().await;
        let now = self.clock.now();
        if let Some(reading) = last.as_ref()
            && reading.serves(now)
        {
            return Ok(reading.value.clone());
        }
        match self.fetch().await {
            Ok(value) => {
                *last = Some(Reading { value: value.clone(), read_at: now, tried_at: now });
                Ok(value)
            }
            Err(fault @ Fault::Transient { .. }) => match last.as_mut() {
                Some(reading) if now.since(reading.read_at) < USABLE_FOR => {
                    warn!(fault = fault.chain(), "a secret could not be read again; its last value is used");
                    reading.tried_at = now;
                    Ok(reading.value.clone())
                }
                _ => Err(fault),
            },
            // A secret that is gone, forbidden or malformed was made so by somebody: the old value is not used.
            Err(fault) => Err(fault),
        }
    }

    async fn fetch(&self) -> Result<T, Fault> {
        let call = || Call::new("secretsmanager:GetSecretValue", "secret", &self.secret);
        let answer = self.client.get_secret_value().secret_id(&self.secret).send().await;
        let answer = answer.map_err(|error| CallError::of(call(), error).into_fault(self.doing))?;
        let malformed = |rule| Fault::permanent(self.doing, Malformed { secret: self.secret.clone(), rule });
        let text = answer.secret_string.map(Zeroizing::new).ok_or_else(|| malformed("must be a text"))?;
        (self.read)(&text).map_err(malformed)
    }
}

impl<T> Reading<T> {
    /// Whether the value is used as it is: it is fresh, or a reading failed a moment ago and it is still usable.
    fn serves(&self, now: Timestamp) -> bool {
        let age = now.since(self.read_at);
        age < FRESH_FOR || (age < USABLE_FOR && now.since(self.tried_at) < PAUSE)
    }
}

/// Shows which secret it is and nothing of its value.
impl<T, C> fmt::Debug for CachedSecret<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedSecret").field("secret", &self.secret).finish_non_exhaustive()
    }
}
