//! `Journal`: each entry once, whole, and never changed.

use std::collections::BTreeSet;

use app::ports::{Journal, Posted};
use contracts::stored::{EntryItem, LEDGER_SHARDS, PostedEntry};
use futures_util::future::join_all;

use crate::fixtures::entries::{
    DAY, NEXT_DAY, a_day_later, capture, capture_at_another_moment, capture_of_another_amount, of_each_kind,
    refunded,
};
use crate::running::{World, eventually, persistently};

/// A journal, empty at first.
pub(crate) trait JournalWorld: World {
    fn journal(&self) -> impl Journal;
}

/// Holds an adapter to this suite.
macro_rules! journal {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, journal:
            an_entry_is_read_as_it_was_posted,
            a_day_without_entries_is_empty,
            posting_again_answers_that_it_is_known,
            a_repetition_on_a_later_day_is_known_and_posts_nothing,
            the_same_id_with_other_content_is_refused_on_every_day,
            of_many_postings_at_once_one_is_new,
            an_entry_is_known_from_its_posting_on,
            a_capture_and_its_refund_are_two_entries,
            an_entry_of_each_kind_is_read_as_it_was_posted,
            a_day_is_read_whole_from_every_shard,
        }
    };
}
pub(crate) use journal;

pub(crate) async fn an_entry_is_read_as_it_was_posted(world: &impl JournalWorld) {
    let (journal, entry) = (world.journal(), capture(1));
    assert_eq!(journal.post(&entry).await.unwrap(), Posted::New);
    assert_eq!(journal.entries_on(DAY).await.unwrap(), [entry]);
}

pub(crate) async fn a_day_without_entries_is_empty(world: &impl JournalWorld) {
    let (journal, entry) = (world.journal(), capture(1));
    journal.post(&entry).await.unwrap();
    for day in ["2026-11-19", NEXT_DAY, "2026-11-2", "2026-11-200", "9999-12-31", "nonsense"] {
        assert_eq!(journal.entries_on(day).await.unwrap(), [], "{day}");
    }
}

pub(crate) async fn posting_again_answers_that_it_is_known(world: &impl JournalWorld) {
    let (journal, entry) = (world.journal(), capture(1));
    journal.post(&entry).await.unwrap();
    for _ in 0..3 {
        assert_eq!(journal.post(&entry).await.unwrap(), Posted::Known);
    }
    assert_eq!(journal.entries_on(DAY).await.unwrap(), [entry]);
}

pub(crate) async fn a_repetition_on_a_later_day_is_known_and_posts_nothing(world: &impl JournalWorld) {
    let (journal, entry) = (world.journal(), capture(1));
    journal.post(&entry).await.unwrap();
    assert_eq!(journal.post(&a_day_later(&entry)).await.unwrap(), Posted::Known);
    assert_eq!(journal.entries_on(DAY).await.unwrap(), [entry]);
    assert_eq!(journal.entries_on(NEXT_DAY).await.unwrap(), []);
}

pub(crate) async fn the_same_id_with_other_content_is_refused_on_every_day(world: &impl JournalWorld) {
    let (journal, entry) = (world.journal(), capture(1));
    journal.post(&entry).await.unwrap();
    for other in [capture_of_another_amount(1), capture_at_another_moment(1)] {
        assert_eq!(other.entry.id(), entry.entry.id());
        assert_eq!(journal.post(&other).await.unwrap(), Posted::Conflict);
        assert_eq!(journal.post(&a_day_later(&other)).await.unwrap(), Posted::Conflict);
    }
    assert_eq!(journal.entries_on(DAY).await.unwrap(), std::slice::from_ref(&entry));
    assert_eq!(journal.entries_on(NEXT_DAY).await.unwrap(), []);
    // The attempt has not damaged what was there.
    assert_eq!(journal.post(&entry).await.unwrap(), Posted::Known);
}

/// Two writes of one item may meet, and DynamoDB then sends one of them away for now.
pub(crate) async fn of_many_postings_at_once_one_is_new(world: &impl JournalWorld) {
    let (journal, today) = (world.journal(), capture(1));
    let tomorrow = a_day_later(&today);
    let entries: Vec<_> = [&today, &tomorrow].into_iter().cycle().take(16).collect();
    let answers =
        join_all(entries.iter().map(|entry| persistently(async || journal.post(entry).await))).await;
    assert_eq!(answers.iter().filter(|answer| **answer == Posted::New).count(), 1);
    assert!(answers.iter().all(|answer| *answer != Posted::Conflict));
    let mut posted = journal.entries_on(DAY).await.unwrap();
    posted.extend(journal.entries_on(NEXT_DAY).await.unwrap());
    assert_eq!(posted.len(), 1);
    assert!(entries.contains(&&posted[0]));
}

pub(crate) async fn an_entry_is_known_from_its_posting_on(world: &impl JournalWorld) {
    let (journal, entry, other) = (world.journal(), capture(1), capture(2));
    assert!(!journal.knows(entry.entry.id()).await.unwrap());
    journal.post(&entry).await.unwrap();
    eventually(true, async || journal.knows(entry.entry.id()).await.unwrap()).await;
    assert!(!journal.knows(other.entry.id()).await.unwrap());
    // What was refused changes nothing, and is known by its id all the same.
    journal.post(&capture_of_another_amount(1)).await.unwrap();
    assert!(journal.knows(capture_of_another_amount(1).entry.id()).await.unwrap());
    assert!(!journal.knows(refunded(1).entry.id()).await.unwrap());
}

pub(crate) async fn a_capture_and_its_refund_are_two_entries(world: &impl JournalWorld) {
    post_all(world, vec![capture(1), refunded(1)]).await;
}

pub(crate) async fn an_entry_of_each_kind_is_read_as_it_was_posted(world: &impl JournalWorld) {
    post_all(world, of_each_kind()).await;
}

async fn post_all(world: &impl JournalWorld, entries: Vec<PostedEntry>) {
    let journal = world.journal();
    for entry in &entries {
        assert_eq!(journal.post(entry).await.unwrap(), Posted::New);
    }
    assert_eq!(sorted(journal.entries_on(DAY).await.unwrap()), sorted(entries));
}

pub(crate) async fn a_day_is_read_whole_from_every_shard(world: &impl JournalWorld) {
    let journal = world.journal();
    let (today, tomorrow): (Vec<_>, Vec<_>) =
        ((1..=80).map(capture).collect(), (81..=120).map(|number| a_day_later(&capture(number))).collect());
    for entry in today.iter().chain(&tomorrow) {
        assert_eq!(journal.post(entry).await.unwrap(), Posted::New);
    }
    let shards: BTreeSet<_> = today.iter().map(|entry| EntryItem::from(entry).pk).collect();
    assert_eq!(shards.len(), usize::from(LEDGER_SHARDS), "the entries do not reach every shard");
    assert_eq!(sorted(journal.entries_on(DAY).await.unwrap()), sorted(today));
    assert_eq!(sorted(journal.entries_on(NEXT_DAY).await.unwrap()), sorted(tomorrow));
}

/// The entries in order of their ids, for comparison.
pub(crate) fn sorted(mut entries: Vec<PostedEntry>) -> Vec<PostedEntry> {
    entries.sort_by(|one, other| one.entry.id().cmp(other.entry.id()));
    entries
}
