//! A bank takes back what was captured, and nobody is asked: a direct debit that fails late, or is charged back. It may
//! give the money back, and take it again.

use super::books::{entries, fault_of};
use super::samples::{START, after, captured, hours, reference, told_at, with};
use super::samples_money::{taken_back, takes_back};
use crate::donation::{Command, Refusal};
use crate::ids::ProviderReference;
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

#[test]
fn money_that_a_bank_gives_back_is_won_and_comes_out_of_the_loss_on_the_day_of_its_return() {
    let lost = after(with(captured()), &[takes_back("pi_ours")]);
    let won = after(lost.clone(), &[told_at(taken_back("pi_ours", 1, true), hours(700))]);
    let takings = won.payment.takings().unwrap();
    assert_eq!((takings.standing(), won.payment.money_taken()), (Standing::DisputeWon, MoneyTaken::Yes));
    assert_eq!(fault_of(&won), None);
    let days: Vec<_> = JournalEntry::all_of(&won)
        .iter()
        .map(|entry| (entry.subject().kind, entry.subject().occurred_at))
        .skip(1)
        .collect();
    let lost_at = lost.payment.takings().unwrap().disputes()[0].opened_at;
    assert_eq!(
        days,
        [
            (EntryKind::DisputeOpened, lost_at),
            (EntryKind::DisputeLost, lost_at),
            (EntryKind::DisputeWon, hours(700))
        ]
    );
    for known in [takes_back("pi_ours"), taken_back("pi_ours", 1, false), taken_back("pi_ours", 1, true)] {
        assert_eq!(won.decide(told_at(known, hours(800))), Ok(vec![]));
    }
}

#[test]
fn a_second_taking_back_is_another_loss() {
    let won = after(with(captured()), &[taken_back("pi_ours", 1, true)]);
    let again = after(won.clone(), &[taken_back("pi_ours", 2, false)]);
    assert_eq!(again.payment.takings().unwrap().standing(), Standing::DisputeLost);
    assert_eq!((entries(&won).len(), entries(&again).len(), fault_of(&again)), (4, 6, None));
}

#[test]
fn a_dispute_with_an_id_of_the_providers_own_is_decided_once() {
    let payment = reference("pi_ours");
    let stands_for = |reference: &ProviderReference| reference.taken_back();
    assert_eq!(stands_for(&ProviderReference::of_taken_back(&payment, 12)), Some((payment, 12)));
    for own in ["du_1", "pi_ours/taken-back/", "pi_ours/taken-back/x", "/taken-back/1"] {
        assert_eq!(stands_for(&reference(own)), None, "{own}");
    }
    let long = reference(&"x".repeat(255));
    let of_long = ProviderReference::of_taken_back(&long, 1);
    assert!(ProviderReference::parse(of_long.as_str()).is_ok(), "it can be stored and read");
    assert_ne!(of_long, ProviderReference::of_taken_back(&reference(&"x".repeat(254)), 1));
}
