//! Nobody is lost between the door and the ledger, at any step.

use contracts::topology::Topology;
use tests_capacity::run::Run;
use tests_capacity::settings::Settings;
use tests_capacity::shape::Shape;

use crate::{ample, narrow};

fn holds_at_every_step(settings: &Settings, shape: &Shape) {
    let mut run = Run::new(settings, shape);
    let mut settled = 0;
    loop {
        let goes_on = run.step();
        let tally = run.counted();
        let accepted = run.accepted();
        assert_eq!(accepted, tally.settled + tally.backlog(), "accepted = settled + backlog: {run:?}");
        assert!(tally.settled >= settled, "what is settled stays settled: {run:?}");
        assert!(tally.settled <= run.booked(), "what is settled is booked: {run:?}");
        settled = tally.settled;
        if !goes_on {
            break;
        }
    }
    let tally = run.counted();
    assert_eq!(shape.donors(), tally.settled + tally.left, "each donor is settled or was never accepted");
    let outcome = run.end();
    assert_eq!(outcome.answers.values().sum::<u64>(), outcome.accepted, "each 202 has its time");
    assert_eq!(outcome.counts.mails, outcome.accepted, "each has one receipt");
}

#[test]
fn accepted_donations_are_settled_or_in_the_backlog_at_every_step() {
    holds_at_every_step(&ample(), &Shape::step(100, 10));
}

#[test]
fn a_donation_whose_receipt_is_sent_is_not_settled_before_it_is_booked() {
    let ample = ample();
    holds_at_every_step(&Settings { ledger: narrow(&ample.ledger, 1), ..ample }, &Shape::step(50, 5));
}

#[test]
fn none_is_lost_when_every_limit_is_in_the_way_at_once() {
    let untouched = Settings::untouched(&Topology::shipped());
    let tight = Settings {
        api_requests: 150,
        api_burst: 20,
        publishes: 40,
        mails: 15,
        table_writes: 200,
        completer_most: 400,
        ..untouched
    };
    holds_at_every_step(&tight, &Shape::step(200, 10));
}
