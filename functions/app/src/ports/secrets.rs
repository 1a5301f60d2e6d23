use secrecy::{SecretSlice, SecretString};

use super::Fault;

/// The keys that status addresses are sealed with.
pub trait CapabilityKeys {
    /// One to four keys of at least 32 bytes, newest first; at most five minutes old.
    fn keys(&self) -> impl Future<Output = Result<Vec<SecretSlice<u8>>, Fault>>;
}

/// How to speak to a provider and how to know that it is speaking.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The key that our calls carry.
    pub api_key: SecretString,
    /// One to four webhook secrets that are live at once, newest first.
    pub webhook_secrets: Vec<SecretString>,
}

/// Where a provider's credentials are kept.
pub trait ProviderCredentials {
    /// The credentials; at most five minutes old.
    fn credentials(&self) -> impl Future<Output = Result<Credentials, Fault>>;
}
