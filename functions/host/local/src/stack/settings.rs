//! What the stack is started with.

use std::path::PathBuf;

/// What an operator may choose.
#[derive(Debug, Clone)]
pub struct UpSettings {
    /// Port of the API and the operator's endpoints; 0 takes a free one.
    pub port: u16,
    /// Folder of everything that is kept.
    pub data: PathBuf,
    /// Another topology than the one shipped.
    pub topology: Option<PathBuf>,
    /// Settings of the topology with other values than their defaults.
    pub set: Vec<(String, String)>,
    /// The functions' binary, where it does not lie beside this one.
    pub bootstrap: Option<PathBuf>,
    /// Stripe's own account, where the functions are to talk to it.
    pub stripe: Option<StripeAccount>,
}

/// Access to a Stripe account in test mode.
#[derive(Clone)]
pub struct StripeAccount {
    /// A test key: `sk_test_…` or `rk_test_…`.
    pub api_key: String,
    /// The signing secret of the webhook endpoint that delivers to this machine, where there is one.
    pub webhook_secret: Option<String>,
}

impl std::fmt::Debug for StripeAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StripeAccount(..)")
    }
}

/// Why the environment's Stripe account is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StripeAccountError {
    /// A live key takes real money.
    #[error("STRIPE_API_KEY must be a test key (sk_test_… or rk_test_…); a live key would take real money")]
    NotATestKey,
    /// Not a signing secret.
    #[error("STRIPE_WEBHOOK_SECRET must begin with whsec_")]
    NotASigningSecret,
}

impl StripeAccount {
    /// The account that the environment names, if it names one. An empty variable names none.
    ///
    /// # Errors
    /// [`StripeAccountError`].
    pub fn from_variables(
        api_key: Option<String>,
        webhook_secret: Option<String>,
    ) -> Result<Option<Self>, StripeAccountError> {
        let Some(api_key) = api_key.filter(|key| !key.is_empty()) else { return Ok(None) };
        if !api_key.starts_with("sk_test_") && !api_key.starts_with("rk_test_") {
            return Err(StripeAccountError::NotATestKey);
        }
        let webhook_secret = webhook_secret.filter(|secret| !secret.is_empty());
        if webhook_secret.as_ref().is_some_and(|secret| !secret.starts_with("whsec_")) {
            return Err(StripeAccountError::NotASigningSecret);
        }
        Ok(Some(Self { api_key, webhook_secret }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(api_key: &str, webhook_secret: &str) -> Result<bool, StripeAccountError> {
        let account =
            StripeAccount::from_variables(Some(api_key.to_owned()), Some(webhook_secret.to_owned()))?;
        Ok(account.is_some())
    }

    #[test]
    fn only_a_test_key_is_used() {
        assert_eq!(read("sk_test_invented", "whsec_invented"), Ok(true));
        assert_eq!(read("rk_test_invented", ""), Ok(true));
        assert_eq!(read("", "whsec_invented"), Ok(false));
        assert_eq!(read("sk_live_invented", ""), Err(StripeAccountError::NotATestKey));
        assert_eq!(read("sk_test_invented", "invented"), Err(StripeAccountError::NotASigningSecret));
    }
}
