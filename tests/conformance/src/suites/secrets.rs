//! `CapabilityKeys` and `ProviderCredentials`: what was put there, in its order, and a named fault where it
//! is missing.

use app::ports::{CapabilityKeys, ProviderCredentials};
use secrecy::ExposeSecret;

use super::assert_permanent;
use crate::fixtures::secrets::{API_KEY, key_bytes, webhook_secrets};
use crate::running::World;

/// A place of secrets that holds those of the fixtures, and another that holds none.
pub(crate) trait SecretsWorld: World {
    fn keys(&self) -> impl CapabilityKeys;
    fn credentials(&self) -> impl ProviderCredentials;
    fn missing_keys(&self) -> impl CapabilityKeys;
    fn missing_credentials(&self) -> impl ProviderCredentials;
}

/// Holds an adapter to this suite.
macro_rules! secrets {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, secrets:
            capability_keys_come_newest_first,
            credentials_come_with_the_newest_webhook_secret_first,
            missing_capability_keys_are_a_fault_that_names_them,
            missing_credentials_are_a_fault_that_names_them,
        }
    };
}
pub(crate) use secrets;

pub(crate) async fn capability_keys_come_newest_first(world: &impl SecretsWorld) {
    let keys = world.keys().keys().await.unwrap();
    let bytes: Vec<_> = keys.iter().map(|key| key.expose_secret().to_vec()).collect();
    assert!(bytes == key_bytes());
}

pub(crate) async fn credentials_come_with_the_newest_webhook_secret_first(world: &impl SecretsWorld) {
    let credentials = world.credentials().credentials().await.unwrap();
    assert!(credentials.api_key.expose_secret() == API_KEY);
    let secrets: Vec<_> = credentials.webhook_secrets.iter().map(ExposeSecret::expose_secret).collect();
    assert!(secrets == webhook_secrets());
}

pub(crate) async fn missing_capability_keys_are_a_fault_that_names_them(world: &impl SecretsWorld) {
    let missing = world.missing_keys();
    for _ in 0..2 {
        assert_permanent(
            &missing.keys().await.unwrap_err(),
            &["cannot read the capability keys: ", "secret"],
        );
    }
}

pub(crate) async fn missing_credentials_are_a_fault_that_names_them(world: &impl SecretsWorld) {
    let missing = world.missing_credentials();
    for _ in 0..2 {
        let fault = missing.credentials().await.unwrap_err();
        assert_permanent(&fault, &["cannot read the provider's credentials: ", "secret"]);
    }
}
