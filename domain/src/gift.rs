//! The gift: what is given, to which appeal, and how it arrived.

use crate::ids::{Appeal, PaymentToken, Provider};
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
