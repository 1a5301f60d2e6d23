//! How far a reading came: what the next run reads, and what it does not read again.

use std::sync::{Arc, Mutex};

use adapters_memory::Call;
use domain::reading::{AGAIN_MAX, Reading};

use super::*;

/// Movements of one page of the twin.
const PAGE: u32 = 10;

/// This many movements, the last one newest, of which each has to be booked.
fn moved(stage: &Stage, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let occurred_at = stage.world.now();
        let fee = Movement { fee: Some(gbp(1)), occurred_at, ..movement(number, MovementCause::Fee) };
        stage.world.add_movement(fee);
    }
}

async fn stored(stage: &Stage) -> Reading {
    Readings::load(&stage.world, Provider::STRIPE).await.unwrap().unwrap().0
}

/// Makes every page take so long to come that a run of five minutes has time for this many.
fn slow(stage: &Stage, pages: u64) {
    // None is begun with less than a minute left.
    let span = Span::seconds(240 / pages + 1);
    stage.world.on_call(move |call: &Call| {
        if call.operation == Operation::ReadMovements { FaultChoice::Slow(span) } else { FaultChoice::None }
    });
}

#[tokio::test]
async fn a_run_out_of_time_is_gone_on_with_by_the_next_and_every_movement_is_looked_at_once() {
    let stage = Stage::new();
    moved(&stage, 0..(7 * PAGE));
    slow(&stage, 3);
    for (whole, unfinished) in [(3, 1), (6, 1)] {
        let run = run(&stage).await.unwrap();
        assert_eq!((run.found, run.known, run.unfinished), (u64::from(3 * PAGE), 0, unfinished));
        assert_eq!(kinds(&stage).len(), 10 * whole);
    }
    let last = run(&stage).await.unwrap();
    assert_eq!((last.found, last.known), (10, 20), "the oldest page, and a reading anew");
    assert_eq!(kinds(&stage).len(), 70);
}

#[tokio::test]
async fn runs_that_are_killed_after_each_page_come_to_the_end() {
    let stage = Stage::new();
    moved(&stage, 0..(5 * PAGE));
    // A run with time for nothing more is as one that was killed: it does nothing after its page.
    slow(&stage, 1);
    for page in 1..=5 {
        run(&stage).await.unwrap();
        assert_eq!(kinds(&stage).len(), 10 * page);
    }
    assert_eq!(stored(&stage).await.under_way, None);
}

#[tokio::test]
async fn a_run_that_is_killed_within_a_page_leaves_none_of_it_out() {
    let stage = Stage::new();
    moved(&stage, 0..(3 * PAGE));
    // The run ends where it wants to keep the second page as read, or to look at it.
    for operation in [Operation::SaveReading, Operation::ReadMovements] {
        let calls = Arc::new(Mutex::new(0));
        stage.world.on_call(move |call: &Call| {
            let mut calls = calls.lock().unwrap();
            *calls += usize::from(call.operation == operation);
            if *calls >= 2 { FaultChoice::Throttle } else { FaultChoice::None }
        });
        assert!(run(&stage).await.is_err());
    }
    stage.world.no_more_faults();
    run(&stage).await.unwrap();
    assert_eq!(kinds(&stage).len(), 30);
}

#[tokio::test]
async fn days_without_any_run_that_succeeds_lose_nothing() {
    for has_run_before in [true, false] {
        let stage = Stage::new();
        if has_run_before {
            run(&stage).await.unwrap();
        }
        for day in 0..8 {
            moved(&stage, (day * 5)..(day * 5 + 5));
            stage.world.advance(Span::hours(23));
            stage.strike(Operation::ReadMovements, FaultChoice::Throttle);
            assert!(run(&stage).await.is_err());
            stage.world.advance(Span::hours(1));
        }
        assert_eq!(run(&stage).await.unwrap().found, 40);
        assert_eq!(kinds(&stage).len(), 40);
        stage.world.advance(Span::hours(1));
        let next = run(&stage).await.unwrap();
        assert_eq!((next.found, next.known), (0, 10), "and the overlap is all that is read again");
    }
}

#[tokio::test]
async fn a_movement_that_failed_is_read_again_however_old_it_is_and_not_for_ever() {
    let stage = Stage::new();
    run(&stage).await.unwrap();
    moved(&stage, 0..1);
    stage.world.advance(Span::hours(72));
    for _ in 0..3 {
        stage.strike(Operation::PostEntry, FaultChoice::Throttle);
        assert_eq!(run(&stage).await.unwrap().faults, 1);
        stage.world.advance(Span::hours(1));
    }
    assert_eq!(run(&stage).await.unwrap().found, 1);
    assert_eq!(kinds(&stage).len(), 1);

    moved(&stage, 1..2);
    stage.world.on_call(|call: &Call| {
        if call.operation == Operation::PostEntry { FaultChoice::Throttle } else { FaultChoice::None }
    });
    let mut runs = 0;
    while run(&stage).await.unwrap().faults > 0 {
        runs += 1;
        stage.world.advance(Span::hours(2));
    }
    assert_eq!(runs, AGAIN_MAX, "what nobody can deal with stops making readings longer");
}

#[tokio::test]
async fn a_fault_in_an_earlier_run_of_a_reading_is_a_fault_of_the_reading() {
    let stage = Stage::new();
    run(&stage).await.unwrap();
    moved(&stage, 0..(2 * PAGE));
    stage.world.advance(Span::hours(72));
    let is_struck = Arc::new(Mutex::new(false));
    stage.world.on_call(move |call: &Call| match call.operation {
        Operation::ReadMovements => FaultChoice::Slow(Span::seconds(241)),
        Operation::PostEntry if !std::mem::replace(&mut *is_struck.lock().unwrap(), true) => {
            FaultChoice::Throttle
        }
        _ => FaultChoice::None,
    });
    assert_eq!(run(&stage).await.unwrap().faults, 1);
    assert!(stored(&stage).await.under_way.unwrap().has_faults);
    assert_eq!(run(&stage).await.unwrap().faults, 0);
    stage.world.no_more_faults();
    run(&stage).await.unwrap();
    assert_eq!(kinds(&stage).len(), 20);
}

#[tokio::test]
async fn a_place_that_the_provider_refuses_is_given_up_and_the_reading_begins_anew() {
    let stage = Stage::new();
    moved(&stage, 0..(3 * PAGE));
    slow(&stage, 1);
    run(&stage).await.unwrap();
    let place = stored(&stage).await.under_way.unwrap().after.unwrap();
    let refused = place.clone();
    stage.world.on_call(move |call: &Call| {
        let is_refused = call.operation == Operation::ReadMovements && call.subject == refused;
        if is_refused { FaultChoice::Throttle } else { FaultChoice::None }
    });
    assert!(run(&stage).await.is_err(), "the first page leads to the place that is refused");
    stage.world.no_more_faults();

    slow(&stage, 1);
    run(&stage).await.unwrap();
    let refused = stored(&stage).await.under_way.unwrap().after.unwrap();
    assert_ne!(refused, place);
    let mut faults = 0;
    stage.world.on_call(move |call: &Call| {
        let is_refused = call.operation == Operation::ReadMovements && call.subject == refused && faults < 2;
        faults += u32::from(is_refused);
        if is_refused { FaultChoice::Throttle } else { FaultChoice::None }
    });
    let run = run(&stage).await.unwrap();
    assert_eq!((run.faults, run.unfinished), (0, 0));
    assert_eq!(kinds(&stage).len(), 30);
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_leaves_the_place_as_it_was() {
    let stage = Stage::new();
    moved(&stage, 0..(3 * PAGE));
    slow(&stage, 1);
    run(&stage).await.unwrap();
    let before = stage.world.reading_items();
    stage.world.on_call(|call: &Call| {
        if call.operation == Operation::ReadMovements { FaultChoice::Throttle } else { FaultChoice::None }
    });
    assert!(run(&stage).await.is_err());
    assert_eq!(stage.world.reading_items(), before);
}

#[tokio::test]
async fn what_has_moved_since_is_read_in_the_run_that_ends_the_old_reading() {
    let stage = Stage::new();
    moved(&stage, 0..(2 * PAGE));
    slow(&stage, 1);
    run(&stage).await.unwrap();
    stage.world.no_more_faults();
    stage.world.advance(Span::hours(1));
    moved(&stage, 100..103);
    let run = run(&stage).await.unwrap();
    assert_eq!((run.found, run.unfinished), (13, 0), "the rest of the old, and the new");
    assert_eq!(kinds(&stage).len(), 23);
}

#[tokio::test]
async fn a_provider_that_takes_all_the_time_of_a_run_leaves_the_next_to_the_others() {
    let stage = Stage::new();
    moved(&stage, 0..(9 * PAGE));
    slow(&stage, 1);
    let other = Provider::of("gocardless");
    for _ in 0..2 {
        let both = [Provider::STRIPE, other].map(|provider| (provider, stage.world.clone()));
        assert_eq!(run_over(&stage, Connectors::new(both.into())).await.unwrap().unfinished, 2);
        stage.world.advance(Span::hours(1));
    }
    let read: Vec<_> = stage.world.reading_items().into_iter().map(|item| item.after.is_some()).collect();
    assert_eq!(read, [true, true]);
}

#[tokio::test]
async fn of_two_runs_at_once_one_leaves_off_and_nothing_is_left_out() {
    let stage = Stage::new();
    moved(&stage, 0..(3 * PAGE));
    let (one, other) = tokio::join!(run(&stage), run(&stage));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.unfinished + other.unfinished, 1, "{one:?} {other:?}");
    assert_eq!(kinds(&stage).len(), 30);
}
