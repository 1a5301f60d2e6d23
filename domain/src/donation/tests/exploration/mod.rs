//! Every way in which one donation's steps can meet: two workers at once, crashes between any two steps, lost
//! answers, requests that arrive late, notifications in any order and any number of times, and hours that
//! pass.
//!
//! The decisions are the shipped `decide`, `evolve` and `next_payment_step`; what is modelled is who calls
//! them when. Messages need no queue here, because one more may arrive at any time. The provider keeps a key
//! for 24 hours, as it promises, and forgets it then; a request that was sent has arrived two hours later or
//! never does. A sender of webhooks does not give up, so where everything has come to rest every notification
//! was delivered.

mod provider;
mod worker;

mod rules;
mod world;

mod settling;

mod money;
mod receipts;

use std::collections::BTreeSet;

use stateright::report::WriteReporter;
use stateright::{Checker, HasDiscoveries, Model};

use crate::payment::KeyLife;
use crate::time::Span;
use provider::{First, Status};
use rules::{
    AT_MOST_ONCE, CALLED_OFF, CALLED_OFF_TOO_LATE, DECIDED, EXHAUSTED, LATE, POSSIBLE, Rules, SECOND,
    TWO_AT_ONCE,
};

/// Explores everything that the rules allow and reports the number of states; gives it, and what was found:
/// laws that are broken, and things that are possible.
fn explore(rules: Rules) -> (usize, BTreeSet<&'static str>) {
    let checker = rules.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs();
    let checker = checker.report(&mut WriteReporter::new(&mut std::io::stderr()));
    (checker.unique_state_count(), checker.discoveries().into_keys().collect())
}

/// What is found when no law is broken and everything that is listed is possible but these.
fn all_possible_but(impossible: &[&str]) -> BTreeSet<&'static str> {
    POSSIBLE.iter().map(|(name, _)| *name).filter(|name| !impossible.contains(name)).collect()
}

const CAPTURED: First = First::Status(Status::Captured);
const DECLINED: First = First::Status(Status::Declined);
const PROCESSING: First = First::Status(Status::Processing);
const ACTION: First = First::Status(Status::ActionRequired);

#[test]
fn one_worker_after_another_captures_a_donation_at_most_once_and_it_always_settles() {
    let firsts = &[CAPTURED, DECLINED, PROCESSING, ACTION, First::CapturedBehindAnError];
    let (states, found) = explore(Rules::shipped(1, firsts));
    assert_eq!(found, all_possible_but(&[TWO_AT_ONCE, EXHAUSTED, DECIDED]));
    assert!(states > 5_000, "{states} states: the exploration has become too narrow to prove much");
}

#[test]
fn two_workers_at_once_capture_a_donation_at_most_once_and_it_always_settles() {
    let firsts = &[CAPTURED, DECLINED, PROCESSING, First::CapturedBehindAnError];
    let (states, found) = explore(Rules::shipped(2, firsts));
    assert_eq!(found, all_possible_but(&[EXHAUSTED, CALLED_OFF, CALLED_OFF_TOO_LATE, DECIDED]));
    assert!(states > 20_000, "{states} states: the exploration has become too narrow to prove much");
}

#[test]
fn three_attempts_over_three_days_capture_a_donation_at_most_once_and_it_always_settles() {
    let moments = &[0, 23, 26, 49, 52, 75, 78];
    let (states, found) = explore(Rules { moments, ..Rules::shipped(1, &[CAPTURED, PROCESSING]) });
    assert_eq!(found, all_possible_but(&[TWO_AT_ONCE, LATE, CALLED_OFF, CALLED_OFF_TOO_LATE, DECIDED]));
    assert!(states > 5_000, "{states} states: the exploration has become too narrow to prove much");
}

#[test]
fn a_person_who_decides_takes_no_money_twice_and_hides_none_that_was_taken() {
    let rules = Rules { has_people: true, ..Rules::shipped(1, &[CAPTURED, PROCESSING, First::Rejected]) };
    let (states, found) = explore(rules);
    assert_eq!(found, all_possible_but(&[TWO_AT_ONCE, EXHAUSTED, CALLED_OFF, CALLED_OFF_TOO_LATE]));
    assert!(states > 5_000, "{states} states: the exploration has become too narrow to prove much");
}

#[test]
fn the_deadline_of_a_donor_who_left_takes_no_money_back_that_was_taken_meanwhile() {
    let (states, found) = explore(Rules { moments: &[0, 1], ..Rules::shipped(2, &[ACTION]) });
    assert_eq!(found, all_possible_but(&[SECOND, EXHAUSTED, LATE, DECIDED]));
    assert!(states > 5_000, "{states} states: the exploration has become too narrow to prove much");
}

/// Explores broken rules until money is taken twice, and says whether it was.
fn takes_money_twice(rules: Rules) -> bool {
    let enough = HasDiscoveries::AnyOf(BTreeSet::from([AT_MOST_ONCE]));
    let checker = rules.checker().threads(2).finish_when(enough).spawn_bfs().join();
    checker.discoveries().contains_key(AT_MOST_ONCE)
}

#[test]
fn a_key_that_is_used_after_the_provider_forgot_it_takes_money_twice() {
    let key_life = KeyLife { reuse_until: Span::hours(30), absence_proves_from: Span::hours(33) };
    assert!(takes_money_twice(Rules { key_life, ..Rules::shipped(1, &[CAPTURED]) }));
}

#[test]
fn absence_that_is_believed_while_a_request_may_be_on_its_way_takes_money_twice() {
    let key_life = KeyLife { reuse_until: Span::hours(22), absence_proves_from: Span::hours(22) };
    assert!(takes_money_twice(Rules { key_life, ..Rules::shipped(1, &[CAPTURED]) }));
}

#[test]
fn a_call_whose_attempt_is_not_stored_first_takes_money_twice() {
    assert!(takes_money_twice(Rules { stores_attempts_first: false, ..Rules::shipped(1, &[CAPTURED]) }));
}
