//! The API key: `Authorization: Bearer KEY`, or Basic with the key as the name and no password.
//!
//! Rules: <https://docs.stripe.com/api/authentication>.

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};

use crate::stripe::refusal::Refusal;

/// Checks the `Authorization` header against the one key.
pub(crate) fn check(header: Option<&str>, api_key: &SecretString) -> Result<(), Refusal> {
    let none =
        || Refusal::unauthorised("You did not provide an API key: send Authorization: Bearer YOUR_KEY.");
    let given = key_of(header.ok_or_else(none)?).ok_or_else(none)?;
    if given == api_key.expose_secret() {
        return Ok(());
    }
    Err(Refusal::unauthorised("Invalid API Key provided."))
}

fn key_of(header: &str) -> Option<String> {
    let (scheme, credentials) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64.decode(credentials.trim().as_bytes()).ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    Some(pair.split_once(':').map_or(pair.as_str(), |(name, _)| name).to_owned())
}
