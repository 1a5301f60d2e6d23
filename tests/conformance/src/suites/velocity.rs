//! `Velocity`: how payments of sources and cards ended, counted for two windows and for nobody else.

use app::ports::{Note, Velocity};
use domain::screening::{CardMark, Cards, Ending, MARK_BYTES, Seen, Sightings, Source, Tally, WINDOW};
use domain::time::{Span, Timestamp};
use futures_util::future::join_all;

use crate::fixtures::NOON;
use crate::running::{World, persistently};

/// Counts, empty at first.
pub(crate) trait VelocityWorld: World {
    fn velocity(&self) -> impl Velocity;
}

/// Holds an adapter to this suite.
macro_rules! velocity {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, velocity:
            of_strangers_nothing_is_known,
            an_ending_counts_for_its_source_its_card_and_everybody_and_for_nobody_else,
            the_different_cards_of_a_source_are_counted_and_never_too_many,
            without_a_source_the_card_and_everybody_count_all_the_same,
            the_next_window_sees_the_previous_one_apart_and_the_one_after_it_nothing,
            endings_at_the_same_time_are_all_counted,
        }
    };
}
pub(crate) use velocity;

fn source(number: u8) -> Source {
    Source::of([number; MARK_BYTES])
}

pub(crate) fn card(number: u8) -> CardMark {
    CardMark::of([number; MARK_BYTES])
}

pub(crate) fn note(from: u8, with: u8, ending: Ending) -> Note {
    Note { source: Some(source(from)), card: card(with), seen_card: card(with), ending }
}

fn now(tally: Tally) -> Seen {
    Seen { current: tally, previous: Tally::default() }
}

fn counted(declines: u64, captures: u64, cards: &[u8]) -> Tally {
    let cards = cards.iter().fold(Cards::NONE, |all, number| all.with(Cards::one(card(*number))));
    Tally { declines, captures, cards }
}

async fn seen(velocity: &impl Velocity, from: u8, with: u8, at: Timestamp) -> Sightings {
    persistently(async || velocity.read(Some(&source(from)), &card(with), at).await).await
}

pub(crate) async fn of_strangers_nothing_is_known(world: &impl VelocityWorld) {
    assert_eq!(seen(&world.velocity(), 1, 1, NOON).await, Sightings::default());
}

pub(crate) async fn an_ending_counts_for_its_source_its_card_and_everybody_and_for_nobody_else(
    world: &impl VelocityWorld,
) {
    let velocity = world.velocity();
    velocity.note(&note(1, 1, Ending::Declined), NOON).await.unwrap();
    velocity.note(&note(1, 2, Ending::Captured), NOON).await.unwrap();
    velocity.note(&note(2, 1, Ending::Declined), NOON).await.unwrap();
    let first = seen(&velocity, 1, 1, NOON).await;
    assert_eq!(first.source, now(counted(1, 1, &[1, 2])));
    assert_eq!(first.card, now(counted(2, 0, &[])));
    assert_eq!(first.everybody, now(counted(2, 1, &[])));
    let stranger = seen(&velocity, 3, 3, NOON).await;
    assert_eq!((stranger.source, stranger.card), (Seen::default(), Seen::default()));
    assert_eq!(stranger.everybody, first.everybody);
}

pub(crate) async fn the_different_cards_of_a_source_are_counted_and_never_too_many(
    world: &impl VelocityWorld,
) {
    let velocity = world.velocity();
    for number in 0..=255 {
        let note = Note { card: card(0), ..note(1, number, Ending::Declined) };
        velocity.note(&note, NOON).await.unwrap();
    }
    let sightings = seen(&velocity, 1, 0, NOON).await;
    assert_eq!(sightings.source.current.cards.count(), 64);
    assert_eq!((sightings.source.current.declines, sightings.card.current.declines), (256, 256));
}

pub(crate) async fn without_a_source_the_card_and_everybody_count_all_the_same(world: &impl VelocityWorld) {
    let velocity = world.velocity();
    let note = Note { source: None, ..note(1, 1, Ending::Captured) };
    velocity.note(&note, NOON).await.unwrap();
    let sightings = velocity.read(None, &card(1), NOON).await.unwrap();
    let counted = now(counted(0, 1, &[]));
    assert_eq!(sightings, Sightings { source: Seen::default(), card: counted, everybody: counted });
}

pub(crate) async fn the_next_window_sees_the_previous_one_apart_and_the_one_after_it_nothing(
    world: &impl VelocityWorld,
) {
    let velocity = world.velocity();
    let end = NOON.plus(WINDOW).minus(Span::millis(1));
    velocity.note(&note(1, 1, Ending::Declined), NOON).await.unwrap();
    velocity.note(&note(1, 1, Ending::Declined), end).await.unwrap();
    velocity.note(&note(1, 1, Ending::Captured), NOON.plus(WINDOW)).await.unwrap();
    let sightings = seen(&velocity, 1, 1, NOON.plus(WINDOW)).await;
    let (current, previous) = (counted(0, 1, &[1]), counted(2, 0, &[1]));
    assert_eq!(sightings.source, Seen { current, previous });
    assert_eq!((sightings.card.previous.declines, sightings.everybody.previous.declines), (2, 2));
    let later = seen(&velocity, 1, 1, NOON.plus(WINDOW).plus(WINDOW)).await;
    assert_eq!(later.source, Seen { current: Tally::default(), previous: current });
    let long_after = seen(&velocity, 1, 1, NOON.plus(Span::hours(1))).await;
    assert_eq!(long_after, Sightings::default());
}

pub(crate) async fn endings_at_the_same_time_are_all_counted(world: &impl VelocityWorld) {
    let velocity = world.velocity();
    let notes: Vec<_> = (0..32).map(|number| note(1, number, Ending::Declined)).collect();
    // On a busy machine an answer may come too late. What is noted again may then count twice, and never less.
    let answers = join_all(notes.iter().map(|note| velocity.note(note, NOON))).await;
    let late: Vec<_> = notes.iter().zip(answers).filter(|(_, answer)| answer.is_err()).collect();
    for (note, _) in &late {
        persistently(async || velocity.note(note, NOON).await).await;
    }
    let sightings = persistently(async || velocity.read(Some(&source(1)), &card(0), NOON).await).await;
    let (source, everybody) = (sightings.source.current, sightings.everybody.current);
    assert_eq!(source.cards, counted(0, 0, &(0..32).collect::<Vec<_>>()).cards);
    for declines in [source.declines, everybody.declines] {
        assert!(declines >= 32, "{declines}");
        assert!(declines == 32 || !late.is_empty(), "{declines}");
    }
}
