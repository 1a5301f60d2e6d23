//! `Donations`: the first acceptance wins, and nobody overwrites what they have not read.

use app::ports::{Acceptance, Donations, Saved, Stored};
use domain::donation::Fingerprint;
use futures_util::future::join_all;

use crate::fixtures::donations::{captured, donation, donation_of, every_state, id, settled, with_gift_aid};
use crate::fixtures::{gbp, money};
use crate::running::{World, persistently};

/// A store of donations, empty at first.
pub(crate) trait DonationsWorld: World {
    fn donations(&self) -> impl Donations;
}

/// Holds an adapter to this suite.
macro_rules! donations {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, donations:
            a_donation_is_loaded_as_it_was_accepted,
            every_amount_and_text_comes_back_exactly,
            a_donation_that_was_never_accepted_is_not_there,
            accepting_again_answers_what_exists,
            the_first_acceptance_of_an_id_wins,
            a_late_repetition_answers_what_has_become_of_the_donation,
            of_many_acceptances_at_once_one_is_new,
            every_state_is_loaded_as_it_was_saved,
            a_save_adds_one_to_the_version,
            a_save_of_an_older_version_conflicts_and_changes_nothing,
            a_save_of_a_version_that_never_was_conflicts,
            a_save_of_a_donation_that_was_never_accepted_writes_nothing,
            a_save_that_was_made_already_is_a_success,
            of_many_saves_at_once_one_succeeds,
            donations_do_not_touch_each_other,
        }
    };
}
pub(crate) use donations;

pub(crate) async fn a_donation_is_loaded_as_it_was_accepted(world: &impl DonationsWorld) {
    let (donations, donation) = (world.donations(), donation(1));
    assert_eq!(donations.accept(&donation).await.unwrap(), Acceptance::New);
    assert_eq!(donations.load(&donation.id).await.unwrap(), Some(Stored { donation, version: 1 }));
}

pub(crate) async fn every_amount_and_text_comes_back_exactly(world: &impl DonationsWorld) {
    let donations = world.donations();
    let largest = domain::money::MINOR_UNITS_MAX;
    let amounts = [gbp(1), gbp(largest), money(12_345, "JPY"), money(1, "KWD"), money(largest, "CLF")];
    for (number, amount) in (1..).zip(amounts) {
        let donation = with_gift_aid(donation_of(id(number), amount));
        assert_eq!(donations.accept(&donation).await.unwrap(), Acceptance::New);
        let loaded = donations.load(&donation.id).await.unwrap().unwrap();
        assert_eq!(loaded.donation, donation);
    }
}

pub(crate) async fn a_donation_that_was_never_accepted_is_not_there(world: &impl DonationsWorld) {
    let donations = world.donations();
    donations.accept(&donation(1)).await.unwrap();
    assert_eq!(donations.load(&id(2)).await.unwrap(), None);
}

pub(crate) async fn accepting_again_answers_what_exists(world: &impl DonationsWorld) {
    let (donations, donation) = (world.donations(), with_gift_aid(donation(1)));
    donations.accept(&donation).await.unwrap();
    let known = Acceptance::Known(Box::new(Stored { donation: donation.clone(), version: 1 }));
    assert_eq!(donations.accept(&donation).await.unwrap(), known);
    assert_eq!(donations.accept(&donation).await.unwrap(), known);
}

pub(crate) async fn the_first_acceptance_of_an_id_wins(world: &impl DonationsWorld) {
    let (donations, first) = (world.donations(), donation(1));
    let mut second = donation_of(id(1), gbp(9_999));
    second.fingerprint = Fingerprint([8; 32]);
    donations.accept(&first).await.unwrap();
    let stored = Stored { donation: first, version: 1 };
    assert_eq!(donations.accept(&second).await.unwrap(), Acceptance::Known(Box::new(stored.clone())));
    assert_eq!(donations.load(&second.id).await.unwrap(), Some(stored));
}

pub(crate) async fn a_late_repetition_answers_what_has_become_of_the_donation(world: &impl DonationsWorld) {
    let (donations, accepted) = (world.donations(), donation(1));
    let settled = settled(accepted.clone());
    donations.accept(&accepted).await.unwrap();
    assert_eq!(donations.save(&settled, 1).await.unwrap(), Saved::Saved);
    let stored = Stored { donation: settled, version: 2 };
    assert_eq!(donations.accept(&accepted).await.unwrap(), Acceptance::Known(Box::new(stored.clone())));
    assert_eq!(donations.load(&accepted.id).await.unwrap(), Some(stored));
}

pub(crate) async fn of_many_acceptances_at_once_one_is_new(world: &impl DonationsWorld) {
    let donations = world.donations();
    // Of two kinds, so that who won can be told from the answers.
    let kinds: Vec<_> = (0..32).map(|number| donation_of(id(1), gbp(100 + number % 2))).collect();
    let answers = join_all(kinds.iter().map(|donation| donations.accept(donation))).await;
    let stored = donations.load(&id(1)).await.unwrap().unwrap();
    assert_eq!(stored.version, 1);
    let mut new = 0;
    for (asked, answer) in kinds.iter().zip(answers) {
        match answer.unwrap() {
            Acceptance::New => {
                new += 1;
                assert_eq!(stored.donation, *asked);
            }
            Acceptance::Known(known) => assert_eq!(*known, stored),
        }
    }
    assert_eq!(new, 1);
}

pub(crate) async fn every_state_is_loaded_as_it_was_saved(world: &impl DonationsWorld) {
    let (donations, accepted) = (world.donations(), with_gift_aid(donation(1)));
    donations.accept(&accepted).await.unwrap();
    for (version, donation) in (1..).zip(every_state(&accepted)) {
        assert_eq!(donations.save(&donation, version).await.unwrap(), Saved::Saved);
        let stored = Stored { donation, version: version + 1 };
        assert_eq!(donations.load(&accepted.id).await.unwrap(), Some(stored));
    }
}

pub(crate) async fn a_save_adds_one_to_the_version(world: &impl DonationsWorld) {
    let (donations, donation) = (world.donations(), donation(1));
    donations.accept(&donation).await.unwrap();
    for version in 1..12 {
        // The content is the same each time: what changes is the version alone.
        assert_eq!(donations.save(&donation, version).await.unwrap(), Saved::Saved);
        assert_eq!(donations.load(&donation.id).await.unwrap().unwrap().version, version + 1);
    }
}

pub(crate) async fn a_save_of_an_older_version_conflicts_and_changes_nothing(world: &impl DonationsWorld) {
    let (donations, accepted) = (world.donations(), donation(1));
    let (captured, settled) = (captured(accepted.clone()), settled(accepted.clone()));
    donations.accept(&accepted).await.unwrap();
    donations.save(&captured, 1).await.unwrap();
    donations.save(&settled, 2).await.unwrap();
    for stale in [&accepted, &captured] {
        assert_eq!(donations.save(stale, 1).await.unwrap(), Saved::Conflict);
        let stored = Stored { donation: settled.clone(), version: 3 };
        assert_eq!(donations.load(&accepted.id).await.unwrap(), Some(stored));
    }
}

pub(crate) async fn a_save_of_a_version_that_never_was_conflicts(world: &impl DonationsWorld) {
    let (donations, accepted) = (world.donations(), donation(1));
    donations.accept(&accepted).await.unwrap();
    for loaded in [0, 2, 10, u64::MAX] {
        let answer = donations.save(&captured(accepted.clone()), loaded).await.unwrap();
        assert_eq!(answer, Saved::Conflict, "version {loaded}");
    }
    let stored = Stored { donation: accepted.clone(), version: 1 };
    assert_eq!(donations.load(&accepted.id).await.unwrap(), Some(stored));
}

pub(crate) async fn a_save_of_a_donation_that_was_never_accepted_writes_nothing(world: &impl DonationsWorld) {
    let (donations, donation) = (world.donations(), donation(1));
    for loaded in [0, 1] {
        assert_eq!(donations.save(&donation, loaded).await.unwrap(), Saved::Conflict);
    }
    assert_eq!(donations.load(&donation.id).await.unwrap(), None);
    assert_eq!(donations.accept(&donation).await.unwrap(), Acceptance::New);
}

/// Whoever lost the answer to a save makes it again, and must not take its own write for somebody else's.
pub(crate) async fn a_save_that_was_made_already_is_a_success(world: &impl DonationsWorld) {
    let (donations, accepted) = (world.donations(), donation(1));
    let captured = captured(accepted.clone());
    donations.accept(&accepted).await.unwrap();
    for _ in 0..3 {
        assert_eq!(donations.save(&captured, 1).await.unwrap(), Saved::Saved);
    }
    let stored = Stored { donation: captured, version: 2 };
    assert_eq!(donations.load(&accepted.id).await.unwrap(), Some(stored));
}

pub(crate) async fn of_many_saves_at_once_one_succeeds(world: &impl DonationsWorld) {
    let (donations, accepted) = (world.donations(), donation(1));
    donations.accept(&accepted).await.unwrap();
    let wanted: Vec<_> = every_state(&accepted).into_iter().skip(1).collect();
    let answers = join_all(wanted.iter().map(|donation| donations.save(donation, 1))).await;
    let saved: Vec<_> =
        wanted.iter().zip(answers).filter(|(_, answer)| *answer.as_ref().unwrap() == Saved::Saved).collect();
    assert_eq!(saved.len(), 1);
    let stored = Stored { donation: saved[0].0.clone(), version: 2 };
    assert_eq!(donations.load(&accepted.id).await.unwrap(), Some(stored));
}

pub(crate) async fn donations_do_not_touch_each_other(world: &impl DonationsWorld) {
    let donations = world.donations();
    let all: Vec<_> = (1..=20).map(donation).collect();
    join_all(all.iter().map(|donation| persistently(async || donations.accept(donation).await))).await;
    donations.save(&settled(all[0].clone()), 1).await.unwrap();
    for donation in &all[1..] {
        let stored = Stored { donation: donation.clone(), version: 1 };
        assert_eq!(donations.load(&donation.id).await.unwrap(), Some(stored));
    }
}
