//! The gift: what is given, to which appeal, and how it arrived.

use std::fmt;

use crate::ids::{Appeal, MalformedId, PaymentToken, Provider};
use crate::money::Money;

/// What the donor gives, without who the donor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    /// How much.
    pub amount: Money,
    /// The appeal that the donor answered.
    pub appeal: Appeal,
    /// How the gift reached the charity.
    pub channel: Channel,
}

/// How a gift reached the charity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The donor's own browser.
    Web,
    /// An operator in a call centre, for a donor on the telephone.
    Telephone,
    /// A reply to a text message.
    Text,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Web, Self::Telephone, Self::Text];

    /// Reads the channel's name as the API spells it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// The name as the API spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Telephone => "telephone",
            Self::Text => "text",
        }
    }
}

/// The means of payment: a provider, and what stands there for the donor's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instrument {
    /// Which provider takes the payment.
    pub provider: Provider,
    /// The provider's token for the card; never a card number.
    pub token: PaymentToken,
}

/// Where the bank sends the donor back to: 1 to 2,048 visible ASCII characters. Whoever has it may see the donation's
/// status, so it is not shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ReturnAddress(String);

impl ReturnAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// [`MalformedId`] with the grammar.
    pub fn parse(text: &str) -> Result<Self, MalformedId> {
        let fits = (1..=2_048).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            return Ok(Self(text.to_owned()));
        }
        Err(MalformedId { expected: "1 to 2048 visible ASCII characters" })
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ReturnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnAddress(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_read_back_from_its_name() {
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.name()), Some(channel));
        }
        assert_eq!(Channel::parse("Web"), None);
    }

    #[test]
    fn a_return_address_is_visible_ascii_within_its_length_and_is_never_shown() {
        let address = ReturnAddress::parse("https://example.org/donations/1?capability=secret").unwrap();
        assert_eq!(address.as_str(), "https://example.org/donations/1?capability=secret");
        assert_eq!(format!("{address:?}"), "ReturnAddress(hidden)");
        assert!(ReturnAddress::parse("x").is_ok() && ReturnAddress::parse(&"x".repeat(2_048)).is_ok());
        for text in ["", "two words", "line\n", "é", &"x".repeat(2_049)] {
            assert!(ReturnAddress::parse(text).is_err(), "{text:?}");
        }
    }
}
