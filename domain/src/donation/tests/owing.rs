//! What a donation still lacks, and what is settled with its first attempt.

use super::samples::{accepted, after, captured, hours, payments, told_at, with};
use super::samples_money::asks;
use crate::donation::{Check, Donation, Owed, REOPENED_CHECK_AFTER};
use crate::gift::ReturnAddress;
use crate::ids::MailId;
use crate::payment::Payment;
use crate::receipt::Receipt;
use crate::time::Timestamp;

const NOTHING: Owed = Owed { payment: false, refunds: false, entries: false, receipt: false };

#[test]
fn an_end_a_refund_an_entry_and_a_receipt_are_each_owed_by_themselves() {
    assert_eq!(accepted().owed(), Owed { payment: true, ..NOTHING });
    let taken = with(captured());
    assert_eq!(taken.owed(), Owed { entries: true, receipt: true, ..NOTHING });
    let refunding = after(taken.clone(), &[asks("own", None, Some(1_000))]);
    assert_eq!(refunding.owed(), Owed { refunds: true, ..taken.owed() });
    let mail = MailId::parse("mail-1").unwrap();
    let sent = Donation { receipt: Receipt::Sent { mail, sent_at: Timestamp::from_millis(0) }, ..taken };
    assert_eq!(sent.owed(), Owed { entries: true, ..NOTHING });
    let entries = sent.entries_owed().map(|entry| entry.id().clone()).collect();
    let settled = Donation { entries, ..sent };
    assert_eq!(settled.owed(), NOTHING);
    assert!(settled.is_settled());
    let settled = Donation { next_check: None, ..settled };
    let reopened = after(settled, &[told_at(asks("own", None, None), hours(9))]);
    let check = Check { at: hours(9).plus(REOPENED_CHECK_AFTER), done: 0 };
    assert_eq!(reopened.next_check, Some(check), "the completer looks at it again");
}

#[test]
fn a_donation_lacks_nothing_only_when_each_of_the_four_is_there() {
    assert!(NOTHING.is_nothing());
    for owed in [
        Owed { payment: true, ..NOTHING },
        Owed { refunds: true, ..NOTHING },
        Owed { entries: true, ..NOTHING },
        Owed { receipt: true, ..NOTHING },
    ] {
        assert!(!owed.is_nothing(), "{owed:?}");
    }
}

#[test]
fn the_bank_is_asked_to_have_the_donor_confirm_before_the_first_attempt_or_never() {
    for (name, payment) in payments() {
        let has_begun = payment != Payment::Accepted;
        let donation = with(payment).stepped_up();
        assert_eq!(donation.step_up, !has_begun, "{name}");
    }
    let asked = Donation { step_up: true, ..with(captured()) };
    assert!(asked.stepped_up().step_up, "and what was asked of the bank stays so");
}

#[test]
fn the_address_that_the_bank_sends_the_donor_back_to_is_the_first_that_was_given() {
    let address = |text| ReturnAddress::parse(text).unwrap();
    let first = accepted().returning_to(address("https://example.org/1"));
    let again = first.returning_to(address("https://example.org/2"));
    assert_eq!(again.return_address, Some(address("https://example.org/1")));
}
