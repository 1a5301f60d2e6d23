//! `Readings`: how far a provider's balance was read. Of two runs that read at once, one says how far.

use app::ports::{Readings, Saved};
use domain::ids::Provider;
use domain::reading::{Place, Reading};
use domain::time::Span;
use futures_util::future::join_all;

use crate::fixtures::{NOON, after_noon};
use crate::running::World;

/// A store of readings, empty at first.
pub(crate) trait ReadingsWorld: World {
    fn readings(&self) -> impl Readings;
}

/// Holds an adapter to this suite.
macro_rules! readings {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, readings:
            a_provider_that_was_never_read_has_no_reading,
            a_reading_comes_back_as_it_was_saved,
            a_reading_is_replaced_only_by_who_loaded_it_last,
            of_many_who_save_at_once_one_does,
            readings_of_different_providers_are_apart,
        }
    };
}
pub(crate) use readings;

/// A reading that has all that a reading can have.
pub(crate) fn under_way() -> Reading {
    let place = Place {
        since: NOON.minus(Span::hours(48)),
        begun_at: after_noon(16),
        after: Some("txn_3Invented00000042".to_owned()),
        has_faults: true,
    };
    Reading { read_until: NOON, again: 3, under_way: Some(place) }
}

fn until(seconds: u64) -> Reading {
    Reading::first(after_noon(seconds))
}

pub(crate) async fn a_provider_that_was_never_read_has_no_reading(world: &impl ReadingsWorld) {
    assert_eq!(world.readings().load(Provider::STRIPE).await.unwrap(), None);
}

pub(crate) async fn a_reading_comes_back_as_it_was_saved(world: &impl ReadingsWorld) {
    let readings = world.readings();
    for (loaded, reading) in (0..).zip([until(1), under_way(), until(2)]) {
        let saved = readings.save(Provider::STRIPE, &reading, loaded).await.unwrap();
        assert_eq!(saved, Saved::Saved);
        let found = readings.load(Provider::STRIPE).await.unwrap();
        assert_eq!(found, Some((reading, loaded + 1)));
    }
}

pub(crate) async fn a_reading_is_replaced_only_by_who_loaded_it_last(world: &impl ReadingsWorld) {
    let readings = world.readings();
    let early = readings.save(Provider::STRIPE, &until(1), 1).await.unwrap();
    assert_eq!(early, Saved::Conflict, "none is there");
    readings.save(Provider::STRIPE, &until(1), 0).await.unwrap();
    for stale in [0, 2, 7] {
        let saved = readings.save(Provider::STRIPE, &under_way(), stale).await.unwrap();
        assert_eq!(saved, Saved::Conflict, "{stale}");
    }
    assert_eq!(readings.load(Provider::STRIPE).await.unwrap(), Some((until(1), 1)));
}

pub(crate) async fn of_many_who_save_at_once_one_does(world: &impl ReadingsWorld) {
    let readings = world.readings();
    for version in 0..3 {
        let saves = (1..=4).map(|nth| {
            let readings = &readings;
            async move { readings.save(Provider::STRIPE, &until(version * 100 + nth), version).await.unwrap() }
        });
        let ends = join_all(saves).await;
        assert_eq!(ends.iter().filter(|end| **end == Saved::Saved).count(), 1, "{version}");
    }
}

pub(crate) async fn readings_of_different_providers_are_apart(world: &impl ReadingsWorld) {
    let readings = world.readings();
    readings.save(Provider::STRIPE, &under_way(), 0).await.unwrap();
    assert_eq!(readings.load(Provider::of("gocardless")).await.unwrap(), None);
}
