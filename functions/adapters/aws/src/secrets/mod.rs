//! Secrets from Secrets Manager.

mod cached;
mod shapes;

use app::ports::{CapabilityKeys, Clock, Credentials, Fault, ProviderCredentials};
use secrecy::SecretSlice;

use self::cached::CachedSecret;
use crate::connection::Aws;

/// The keys that status addresses are sealed with, from a secret of the form `{"keys": ["<base64>", …]}`.
///
/// What was read is used for five minutes. When it cannot be read again because Secrets Manager cannot be reached, it
/// is used until it is fifteen minutes old: an outage of that service must not stop donations, and a revoked key
/// lives ten minutes longer only while it lasts.
#[derive(Debug)]
pub struct SecretsManagerKeys<C> {
    secret: CachedSecret<Vec<SecretSlice<u8>>, C>,
}

/// A provider's credentials, from a secret of the form `{"api_key": "…", "webhook_secrets": ["…", …]}`.
///
/// Kept and read again like [`SecretsManagerKeys`].
#[derive(Debug)]
pub struct SecretsManagerCredentials<C> {
    secret: CachedSecret<Credentials, C>,
}

impl<C: Clock> SecretsManagerKeys<C> {
    /// The keys in this secret (name or ARN). Nothing is read yet.
    pub fn new(aws: &Aws, secret: impl Into<String>, clock: C) -> Self {
        Self {
            secret: CachedSecret::new(aws, secret.into(), "read the capability keys", shapes::keys, clock),
        }
    }

    /// Reads the secret, so that the first request finds it. Needs `secretsmanager:GetSecretValue`.
    ///
    /// # Errors
    /// The secret cannot be read now; the first request will try again.
    pub async fn warm_up(&self) -> Result<(), Fault> {
        self.keys().await.map(drop)
    }
}

impl<C: Clock> CapabilityKeys for SecretsManagerKeys<C> {
    async fn keys(&self) -> Result<Vec<SecretSlice<u8>>, Fault> {
        self.secret.value().await
    }
}

impl<C: Clock> SecretsManagerCredentials<C> {
    /// The credentials in this secret (name or ARN). Nothing is read yet.
    pub fn new(aws: &Aws, secret: impl Into<String>, clock: C) -> Self {
        let doing = "read the provider's credentials";
        Self { secret: CachedSecret::new(aws, secret.into(), doing, shapes::credentials, clock) }
    }

    /// Reads the secret, so that the first request finds it. Needs `secretsmanager:GetSecretValue`.
    ///
    /// # Errors
    /// The secret cannot be read now; the first request will try again.
    pub async fn warm_up(&self) -> Result<(), Fault> {
        self.credentials().await.map(drop)
    }
}

impl<C: Clock> ProviderCredentials for SecretsManagerCredentials<C> {
    async fn credentials(&self) -> Result<Credentials, Fault> {
        self.secret.value().await
    }
}
