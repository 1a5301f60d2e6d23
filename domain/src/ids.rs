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
    /// A refund's id: `rf_` and 24 lower-case hexadecimal digits.
    RefundId,
    "rf_ and 24 lower-case hexadecimal digits",
    |text| text.len() == 27
        && text.starts_with("rf_")
        && text[3..].bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
);

text_id!(
    /// Who asked for something that only the charity's own people may ask for: a login name or an e-mail
    /// address.
    Operator,
    "2 to 64 characters from A-Z, a-z, 0-9, dot, hyphen, underscore, plus and @",
    |text| (2..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b'@'))
);

text_id!(
    /// Why a person decided as they did, in their own words.
    Note,
    "3 to 300 characters without control characters",
    |text| (3..=300).contains(&text.chars().count()) && !text.chars().any(char::is_control)
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

impl NotificationId {
    /// The provider's name.
    pub fn provider(&self) -> &str {
        self.0.split_once('#').map_or("", |(provider, _)| provider)
    }
}

impl ProviderKey {
    /// The key of a donation's attempt: readable at the provider, and the same on every retry.
    pub fn of_attempt(donation: &DonationId, attempt: u32) -> Self {
        Self(format!("{donation}-{attempt}"))
    }

    /// The key under which a payment is called off.
    pub fn of_cancel(donation: &DonationId, attempt: u32) -> Self {
        Self(format!("{donation}-{attempt}-cancel"))
    }

    /// The key of a refund's attempt.
    pub fn of_refund(refund: &RefundId, attempt: u32) -> Self {
        Self(format!("{refund}-{attempt}"))
    }
}

impl ProviderReference {
    /// What stands for the `time`th time that a payment is taken back, from 1, at a provider that gives that no id of
    /// its own. Whoever reads it can tell which payment it is; the ids of the providers that need it are far
    /// shorter than [`Self::TAKEN_BACK_PAYMENT_MAX`].
    pub fn of_taken_back(payment: &Self, time: u32) -> Self {
        let short = short_hex(&["taken back v1", payment.as_str()]);
        let is_short = payment.as_str().len() <= Self::TAKEN_BACK_PAYMENT_MAX;
        let payment = if is_short { payment.as_str() } else { short.as_str() };
        Self(format!("{payment}{TAKEN_BACK}{time}"))
    }

    /// Most characters of a payment's id that such a reference repeats; for a longer one it has a digest.
    pub const TAKEN_BACK_PAYMENT_MAX: usize = 200;

    /// The payment that this stands for the taking back of, and the how manieth time; none where it is an id of the
    /// provider's own.
    pub fn taken_back(&self) -> Option<(Self, u32)> {
        let (payment, time) = self.0.rsplit_once(TAKEN_BACK)?;
        Some((Self::parse(payment).ok()?, time.parse().ok()?))
    }
}

impl RefundId {
    /// The one refund of a donation that this key asks for.
    pub fn derive(donation: &DonationId, key: &IdempotencyKey) -> Self {
        Self::digest(&["refund v1", donation.as_str(), key.as_str()])
    }

    /// The one refund that gives back a capture beyond the one that was meant.
    pub fn of_duplicate(donation: &DonationId, capture: &ProviderReference) -> Self {
        Self::digest(&["refund of a duplicate v1", donation.as_str(), capture.as_str()])
    }

    /// The id of a refund that was made at the provider.
    pub fn of_provider(refund: &ProviderReference) -> Self {
        Self::digest(&["refund at the provider v1", refund.as_str()])
    }

    fn digest(parts: &[&str]) -> Self {
        Self(format!("rf_{}", short_hex(parts)))
    }
}

impl Operator {
    /// The pipeline itself.
    pub fn pipeline() -> Self {
        Self("outpour".to_owned())
    }

    /// Whoever did it at the provider.
    pub fn provider() -> Self {
        Self("provider".to_owned())
    }
}

impl EntryId {
    /// The one entry that books `kind` under this reference: for a donation, or for none.
    pub fn derive(kind: &str, donation: Option<&DonationId>, reference: &ProviderReference) -> Self {
        let donation = donation.map_or("", DonationId::as_str);
        Self(format!("je_{}", short_hex(&["journal entry v1", kind, donation, reference.as_str()])))
    }
}

/// What stands between a payment and the how manieth time it was taken back.
const TAKEN_BACK: &str = "/taken-back/";

/// The first 96 bits of the parts' digest in hexadecimal.
fn short_hex(parts: &[&str]) -> String {
    let mut hex = HEXLOWER.encode(&digest_of(parts));
    hex.truncate(24);
    hex
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

/// A payment provider, by the name that the API, the stored items and the configuration spell: 2 to 16
/// characters from a-z.
///
/// Which providers there are is a matter of configuration and of the connectors that are built in, not of the
/// domain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Provider {
    name: [u8; Self::LENGTH_MAX],
    length: u8,
}

impl Provider {
    const LENGTH_MAX: usize = 16;

    /// Stripe, or anything that speaks its API.
    pub const STRIPE: Self = Self::of("stripe");

    /// A provider whose name is written in the code.
    ///
    /// # Panics
    /// When the name is not of the grammar; in a constant that is a compile error.
    pub const fn of(name: &str) -> Self {
        match Self::read(name) {
            Some(provider) => provider,
            None => panic!("a provider's name is 2 to 16 characters from a-z"),
        }
    }

    /// Reads a provider's name.
    ///
    /// # Errors
    /// [`MalformedId`] with the grammar.
    pub fn parse(name: &str) -> Result<Self, MalformedId> {
        Self::read(name).ok_or(MalformedId { expected: "2 to 16 characters from a-z" })
    }

    const fn read(name: &str) -> Option<Self> {
        let bytes = name.as_bytes();
        if bytes.len() < 2 || bytes.len() > Self::LENGTH_MAX {
            return None;
        }
        let (mut kept, mut at, mut length) = ([0; Self::LENGTH_MAX], 0, 0_u8);
        while at < bytes.len() {
            if !bytes[at].is_ascii_lowercase() {
                return None;
            }
            kept[at] = bytes[at];
            at += 1;
            length += 1;
        }
        Some(Self { name: kept, length })
    }

    /// The name.
    ///
    /// # Panics
    /// Never: it holds ASCII letters only.
    pub fn name(&self) -> &str {
        std::str::from_utf8(&self.name[..usize::from(self.length)]).expect("a provider's name is ASCII")
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.name())
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
