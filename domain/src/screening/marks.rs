//! What stands for a source and for a card, so that neither an address nor a card is stored.

use std::fmt;

use data_encoding::HEXLOWER;

use crate::ids::MalformedId;

/// Bytes of a mark: 128 bits do not meet by chance.
pub const MARK_BYTES: usize = 16;

macro_rules! mark {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; MARK_BYTES]);

        impl $name {
            /// The mark of these bytes: the beginning of a keyed digest.
            pub const fn of(digest: [u8; MARK_BYTES]) -> Self {
                Self(digest)
            }

            /// Reads the mark as it is stored.
            ///
            /// # Errors
            /// [`MalformedId`] when the text is not 32 lower-case hexadecimal digits.
            pub fn parse(text: &str) -> Result<Self, MalformedId> {
                let malformed = MalformedId { expected: "32 lower-case hexadecimal digits" };
                let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| malformed)?;
                bytes.try_into().map(Self).map_err(|_| malformed)
            }
        }

        /// 32 lower-case hexadecimal digits.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }
    };
}

mark!(
    /// Where a donation came from: a keyed digest of the caller's address. It cannot be turned back without the key,
    /// and a change of the key makes every source a new one.
    Source
);
mark!(
    /// A card, by a keyed digest of what the provider calls it.
    CardMark
);

/// Places that cards are told apart by.
const PLACES: u8 = 64;

/// Roughly which cards were seen: each falls in one of 64 places, so the set is bounded, and six bits of a keyed
/// digest tell nothing of a card. A few cards are counted exactly but for a rare collision; never too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cards(u64);

impl Cards {
    /// No card.
    pub const NONE: Self = Self(0);

    /// The set of one card.
    pub const fn one(card: CardMark) -> Self {
        Self(1 << (card.0[0] % PLACES))
    }

    /// The set of cards in these places; a place beyond the 64th is none.
    pub fn in_places(places: impl IntoIterator<Item = u8>) -> Self {
        let bits = places.into_iter().filter(|place| *place < PLACES).map(|place| 1_u64 << place);
        Self(bits.fold(0, |all, one| all | one))
    }

    /// The places that are taken, lowest first.
    pub fn places(self) -> impl Iterator<Item = u8> {
        (0..PLACES).filter(move |place| self.0 & (1 << place) != 0)
    }

    /// How many cards at least.
    pub fn count(self) -> u64 {
        self.0.count_ones().into()
    }

    /// The cards of either set.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The cards of this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}
