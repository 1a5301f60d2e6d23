//! What the secrets' texts must be. No error repeats any of the text.

use app::ports::Credentials;
use data_encoding::BASE64;
use secrecy::{SecretSlice, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Most keys, and most webhook secrets, that may be live at once: more would only mean that none is ever retired.
const LIVE_MAX: usize = 4;
/// Least bytes of a key: as many as the digest has that it is used with (RFC 2104, section 3).
const KEY_BYTES_MIN: usize = 32;

/// The rule that a secret's text breaks.
pub(super) type Rule = &'static str;

#[derive(Deserialize)]
struct KeysText {
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct CredentialsText {
    api_key: String,
    webhook_secrets: Vec<String>,
}

/// Capability keys, newest first.
pub(super) fn keys(text: &str) -> Result<Vec<SecretSlice<u8>>, Rule> {
    let text: KeysText = json(text, "must be a JSON object with `keys`, an array of strings")?;
    if !(1..=LIVE_MAX).contains(&text.keys.len()) {
        return Err("must have 1 to 4 strings in `keys`");
    }
    let read = |key: &String| match BASE64.decode(key.as_bytes()) {
        Ok(bytes) if bytes.len() >= KEY_BYTES_MIN => Ok(SecretSlice::from(bytes)),
        Ok(_) | Err(_) => Err("must have in `keys` base64 texts (with padding) of at least 32 bytes"),
    };
    text.keys.iter().map(read).collect()
}

/// A provider's credentials.
pub(super) fn credentials(text: &str) -> Result<Credentials, Rule> {
    let shape = "must be a JSON object with `api_key`, a string, and `webhook_secrets`, an array of strings";
    let text: CredentialsText = json(text, shape)?;
    if text.api_key.is_empty() {
        return Err("must have a text in `api_key`");
    }
    let secrets = text.webhook_secrets;
    if !(1..=LIVE_MAX).contains(&secrets.len()) || secrets.iter().any(String::is_empty) {
        return Err("must have 1 to 4 texts in `webhook_secrets`");
    }
    let webhook_secrets = secrets.into_iter().map(SecretString::from).collect();
    Ok(Credentials { api_key: SecretString::from(text.api_key), webhook_secrets })
}

/// The parser's own message is dropped, since it may repeat what it found.
fn json<T: DeserializeOwned>(text: &str, shape: Rule) -> Result<T, Rule> {
    serde_json::from_str(text).map_err(|_| shape)
}
