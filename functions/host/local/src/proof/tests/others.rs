//! States, promises, receipts and dead letters.

use contracts::stored::DonationItem;
use domain::donation::Donation;
use domain::ids::ClaimId;
use domain::payment::{DeclineReason, Payment};
use domain::receipt::Receipt;
use domain::takings::{DisputeStatus, Standing};

use super::super::{STATES, amount, prove};
use super::samples::{
    AT, agreed, attempt, captured, captured_twice, disputed, donation, gave_back, mail, refunded, succeeded,
};
use super::{differences, differs};
use crate::operator::view::QueueView;

#[test]
fn agreement_has_no_difference_and_every_state_is_counted() {
    let in_state = |number, payment: fn(&Donation) -> Payment| {
        let mut donation = donation(number);
        donation.payment = payment(&donation);
        donation
    };
    let donations = [
        captured(1),
        refunded(2, 700, succeeded(2)),
        gave_back(3),
        captured_twice(4),
        disputed(5, DisputeStatus::Open),
        disputed(6, DisputeStatus::Won),
        disputed(7, DisputeStatus::Lost),
        in_state(8, |donation| Payment::Declined {
            attempt: attempt(donation),
            reason: DeclineReason::Refused,
            declined_at: AT,
        }),
        in_state(9, |donation| Payment::Unknown { attempt: attempt(donation), since: AT }),
        in_state(10, |_| Payment::Accepted),
        in_state(11, |donation| Payment::Collecting { attempt: attempt(donation) }),
    ];
    let proof = prove(&agreed(&donations.each_ref()));
    assert_eq!(proof.differences, []);
    let counted: Vec<u64> = STATES.iter().map(|state| proof.counts.states[state]).collect();
    assert_eq!(counted, [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 2]);
    assert_eq!((proof.counts.accepted, proof.counts.states.len()), (11, STATES.len()));
    assert_eq!(proof.under_way.len(), 3);
}

#[test]
fn every_standing_of_money_has_a_place_among_the_states() {
    assert_eq!(STATES[..7], Standing::ALL.map(Standing::name));
}

#[test]
fn amounts_are_shown_with_the_decimals_of_their_currency() {
    assert_eq!(amount(1_250, "GBP"), "12.50 GBP");
    assert_eq!(amount(-5, "GBP"), "-0.05 GBP");
    assert_eq!((amount(0, "GBP"), amount(500, "JPY")), ("0.00 GBP".to_owned(), "500 JPY".to_owned()));
}

#[test]
fn a_promise_without_a_stored_donation_is_found() {
    let lost = donation(9).id.to_string();
    let found = differences(|_, evidence| {
        evidence.promised.insert(lost.clone());
    });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].donation_id, Some(lost));
}

#[test]
fn a_receipt_is_sent_once_or_is_ambiguous() {
    differs("2 mails", |donation, evidence| evidence.mails.push(mail(donation)));
    differs("no mail was handed over", |_, evidence| evidence.mails.clear());
    differs("has not been sent", |donation, evidence| {
        let mut unsent = donation.clone();
        unsent.receipt = Receipt::NotSent;
        evidence.donations = vec![DonationItem::of(&unsent, 1)];
        evidence.mails.clear();
    });
    let mut ambiguous = captured(1);
    ambiguous.receipt = Receipt::Ambiguous { claim: ClaimId::parse("claim-0001").unwrap(), since: AT };
    let proof = prove(&agreed(&[&ambiguous]));
    assert_eq!(proof.differences, []);
    assert_eq!(proof.ambiguous_receipts, [ambiguous.id.to_string()]);
}

#[test]
fn a_dead_letter_is_found() {
    let found = differences(|_, evidence| {
        evidence.queues.push(QueueView {
            queue: "payments".to_owned(),
            visible: 0,
            in_flight: 0,
            delayed: 0,
            oldest_age_ms: None,
            dead_letters: 1,
        });
    });
    assert!(found[0].what.contains("dead-letter queue of payments"), "{found:?}");
}
