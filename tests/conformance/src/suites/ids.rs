//! `Ids` and `Clock`: names that nobody has had, and a time that does not run backwards while nobody moves
//! it.

use std::collections::BTreeSet;

use app::ports::{Clock, Ids};
use uuid::Uuid;

use crate::running::World;

/// A source of ids and the clock they are made by.
pub(crate) trait IdsWorld: World {
    fn ids(&self) -> impl Ids;
    fn clock(&self) -> impl Clock;
}

/// Holds an adapter to this suite.
macro_rules! ids {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, ids:
            an_id_is_a_uuid_of_version_7_in_its_usual_form,
            no_id_comes_twice,
            an_id_carries_the_time_of_the_clock,
        }
    };
}
pub(crate) use ids;

pub(crate) async fn an_id_is_a_uuid_of_version_7_in_its_usual_form(world: &impl IdsWorld) {
    let text = world.ids().fresh();
    let id: Uuid = text.parse().unwrap();
    assert_eq!(id.get_version_num(), 7);
    assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
    assert_eq!(id.hyphenated().to_string(), text);
}

pub(crate) async fn no_id_comes_twice(world: &impl IdsWorld) {
    let ids = world.ids();
    let fresh: BTreeSet<_> = (0..10_000).map(|_| ids.fresh()).collect();
    assert_eq!(fresh.len(), 10_000);
}

pub(crate) async fn an_id_carries_the_time_of_the_clock(world: &impl IdsWorld) {
    let before = world.clock().now().as_millis();
    let id: Uuid = world.ids().fresh().parse().unwrap();
    let after = world.clock().now().as_millis();
    let (seconds, nanoseconds) = id.get_timestamp().unwrap().to_unix();
    let millis = seconds * 1_000 + u64::from(nanoseconds) / 1_000_000;
    assert!((before..=after).contains(&millis), "{before} {millis} {after}");
}
