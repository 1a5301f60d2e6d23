//! A bank takes back what was captured, and nobody is asked: a direct debit that fails late, or is charged back.

use super::samples::{START, captured, reference, with};
use crate::donation::{Command, Refusal};
use crate::journal::{EntryKind, JournalEntry};
use crate::payment::MoneyTaken;
use crate::takings::Standing;

#[test]
fn what_a_bank_takes_back_is_lost_as_it_is_told_and_booked_once() {
    let donation = with(captured());
    let payment = donation.payment.takings().unwrap().kept().reference.clone();
    let taken_back = Command::RecordTakenBack { payment, at: START };
    let events = donation.decide(taken_back.clone()).unwrap();
    let donation = donation.evolve_all(&events);
    assert_eq!(donation.payment.takings().unwrap().standing(), Standing::DisputeLost);
    assert_eq!(donation.payment.money_taken(), MoneyTaken::Returned);
    let kinds: Vec<_> = JournalEntry::all_of(&donation).iter().map(|entry| entry.subject().kind).collect();
    assert_eq!(kinds, [EntryKind::Capture, EntryKind::DisputeOpened, EntryKind::DisputeLost]);
    assert_eq!(donation.decide(taken_back), Ok(vec![]), "a payment is taken back once");
}

#[test]
fn a_taking_back_ahead_of_the_news_of_its_capture_is_early() {
    let taken_back = Command::RecordTakenBack { payment: reference("pi_nobody_knows"), at: START };
    assert_eq!(with(captured()).decide(taken_back), Err(Refusal::ReversalBeforeCapture));
}
