//! What screening has counted of a source, of a card or of everybody in one window.

use std::collections::BTreeSet;

use domain::screening::{CardMark, Cards, Source, Tally, Window};
use serde::{Deserialize, Serialize};

/// The item. Each payment's ending adds to it; nothing replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TallyItem {
    /// Whose tally it is, and of which window: see [`source_key`], [`card_key`] and [`everybody_key`].
    pub id: String,
    /// Payments that were declined.
    pub declines: u64,
    /// Payments that were captured.
    pub captures: u64,
    /// Places, 0 to 63, that the cards of a source fall in. Absent where there are none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cards: BTreeSet<u8>,
    /// Epoch seconds from when on the item matters to nobody and may be deleted.
    pub expires_at: u64,
}

/// Key of a source's tally.
pub fn source_key(source: &Source, window: Window) -> String {
    format!("source#{source}#{}", window.number())
}

/// Key of a card's tally.
pub fn card_key(card: &CardMark, window: Window) -> String {
    format!("card#{card}#{}", window.number())
}

/// Key of everybody's tally.
pub fn everybody_key(window: Window) -> String {
    format!("everybody#{}", window.number())
}

impl From<&TallyItem> for Tally {
    fn from(item: &TallyItem) -> Self {
        Self {
            declines: item.declines,
            captures: item.captures,
            cards: Cards::in_places(item.cards.iter().copied()),
        }
    }
}
