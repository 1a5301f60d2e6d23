//! Names of things: ids with one spelling each.

use std::fmt;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// Why a text is not the id it claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {expected}")]
pub struct MalformedId {
    /// The grammar, in words.
    pub expected: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $accepts:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Reads the id.
            ///
            /// # Errors
            /// [`MalformedId`] with the grammar.
            pub fn parse(text: &str) -> Result<Self, MalformedId> {
                let accepts: fn(&str) -> bool = $accepts;
                if accepts(text) {
                    return Ok(Self(text.to_owned()));
                }
                Err(MalformedId { expected: $expected })
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn is_slug(text: &str, length_max: usize) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= length_max
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_visible_ascii(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

text_id!(
    /// A donation's id: 26 lower-case base32 characters (RFC 4648 alphabet), derived from charity and
    /// idempotency key.
    DonationId,
    "26 characters from a-z and 2-7",
    |text| text.len() == 26 && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
);
text_id!(
    /// The charity that receives the gifts; part of every donation id.
    CharityId,
    "1 to 64 characters from a-z, 0-9 and hyphen, not beginning or ending with a hyphen",
    |text| is_slug(text, 64)
);
text_id!(
    /// The appeal that the donor answered.
    Appeal,
    "1 to 64 characters from a-z, 0-9 and hyphen, not beginning or ending with a hyphen",
    |text| is_slug(text, 64)
);
text_id!(
    /// The key that a client mints once per checkout and repeats with every retry of it.
    ///
    /// Source: draft-ietf-httpapi-idempotency-key-header-07; the length is ours, so that no key is guessable
    /// or unbounded.
    IdempotencyKey,
    "16 to 255 visible ASCII characters",
    |text| is_visible_ascii(text, 16..=255)
);
text_id!(
    /// What stands for the donor's card at the provider, such as `pm_card_visa`. Never a card number.
    PaymentToken,
    "3 to 255 characters from A-Z, a-z, 0-9, underscore and hyphen",
    |text| (3..=255).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
);
text_id!(
    /// The provider's own id for a payment, such as Stripe's `pi_…`.
    ProviderReference,
    "3 to 255 visible ASCII characters",
    |text| is_visible_ascii(text, 3..=255)
);
text_id!(
    /// The idempotency key that one payment attempt carries to its provider.
    ProviderKey,
    "16 to 255 visible ASCII characters",
    |text| is_visible_ascii(text, 16..=255)
);
text_id!(
    /// A journal entry's id: `je_` and 24 lower-case hexadecimal digits, derived from what is booked.
    EntryId,
    "je_ and 24 lower-case hexadecimal digits",
    |text| text.len() == 27
        && text.starts_with("je_")
        && text[3..].bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
);
text_id!(
    /// A stored webhook notification: `provider#event id`.
    NotificationId,
    "a provider, # and 3 to 255 visible ASCII characters",
    |text| text.split_once('#').is_some_and(|(provider, id)| is_slug(provider, 32) && is_visible_ascii(id, 3..=255))
);
text_id!(
    /// Who claimed the sending of a receipt: an id minted for each claim.
    ClaimId,
    "8 to 64 visible ASCII characters",
    |text| is_visible_ascii(text, 8..=64)
);
text_id!(
    /// The mail service's id of an accepted e-mail.
    MailId,
    "1 to 255 visible ASCII characters",
    |text| is_visible_ascii(text, 1..=255)
);

impl DonationId {
    /// The one donation that this charity keeps under this key, today and for ever.
    pub fn derive(charity: &CharityId, key: &IdempotencyKey) -> Self {
        let digest = digest_of(&["donation v1", charity.as_str(), key.as_str()]);
        let mut text = BASE32_NOPAD.encode(&digest).to_ascii_lowercase();
        text.truncate(26);
        Self(text)
    }

    /// Which of `shards` equal parts the id falls in, evenly.
    pub fn shard(&self, shards: u8) -> u8 {
        self.0.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % shards.max(1)
    }
}

impl ProviderKey {
    /// The key of a donation's attempt: readable at the provider, and the same on every retry.
    pub fn of_attempt(donation: &DonationId, attempt: u32) -> Self {
        Self(format!("{donation}-{attempt}"))
    }
}

impl EntryId {
    /// The one entry that books `kind` for this donation and provider reference.
    pub fn derive(kind: &str, donation: &DonationId, reference: &ProviderReference) -> Self {
        let digest = digest_of(&["journal entry v1", kind, donation.as_str(), reference.as_str()]);
        let mut hex = HEXLOWER.encode(&digest);
        hex.truncate(24);
        Self(format!("je_{hex}"))
    }
}

/// SHA-256 over the parts, each preceded by its length, so that no two lists of parts run together.
pub fn digest_of(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// A payment provider that the pipeline can speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Stripe, or anything that speaks its API.
    Stripe,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 1] = [Self::Stripe];

    /// Reads the provider's name as the API spells it.
    ///
    /// # Errors
    /// [`MalformedId`] when no such provider is known.
    pub fn parse(name: &str) -> Result<Self, MalformedId> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.name() == name)
            .ok_or(MalformedId { expected: "a known provider: stripe" })
    }

    /// Most minor units of one payment. Stripe: eight digits (docs.stripe.com/api/payment_intents/create,
    /// `amount`).
    pub const fn amount_minor_max(self) -> u64 {
        match self {
            Self::Stripe => 99_999_999,
        }
    }

    /// The name as the API spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
        }
    }
}

#[cfg(test)]
mod tests;
