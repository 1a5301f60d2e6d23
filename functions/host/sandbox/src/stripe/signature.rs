//! The `Stripe-Signature` header.
//!
//! Scheme: <https://docs.stripe.com/webhooks#verify-manually>: HMAC-SHA256 over the time, a full stop and the
//! exact body, with the whole secret as the key, in lower-case hexadecimal.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The header for `body` sent at `seconds` (Unix time), with one `v1` per active secret.
pub(crate) fn header(seconds: i64, body: &[u8], secrets: &[SecretString]) -> String {
    let mut header = format!("t={seconds}");
    for secret in secrets {
        let key = secret.expose_secret().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(seconds.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        header.push_str(",v1=");
        header.push_str(&HEXLOWER.encode(&mac.finalize().into_bytes()));
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `openssl dgst -sha256 -hmac` over `1700000000.{"id":"evt_1"}`.
    const KNOWN: &str = "2f6f24854ba5c8d505c37e6fc0a06fc74456f1a4042208e7acdd4bd0bdbd599e";

    #[test]
    fn each_secret_signs_the_time_and_the_body() {
        let secrets = [SecretString::from("whsec_example"), SecretString::from("whsec_other")];
        let signed = header(1_700_000_000, br#"{"id":"evt_1"}"#, &secrets[..1]);
        assert_eq!(signed, format!("t=1700000000,v1={KNOWN}"));
        let both = header(1_700_000_000, br#"{"id":"evt_1"}"#, &secrets);
        assert!(both.starts_with(&signed), "{both}");
        assert_eq!(both.matches(",v1=").count(), 2);
    }
}
