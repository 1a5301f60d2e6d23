//! Counts of sources, cards and everybody, as they lie in their table.

use std::collections::BTreeSet;

use app::ports::{Fault, Note, Velocity};
use contracts::stored::{TallyItem, card_key, everybody_key, source_key};
use domain::screening::{CardMark, Cards, Ending, Seen, Sightings, Source, Tally, Window};
use domain::time::Timestamp;

use crate::calls::Operation;
use crate::memory::{Memory, State};

impl Memory {
    /// Every tally's item, by key.
    pub fn tally_items(&self) -> Vec<TallyItem> {
        self.state().tallies.values().cloned().collect()
    }
}

impl State {
    fn seen(&self, window: Window, key: impl Fn(Window) -> String) -> Seen {
        let tally = |window| self.tallies.get(&key(window)).map(Tally::from).unwrap_or_default();
        Seen { current: tally(window), previous: tally(window.previous()) }
    }

    fn add(&mut self, id: String, window: Window, ending: Ending, cards: Cards) {
        let tally = self.tallies.entry(id.clone()).or_insert_with(|| TallyItem {
            id,
            declines: 0,
            captures: 0,
            cards: BTreeSet::new(),
            expires_at: window.forgotten_at().as_seconds(),
        });
        match ending {
            Ending::Declined => tally.declines += 1,
            Ending::Captured => tally.captures += 1,
        }
        tally.cards.extend(cards.places());
    }
}

impl Velocity for Memory {
    async fn read(
        &self,
        source: Option<&Source>,
        card: &CardMark,
        now: Timestamp,
    ) -> Result<Sightings, Fault> {
        let (window, source, mark) = (Window::of(now), source.copied(), *card);
        let read = move |state: &mut State| Sightings {
            source: source
                .map(|source| state.seen(window, |window| source_key(&source, window)))
                .unwrap_or_default(),
            card: state.seen(window, |window| card_key(&mark, window)),
            everybody: state.seen(window, everybody_key),
        };
        let call = self.call(Operation::ReadSightings, card.to_string(), read);
        call.await.map_err(|struck| struck.fault("read what has been seen of a source and a card"))
    }

    async fn note(&self, note: &Note, now: Timestamp) -> Result<(), Fault> {
        let (window, note) = (Window::of(now), *note);
        let add = move |state: &mut State| {
            if let Some(source) = &note.source {
                state.add(source_key(source, window), window, note.ending, Cards::one(note.seen_card));
            }
            state.add(card_key(&note.card, window), window, note.ending, Cards::NONE);
            state.add(everybody_key(window), window, note.ending, Cards::NONE);
        };
        let call = self.call(Operation::NoteEnding, note.card.to_string(), add);
        call.await.map_err(|struck| struck.fault("count how a payment ended"))
    }
}
