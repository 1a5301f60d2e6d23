//! Where arithmetic alone gives the answer, the simulation gives the same.

use contracts::topology::Topology;
use tests_capacity::limits::{Limit, PUBLISHES_LONDON, STRIPE_ENDPOINT};
use tests_capacity::run::{Run, run};
use tests_capacity::settings::{Front, Settings};
use tests_capacity::shape::{Shape, grouped};

use crate::{ample, narrow, paced};

#[test]
fn what_sns_does_not_take_of_500_donors_a_second_waits_for_the_completer() {
    // One payment a second, one at a time, leaves the quota to the donors.
    let slow = paced(1);
    let payments = narrow(&slow.payments, 1);
    let settings = Settings { publishes: PUBLISHES_LONDON.value, payments, ..slow };
    let mut run = Run::new(&settings, &Shape::step(500, 60));
    let seconds = 50;
    while run.accepted() < 500 * seconds {
        assert!(run.step());
    }
    let expected = (500 - PUBLISHES_LONDON.value) * seconds;
    let unannounced = run.counted().unannounced;
    // The payments' own messages, one a second, and what SNS takes at once at the beginning.
    assert!(unannounced.abs_diff(expected) <= seconds + 30, "{unannounced}, not {expected}");
}

#[test]
fn the_provider_decides_when_all_is_settled() {
    // One call in twenty less than 25, at least one, and whole milliseconds in between: 42 of them.
    for (allowed, between_ms) in [(STRIPE_ENDPOINT.value, 42), (100, 11), (50, 21)] {
        let settings = paced(allowed);
        let shape = Shape::step(300, 10);
        let outcome = run(&settings, &shape);
        let calls_ms = shape.donors() * between_ms;
        let settled_ms = outcome.settled_ms.unwrap();
        // And a moment for the first and the last of them.
        assert!(
            (calls_ms..calls_ms + 3_000).contains(&settled_ms),
            "{allowed}/s: {settled_ms}, not {calls_ms}"
        );
        assert_eq!(outcome.bottleneck(), Some(Limit::ProviderCalls));
    }
}

#[test]
fn a_function_takes_ten_requests_a_second_for_each_environment_it_may_have() {
    let accept = Front { memory_mb: 256, concurrency: 20 };
    let settings = Settings { accept, warm: 20, ..ample() };
    let mut run = Run::new(&settings, &Shape::step(500, 10));
    for _ in 0..100 {
        assert!(run.step());
    }
    // Those that were let in at once at the beginning come on top.
    assert!((1_980..=2_020).contains(&run.accepted()), "{}", run.accepted());
}

#[test]
fn donors_are_as_many_as_the_shape_says() {
    for (shape, donors) in [(Shape::step(333, 7), 2_331), (Shape::broadcast(), 586_320)] {
        assert_eq!(shape.donors(), donors);
        let settings = Settings::untouched(&Topology::shipped());
        let mut run = Run::new(&settings, &Shape { phases: shape.phases[..1].to_vec(), ..shape.clone() });
        for _ in 0..shape.phases[0].seconds * 10 {
            run.step();
        }
        let came = run.counted();
        let first = shape.phases[0].seconds * shape.phases[0].per_second;
        assert_eq!(came.knocking + came.left + came.settled + came.backlog(), first);
    }
    assert_eq!([grouped(7), grouped(586_320), grouped(1_000_000)], ["7", "586,320", "1,000,000"]);
}
