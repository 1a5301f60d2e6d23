//! What stands for a caller's address and for a card: keyed digests, so that neither is stored, and nobody who reads
//! the store can find out by trying all addresses.

use std::net::IpAddr;

use domain::screening::{CardMark, MARK_BYTES, Source};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

use crate::ports::{CapabilityKeys, Fault};

/// Bytes of an IPv6 address that name a network: providers give each home a /64 or more, and a caller may choose the
/// rest freely (RFC 4291, section 2.5.4; RFC 6177).
const NETWORK_BYTES: usize = 8;

/// Makes marks under one key. A change of the key makes everybody a stranger for one window, and nothing worse.
#[derive(Debug, Clone)]
pub struct Marks(SecretSlice<u8>);

impl Marks {
    /// Marks under the newest of these keys.
    ///
    /// # Errors
    /// The keys could not be had.
    pub async fn under(keys: &impl CapabilityKeys) -> Result<Self, Fault> {
        let newest = keys.keys().await?.into_iter().next();
        newest.map(Self).ok_or_else(|| Fault::permanent("mark a source", "there is no key"))
    }

    /// The source that an address belongs to: an IPv4 address by itself, an IPv6 address by its network.
    pub fn source(&self, address: IpAddr) -> Source {
        Source::of(match address.to_canonical() {
            IpAddr::V4(address) => self.digest(b"source v4|", &address.octets()),
            IpAddr::V6(address) => self.digest(b"source v6|", &address.octets()[..NETWORK_BYTES]),
        })
    }

    /// The card that a provider calls by this name: its token, or its fingerprint.
    pub fn card(&self, provider: &str, name: &str) -> CardMark {
        // No provider's name holds the bar, so no two pairs run together.
        CardMark::of(self.digest(b"card v1|", format!("{provider}|{name}").as_bytes()))
    }

    fn digest(&self, purpose: &[u8], subject: &[u8]) -> [u8; MARK_BYTES] {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes a key of any length");
        mac.update(purpose);
        mac.update(subject);
        let mut digest = [0; MARK_BYTES];
        digest.copy_from_slice(&mac.finalize().into_bytes()[..MARK_BYTES]);
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(key: u8, address: &str) -> Source {
        Marks(SecretSlice::from(vec![key; 32])).source(address.parse().unwrap())
    }

    #[test]
    fn an_ipv4_address_is_one_source_however_it_is_written() {
        assert_eq!(source(1, "192.0.2.1"), source(1, "::ffff:192.0.2.1"));
        assert_ne!(source(1, "192.0.2.1"), source(1, "192.0.2.2"));
    }

    #[test]
    fn an_ipv6_network_is_one_source() {
        assert_eq!(source(1, "2001:db8:0:1::1"), source(1, "2001:db8:0:1:ffff::2"));
        assert_ne!(source(1, "2001:db8:0:1::1"), source(1, "2001:db8:0:2::1"));
    }

    #[test]
    fn without_the_key_nobody_can_tell_whose_mark_it_is() {
        assert_ne!(source(1, "192.0.2.1"), source(2, "192.0.2.1"));
    }

    #[test]
    fn a_card_is_one_provider_s_and_never_a_source() {
        let marks = Marks(SecretSlice::from(vec![1; 32]));
        assert_eq!(marks.card("stripe", "pm_card_visa"), marks.card("stripe", "pm_card_visa"));
        assert_ne!(marks.card("stripe", "pm_card_visa"), marks.card("other", "pm_card_visa"));
        assert_ne!(marks.card("stripe", "pm_card_visa"), marks.card("stripe", "pm_card_amex"));
    }
}
