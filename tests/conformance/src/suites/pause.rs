//! `Pause`: time passes, by the clock that goes with it, and for everybody who waits at once.

use app::ports::{Clock, Pause};
use domain::time::Span;
use futures_util::future::{join_all, select};

use crate::running::World;

/// Pauses, and the clock that they are measured by.
pub(crate) trait PauseWorld: World {
    fn pauses(&self) -> impl Pause;
    fn clock(&self) -> impl Clock;
}

/// Holds an adapter to this suite.
macro_rules! pause {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, pause:
            a_pause_lasts_as_long_as_was_asked_for,
            pauses_at_once_end_in_the_sequence_of_their_lengths,
            a_pause_that_is_given_up_holds_up_no_other,
        }
    };
}
pub(crate) use pause;

/// A timer and the wall clock may differ by the machine's corrections of the latter, by some milliseconds
/// here.
const CLOCKS_DIFFER: u64 = 10;

pub(crate) async fn a_pause_lasts_as_long_as_was_asked_for(world: &impl PauseWorld) {
    for millis in [0, 1, 100] {
        let begun = world.clock().now();
        world.pauses().pause(Span::millis(millis)).await;
        let took = world.clock().now().since(begun).as_millis();
        assert!(took + CLOCKS_DIFFER >= millis, "{millis} ms took {took} ms");
    }
}

pub(crate) async fn pauses_at_once_end_in_the_sequence_of_their_lengths(world: &impl PauseWorld) {
    let ended = std::cell::RefCell::new(Vec::new());
    let pauses = world.pauses();
    join_all([300, 100, 200].map(|millis| {
        let (pauses, ended) = (&pauses, &ended);
        async move {
            pauses.pause(Span::millis(millis)).await;
            ended.borrow_mut().push(millis);
        }
    }))
    .await;
    assert_eq!(ended.into_inner(), [100, 200, 300]);
}

pub(crate) async fn a_pause_that_is_given_up_holds_up_no_other(world: &impl PauseWorld) {
    let pauses = world.pauses();
    let short = std::pin::pin!(pauses.pause(Span::millis(10)));
    let long = Box::pin(pauses.pause(Span::hours(1)));
    drop(select(short, long).await);
    let given_up = Box::pin(pauses.pause(Span::millis(5)));
    drop(select(given_up, std::future::ready(())).await);
    pauses.pause(Span::millis(20)).await;
}
