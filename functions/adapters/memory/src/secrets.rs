//! Secrets that somebody put there.

use app::ports::{CapabilityKeys, Credentials, Fault, ProviderCredentials};
use secrecy::SecretSlice;

use crate::calls::Operation;
use crate::memory::{Memory, State};

/// What there is of secrets.
#[derive(Default)]
pub(crate) struct Secrets {
    keys: Option<Vec<SecretSlice<u8>>>,
    credentials: Option<Credentials>,
}

impl Memory {
    /// Puts the capability keys there: one to four of at least 32 bytes, newest first.
    pub fn set_capability_keys(&self, keys: Vec<SecretSlice<u8>>) {
        self.state().secrets.keys = Some(keys);
    }

    /// Puts the provider's credentials there.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.state().secrets.credentials = Some(credentials);
    }
}

impl CapabilityKeys for Memory {
    async fn keys(&self) -> Result<Vec<SecretSlice<u8>>, Fault> {
        let doing = "read the capability keys";
        let read = |state: &mut State| state.secrets.keys.clone();
        let keys = self.call(Operation::ReadCapabilityKeys, "", read).await;
        keys.map_err(|struck| struck.fault(doing))?
            .ok_or_else(|| Fault::permanent(doing, "there is no such secret"))
    }
}

impl ProviderCredentials for Memory {
    async fn credentials(&self) -> Result<Credentials, Fault> {
        let doing = "read the provider's credentials";
        let read = |state: &mut State| state.secrets.credentials.clone();
        let found = self.call(Operation::ReadCredentials, "", read).await;
        found
            .map_err(|struck| struck.fault(doing))?
            .ok_or_else(|| Fault::permanent(doing, "there is no such secret"))
    }
}
