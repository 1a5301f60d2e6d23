//! The unguessable part of a status address: whoever has it may see that one donation's status, and nothing else.

use data_encoding::BASE64URL_NOPAD;
use domain::ids::DonationId;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::ports::{CapabilityKeys, Fault};

/// Bytes of a capability: 128 bits cannot be guessed.
const LENGTH: usize = 16;

/// Makes and checks the addresses where donors see what became of their donation.
#[derive(Debug, Clone)]
pub struct StatusAddresses<K> {
    /// The keys; the newest seals, all of them open.
    pub keys: K,
    /// Where donors reach the API, without a slash at its end.
    pub public_url: String,
}

impl<K: CapabilityKeys> StatusAddresses<K> {
    /// The donation's address: the same every time, until the newest key changes.
    ///
    /// # Errors
    /// The keys could not be had.
    pub async fn address(&self, id: &DonationId) -> Result<String, Fault> {
        let keys = self.keys.keys().await?;
        let newest =
            keys.first().ok_or_else(|| Fault::permanent("seal a status address", "there is no key"))?;
        Ok(format!(
            "{}/donations/{id}?capability={}",
            self.public_url,
            BASE64URL_NOPAD.encode(&seal(newest, id))
        ))
    }

    /// Whether `capability` opens this donation's status under any live key.
    ///
    /// # Errors
    /// The keys could not be had.
    pub async fn opens(&self, id: &DonationId, capability: &str) -> Result<bool, Fault> {
        let keys = self.keys.keys().await?;
        let Ok(offered) = BASE64URL_NOPAD.decode(capability.as_bytes()) else { return Ok(false) };
        // Every key is tried, so that the time taken does not say which one matched.
        let matches: u8 = keys.iter().map(|key| seal(key, id).ct_eq(offered.as_slice()).unwrap_u8()).sum();
        Ok(matches > 0)
    }
}

fn seal(key: &SecretSlice<u8>, id: &DonationId) -> [u8; LENGTH] {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.expose_secret()).expect("HMAC takes a key of any length");
    mac.update(b"status v1|");
    mac.update(id.as_str().as_bytes());
    let mut seal = [0; LENGTH];
    seal.copy_from_slice(&mac.finalize().into_bytes()[..LENGTH]);
    seal
}
