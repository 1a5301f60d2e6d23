use domain::screening::{CardMark, Ending, Sightings, Source};
use domain::time::Timestamp;

use super::Fault;

/// What has been seen lately of sources and cards: counts of how payments ended, for a while, and nothing else.
pub trait Velocity {
    /// What has been seen of a source, of a card and of everybody, in the window that `now` lies in and in the one
    /// before. It sees every note that was answered before. Without a source, its part is empty.
    fn read(
        &self,
        source: Option<&Source>,
        card: &CardMark,
        now: Timestamp,
    ) -> impl Future<Output = Result<Sightings, Fault>>;

    /// Counts how a payment ended, in the window that `now` lies in.
    ///
    /// After any fault it may be counted, not counted, or counted in part; noting it again may count it twice. Either
    /// way a count is off by one, which no verdict hangs on.
    fn note(&self, note: &Note, now: Timestamp) -> impl Future<Output = Result<(), Fault>>;
}

/// How a payment ended, and whose it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// Where the donation came from, where that is known.
    pub source: Option<Source>,
    /// The card by what was known before the provider was asked: the next donation is screened by the same.
    pub card: CardMark,
    /// The card by the best that is known now. A source's different cards are counted by it.
    pub seen_card: CardMark,
    /// How it ended.
    pub ending: Ending,
}
