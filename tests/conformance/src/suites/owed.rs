//! `Donations::owed`: everything that something is owed to, sooner or later, and nothing for ever.
//!
//! The index may lag, so what must come about is waited for.

use std::collections::BTreeSet;

use app::ports::Donations;
use contracts::stored::OWED_SHARDS;
use domain::ids::DonationId;
use domain::time::{Span, Timestamp};
use futures_util::future::join_all;

use super::donations::DonationsWorld;
use crate::fixtures::donations::{captured, checked_at, donation, donations_in, every_state, settled};
use crate::fixtures::{NOON, after_noon};
use crate::running::{eventually, persistently};

/// A moment by which everything here is due.
const LATER: Timestamp = NOON.plus(Span::hours(48));

/// Holds an adapter to this suite.
macro_rules! owed {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, owed:
            nothing_is_owed_at_first,
            every_donation_is_in_one_shard_and_all_shards_are_the_whole,
            a_shard_that_does_not_exist_is_empty,
            a_donation_is_due_from_its_next_check_on,
            those_due_come_earliest_first,
            no_more_are_given_than_asked_for_and_they_are_the_earliest,
            page_after_page_covers_the_shard,
            a_settled_donation_vanishes,
            a_donation_that_owes_again_comes_back,
            it_holds_exactly_the_states_that_owe_something,
            a_save_that_conflicts_leaves_the_index_alone,
        }
    };
}
pub(crate) use owed;

pub(crate) async fn nothing_is_owed_at_first(world: &impl DonationsWorld) {
    let donations = world.donations();
    for shard in 0..OWED_SHARDS {
        assert_eq!(due(&donations, shard, LATER, 100).await, []);
    }
}

pub(crate) async fn every_donation_is_in_one_shard_and_all_shards_are_the_whole(world: &impl DonationsWorld) {
    let donations = world.donations();
    let all: Vec<_> = (1..=100).map(donation).collect();
    // On a busy machine a hundred at once may be too many for one answer to come in time.
    join_all(all.iter().map(|donation| persistently(async || donations.accept(donation).await))).await;
    let mut expected: Vec<_> = all.iter().map(|donation| donation.id.clone()).collect();
    expected.sort();
    eventually(expected, async || {
        let mut found = Vec::new();
        for shard in 0..OWED_SHARDS {
            let ids = due(&donations, shard, LATER, 100).await;
            assert!(ids.iter().all(|id| id.shard(OWED_SHARDS) == shard));
            found.extend(ids);
        }
        // Not as a set: nothing may be named twice.
        found.sort();
        found
    })
    .await;
}

pub(crate) async fn a_shard_that_does_not_exist_is_empty(world: &impl DonationsWorld) {
    let donations = world.donations();
    donations.accept(&donation(1)).await.unwrap();
    for shard in [OWED_SHARDS, u8::MAX] {
        assert_eq!(due(&donations, shard, LATER, 100).await, []);
    }
}

pub(crate) async fn a_donation_is_due_from_its_next_check_on(world: &impl DonationsWorld) {
    let donations = world.donations();
    let donation = donations_in(3, 1).remove(0);
    donations.accept(&donation).await.unwrap();
    let check = donation.next_check.unwrap().at;
    eventually(vec![donation.id.clone()], async || due(&donations, 3, check, 100).await).await;
    assert_eq!(due(&donations, 3, check.plus(Span::millis(1)), 100).await, [donation.id]);
    assert_eq!(due(&donations, 3, check.minus(Span::millis(1)), 100).await, []);
    assert_eq!(due(&donations, 3, Timestamp::from_millis(0), 100).await, []);
}

pub(crate) async fn those_due_come_earliest_first(world: &impl DonationsWorld) {
    let donations = world.donations();
    let ids = accept_staggered(&donations, 12).await;
    eventually(ids, async || due(&donations, 5, LATER, 100).await).await;
}

pub(crate) async fn no_more_are_given_than_asked_for_and_they_are_the_earliest(world: &impl DonationsWorld) {
    let donations = world.donations();
    let ids = accept_staggered(&donations, 12).await;
    eventually(ids.clone(), async || due(&donations, 5, LATER, u16::MAX).await).await;
    for limit in [0, 1, 2, 11, 12, 13] {
        let expected = &ids[..usize::from(limit).min(ids.len())];
        assert_eq!(due(&donations, 5, LATER, limit).await, expected, "limit {limit}");
    }
}

/// As the completer does it: takes some, puts their next look off, and takes the next ones.
pub(crate) async fn page_after_page_covers_the_shard(world: &impl DonationsWorld) {
    let donations = world.donations();
    let mut left: BTreeSet<_> = accept_staggered(&donations, 25).await.into_iter().collect();
    let now = after_noon(3_600);
    while !left.is_empty() {
        let expected = left.len().min(10);
        eventually(expected, async || due(&donations, 5, now, 10).await.len()).await;
        for id in due(&donations, 5, now, 10).await {
            assert!(left.remove(&id), "{id} comes a second time");
            let stored = donations.load(&id).await.unwrap().unwrap();
            let postponed = checked_at(stored.donation, now.plus(Span::minutes(1)));
            donations.save(&postponed, stored.version).await.unwrap();
            eventually(false, async || due(&donations, 5, now, 100).await.contains(&id)).await;
        }
    }
    assert_eq!(due(&donations, 5, now.plus(Span::minutes(1)), 100).await.len(), 25);
}

pub(crate) async fn a_settled_donation_vanishes(world: &impl DonationsWorld) {
    let donations = world.donations();
    let mut pair = donations_in(7, 2);
    for donation in &pair {
        donations.accept(donation).await.unwrap();
    }
    let (kept, gone) = (pair.remove(0), pair.remove(0));
    donations.save(&settled(gone), 1).await.unwrap();
    eventually(vec![kept.id], async || due(&donations, 7, LATER, 100).await).await;
}

pub(crate) async fn a_donation_that_owes_again_comes_back(world: &impl DonationsWorld) {
    let donations = world.donations();
    let accepted = donations_in(7, 1).remove(0);
    donations.accept(&accepted).await.unwrap();
    donations.save(&settled(accepted.clone()), 1).await.unwrap();
    eventually(vec![], async || due(&donations, 7, LATER, 100).await).await;
    let reopened = checked_at(captured(accepted.clone()), after_noon(500));
    donations.save(&reopened, 2).await.unwrap();
    eventually(vec![accepted.id], async || due(&donations, 7, after_noon(500), 100).await).await;
    assert_eq!(due(&donations, 7, after_noon(499), 100).await, []);
}

pub(crate) async fn it_holds_exactly_the_states_that_owe_something(world: &impl DonationsWorld) {
    let donations = world.donations();
    let accepted = donations_in(7, 1).remove(0);
    donations.accept(&accepted).await.unwrap();
    for (version, donation) in (1..).zip(every_state(&accepted)) {
        donations.save(&donation, version).await.unwrap();
        let owes = !donation.owed().is_nothing();
        eventually(owes, async || due(&donations, 7, LATER, 100).await.contains(&accepted.id)).await;
    }
}

pub(crate) async fn a_save_that_conflicts_leaves_the_index_alone(world: &impl DonationsWorld) {
    let donations = world.donations();
    let mut pair = donations_in(7, 2);
    let (accepted, never_accepted) = (pair.remove(0), pair.remove(0));
    donations.accept(&accepted).await.unwrap();
    donations.save(&settled(accepted.clone()), 9).await.unwrap();
    donations.save(&never_accepted, 1).await.unwrap();
    eventually(vec![accepted.id], async || due(&donations, 7, LATER, 100).await).await;
}

async fn due(donations: &impl Donations, shard: u8, now: Timestamp, limit: u16) -> Vec<DonationId> {
    donations.owed(shard, now, limit).await.unwrap()
}

/// Accepts donations of shard 5 whose next checks are a minute apart, last one first, and gives their ids in
/// the order of those checks. Their ids are in another order.
async fn accept_staggered(donations: &impl Donations, count: usize) -> Vec<DonationId> {
    let staggered = (1..).zip(donations_in(5, count));
    // Nine digits and ten: an index that compared texts would put them in the wrong order.
    let staggered: Vec<_> = staggered
        .map(|(number, donation)| {
            let at = if number == 1 { Timestamp::from_millis(999_999_999) } else { after_noon(60 * number) };
            checked_at(donation, at)
        })
        .collect();
    for donation in staggered.iter().rev() {
        donations.accept(donation).await.unwrap();
    }
    let ids: Vec<_> = staggered.into_iter().map(|donation| donation.id).collect();
    assert!(!ids.is_sorted());
    ids
}
