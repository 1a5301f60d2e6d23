//! The donor: the only personal data in the system.
//!
//! `Debug` shows none of it, so that no log or panic message can.

use std::fmt;

use crate::card_data::holds_card_number;
use crate::time::Timestamp;

/// Why a text about the donor is refused. Never carries the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextRefusal {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("must be at most {max} characters")]
    TooLong {
        /// The bound.
        max: usize,
    },
    /// Control characters, or code points that are not for interchange.
    #[error("must not contain control characters or non-characters")]
    ControlCharacter,
    /// What could be a payment card number.
    #[error("must not contain a card number")]
    CardNumber,
    /// Not a single e-mail address of the usual form.
    #[error("must be one e-mail address, such as name@example.org")]
    NotAnAddress,
    /// Not a country code.
    #[error("must be an ISO 3166-1 alpha-2 country code in capitals, such as GB")]
    NotACountry,
    /// Not a wording version.
    #[error("must be 1 to 32 characters from a-z, A-Z, 0-9, point, underscore and hyphen")]
    NotAVersion,
}

macro_rules! donor_text {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Most characters (Unicode scalar values).
            pub const LENGTH_MAX: usize = $max;

            /// Reads the text; white space at both ends counts and is then cut off.
            ///
            /// # Errors
            /// [`TextRefusal`] naming the rule that the text breaks.
            pub fn parse(text: &str) -> Result<Self, TextRefusal> {
                plain_text(text, $max).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        hidden_debug!($name);
    };
}

macro_rules! hidden_debug {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
}

donor_text!(
    /// The donor's name as the donor writes it, in any script: 1 to 100 characters.
    DonorName,
    100
);
donor_text!(
    /// One line of a postal address: 1 to 100 characters.
    AddressLine,
    100
);
donor_text!(
    /// A postal code: 1 to 16 characters.
    PostalCode,
    16
);

/// One e-mail address: 3 to 254 characters, visible ASCII, one `@`, a domain with a dot.
///
/// Narrower than RFC 5321 on purpose: no quoted local part, no comment, no list, so nothing in it can break
/// out of a mail header. The domain may be internationalised in its ASCII (A-label) form.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

hidden_debug!(EmailAddress);

impl EmailAddress {
    /// Most characters of an address (RFC 5321, section 4.5.3.1.3).
    pub const LENGTH_MAX: usize = 254;

    /// Reads the address; white space at both ends counts and is then cut off.
    ///
    /// # Errors
    /// [`TextRefusal`] naming the rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, TextRefusal> {
        let text = plain_text(text, Self::LENGTH_MAX)?;
        let (local, host) = text.rsplit_once('@').ok_or(TextRefusal::NotAnAddress)?;
        let local_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
        let local_fits = (1..=64).contains(&local.len())
            && local.bytes().all(local_byte)
            && local.split('.').all(|part| !part.is_empty());
        let label_fits = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let host_fits = host.contains('.') && host.split('.').all(label_fits);
        if local_fits && host_fits { Ok(Self(text)) } else { Err(TextRefusal::NotAnAddress) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An ISO 3166-1 alpha-2 country code in capitals; the form is checked, not the membership of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Country([u8; 2]);

hidden_debug!(Country);

impl Country {
    /// Reads the code.
    ///
    /// # Errors
    /// [`TextRefusal::NotACountry`].
    pub fn parse(text: &str) -> Result<Self, TextRefusal> {
        let code: [u8; 2] = text.as_bytes().try_into().map_err(|_| TextRefusal::NotACountry)?;
        if code.iter().all(u8::is_ascii_uppercase) { Ok(Self(code)) } else { Err(TextRefusal::NotACountry) }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("checked to be ASCII when built")
    }
}

/// Where the donor lives. A Gift Aid declaration needs the first line and the postal code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostalAddress {
    /// House name or number and street.
    pub line_1: AddressLine,
    /// Second line, where there is one.
    pub line_2: Option<AddressLine>,
    /// Town or city.
    pub town: Option<AddressLine>,
    /// Postal code.
    pub postal_code: PostalCode,
    /// Country.
    pub country: Country,
}

/// Who gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Donor {
    /// Name.
    pub name: DonorName,
    /// Where the receipt goes.
    pub email: EmailAddress,
    /// Home address, where the donor gave one.
    pub address: Option<PostalAddress>,
}

/// The version of the declaration's wording that the donor was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordingVersion(String);

impl WordingVersion {
    /// Reads the version.
    ///
    /// # Errors
    /// [`TextRefusal::NotAVersion`].
    pub fn parse(text: &str) -> Result<Self, TextRefusal> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let accepted = (1..=32).contains(&text.len()) && text.bytes().all(fits);
        if accepted { Ok(Self(text.to_owned())) } else { Err(TextRefusal::NotAVersion) }
    }

    /// The version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A Gift Aid declaration for this gift: the donor's wish, the wording shown, and when.
///
/// HMRC asks for the donor's name and home address with it (gov.uk, "Gift Aid declarations: claiming tax back
/// on donations"), which is why a declaration without an address is refused when the donation is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftAidDeclaration {
    /// Which wording the donor agreed to.
    pub wording: WordingVersion,
    /// When the declaration was made.
    pub declared_at: Timestamp,
}

fn plain_text(text: &str, length_max: usize) -> Result<String, TextRefusal> {
    // First, so that a card number is called one even where it breaks another rule as well.
    if holds_card_number(text) {
        return Err(TextRefusal::CardNumber);
    }
    if text.chars().count() > length_max {
        return Err(TextRefusal::TooLong { max: length_max });
    }
    if text.chars().any(is_unfit) {
        return Err(TextRefusal::ControlCharacter);
    }
    let text = text.trim();
    if text.is_empty() { Err(TextRefusal::Empty) } else { Ok(text.to_owned()) }
}

/// Control characters, line and paragraph separators, bidirectional overrides, and Unicode's non-characters.
fn is_unfit(character: char) -> bool {
    let code = u32::from(character);
    character.is_control()
        || matches!(code, 0x2028..=0x202e | 0x2066..=0x2069 | 0xfdd0..=0xfdef | 0xfeff)
        || code & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests;
