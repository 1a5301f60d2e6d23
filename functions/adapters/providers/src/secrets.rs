//! Which webhook secrets may be trusted.

use app::ports::{Credentials, Fault};
use secrecy::{ExposeSecret, SecretString};

/// The webhook secrets that are live. A blank one is passed over: it would let anybody sign.
///
/// # Errors
/// A permanent fault when there is none: nobody can be believed.
pub(crate) fn live(credentials: &Credentials) -> Result<Vec<&SecretString>, Fault> {
    let secrets: Vec<&SecretString> = credentials
        .webhook_secrets
        .iter()
        .filter(|secret| !secret.expose_secret().trim().is_empty())
        .collect();
    if secrets.is_empty() {
        return Err(Fault::permanent("verify a webhook", "there is no webhook secret"));
    }
    Ok(secrets)
}
