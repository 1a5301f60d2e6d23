use contracts::stored::{DonationItem, EntryItem, PostedEntry};
use domain::currency::Currency;
use domain::donation::{Accepted, Donation, Fingerprint};
use domain::donor::{Donor, DonorName, EmailAddress};
use domain::gift::{Channel, Gift, Instrument};
use domain::ids::{
    Appeal, CharityId, ClaimId, DonationId, IdempotencyKey, MailId, PaymentToken, Provider, ProviderKey,
    ProviderReference,
};
use domain::journal::{EntryKind, JournalEntry};
use domain::money::Money;
use domain::payment::{Attempt, Capture, DeclineReason, Payment};
use domain::receipt::Receipt;
use domain::time::{Span, Timestamp};

use super::{Difference, Evidence, prove};
use crate::operator::view::{MailView, ProviderPayment, ProviderRefund, QueueView};

const AT: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn donation(number: u32) -> Donation {
    let charity = CharityId::parse("outpour-demo").unwrap();
    let key = IdempotencyKey::parse(&format!("invented-key-{number:06}")).unwrap();
    let accepted = Accepted {
        id: DonationId::derive(&charity, &key),
        fingerprint: Fingerprint([7; 32]),
        gift: Gift {
            amount: Money::from_minor(2_500, Currency::GBP).unwrap(),
            appeal: Appeal::parse("winter").unwrap(),
            channel: Channel::Web,
        },
        donor: Donor {
            name: DonorName::parse("Ada Example").unwrap(),
            email: EmailAddress::parse("ada@example.org").unwrap(),
            address: None,
        },
        gift_aid: None,
        instrument: Instrument {
            provider: Provider::Stripe,
            token: PaymentToken::parse("pm_card_visa").unwrap(),
        },
        at: AT,
    };
    Donation::accept(accepted, Span::seconds(60))
}

fn attempt(donation: &Donation) -> Attempt {
    Attempt { number: 1, key: ProviderKey::of_attempt(&donation.id, 1), first_called_at: AT }
}

fn captured(number: u32) -> Donation {
    let mut donation = donation(number);
    let capture = Capture {
        reference: ProviderReference::parse(&format!("pi_{number}")).unwrap(),
        amount: donation.gift.amount,
        captured_at: AT,
    };
    donation.payment = Payment::Captured { attempt: attempt(&donation), capture };
    donation.receipt = Receipt::Sent { mail: MailId::parse("mail-1").unwrap(), sent_at: AT };
    donation
}

fn entry(donation: &Donation, kind: EntryKind) -> EntryItem {
    let entry = JournalEntry::of(donation, kind).unwrap();
    let day = "2026-11-20".to_owned();
    EntryItem::from(&PostedEntry { entry, posted_at: AT, business_date: day.clone(), value_date: day })
}

fn payment(donation: &Donation) -> ProviderPayment {
    let capture = donation.payment.capture().unwrap();
    ProviderPayment {
        reference: capture.reference.to_string(),
        status: "succeeded".to_owned(),
        received_minor: capture.amount.minor(),
        currency: "GBP".to_owned(),
        donation_id: Some(donation.id.to_string()),
    }
}

fn mail(donation: &Donation) -> MailView {
    MailView {
        id: "mail-1".to_owned(),
        at_ms: AT.as_millis(),
        to: vec!["ada@example.org".to_owned()],
        subject: "Your receipt".to_owned(),
        donation_id: Some(donation.id.to_string()),
    }
}

/// Evidence in which everybody agrees on these donations.
fn agreed(donations: &[&Donation]) -> Evidence {
    let mut evidence = Evidence { provider_is_ours_alone: true, ..Evidence::default() };
    for donation in donations {
        evidence.donations.push(DonationItem::of(donation, 3));
        if donation.payment.capture().is_some() {
            evidence.entries.push(entry(donation, EntryKind::Capture));
            evidence.payments.push(payment(donation));
            evidence.mails.push(mail(donation));
        }
        if matches!(donation.payment, Payment::Returned { .. }) {
            evidence.entries.push(entry(donation, EntryKind::Return));
            evidence.refunds.push(refund(donation, 2_500));
        }
    }
    evidence
}

fn refund(donation: &Donation, minor: u64) -> ProviderRefund {
    let reference = donation.payment.capture().unwrap().reference.to_string();
    ProviderRefund {
        reference: Some(reference),
        status: "succeeded".to_owned(),
        minor,
        currency: "GBP".to_owned(),
    }
}

fn returned(number: u32) -> Donation {
    let mut donation = captured(number);
    let Payment::Captured { attempt, capture } = donation.payment else { panic!("captured") };
    donation.payment = Payment::Returned { attempt, capture, returned_at: AT };
    donation
}

/// The differences that changing the evidence of one captured donation makes.
fn differences(change: impl FnOnce(&Donation, &mut Evidence)) -> Vec<Difference> {
    let donation = captured(1);
    let mut evidence = agreed(&[&donation]);
    change(&donation, &mut evidence);
    prove(&evidence).differences
}

/// Asserts that the change makes exactly one difference, on the donation, with these words.
fn differs(words: &str, change: impl FnOnce(&Donation, &mut Evidence)) {
    let differences = differences(change);
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert!(differences[0].what.contains(words), "{differences:?}");
    assert_eq!(differences[0].donation_id, Some(captured(1).id.to_string()));
}

#[test]
fn agreement_has_no_difference_and_every_state_is_counted() {
    let declined = {
        let mut donation = donation(3);
        let attempt = attempt(&donation);
        donation.payment = Payment::Declined { attempt, reason: DeclineReason::Refused, declined_at: AT };
        donation
    };
    let unknown = {
        let mut donation = donation(4);
        donation.payment = Payment::Unknown { attempt: attempt(&donation), since: AT };
        donation
    };
    let proof = prove(&agreed(&[&captured(1), &returned(2), &declined, &unknown, &donation(5)]));
    assert_eq!(proof.differences, []);
    let counts = &proof.counts;
    assert_eq!((counts.accepted, counts.captured, counts.returned), (5, 1, 1));
    assert_eq!((counts.declined, counts.unknown, counts.not_settled), (1, 1, 1));
    let totals = proof.totals["GBP"];
    assert_eq!((totals.donations, totals.ledger, totals.provider), (5_000, 5_000, 5_000));
    assert_eq!(proof.under_way.len(), 2);
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
fn a_capture_without_an_entry_is_found() {
    differs("lacks the entry", |_, evidence| evidence.entries.clear());
}

#[test]
fn a_capture_that_is_booked_twice_is_found() {
    differs("2 times", |donation, evidence| evidence.entries.push(entry(donation, EntryKind::Capture)));
}

#[test]
fn an_entry_of_another_amount_is_found() {
    differs("another capture", |_, evidence| {
        let mut other = captured(1);
        let Payment::Captured { capture, .. } = &mut other.payment else { panic!("captured") };
        capture.amount = Money::from_minor(2_499, Currency::GBP).unwrap();
        evidence.entries = vec![entry(&other, EntryKind::Capture)];
    });
}

#[test]
fn an_entry_that_was_rewritten_is_found() {
    let found = differences(|_, evidence| evidence.entries[0].lines[0].minor = 2_400);
    assert!(found.iter().any(|difference| difference.what.contains("is not sound")), "{found:?}");
}

#[test]
fn an_entry_for_a_donation_that_is_not_captured_is_found() {
    differs("does not have", |donation, evidence| {
        let mut open = donation.clone();
        open.payment = Payment::Accepted;
        open.receipt = Receipt::NotSent;
        evidence.donations = vec![DonationItem::of(&open, 1)];
        evidence.payments.clear();
        evidence.mails.clear();
    });
}

#[test]
fn a_capture_that_the_provider_does_not_know_is_found() {
    differs("no such capture", |_, evidence| evidence.payments.clear());
}

#[test]
fn a_capture_of_another_amount_at_the_provider_is_found() {
    differs("another amount", |_, evidence| evidence.payments[0].received_minor = 2_501);
}

#[test]
fn a_second_capture_at_the_provider_is_found() {
    differs("no donation counts as captured by it", |donation, evidence| {
        let second = ProviderPayment { reference: "pi_second".to_owned(), ..payment(donation) };
        evidence.payments.push(second);
    });
}

#[test]
fn a_capture_of_nobodys_is_found_only_where_the_account_is_ours_alone() {
    let stray = |donation: &Donation, evidence: &mut Evidence| {
        let stray =
            ProviderPayment { reference: "pi_stray".to_owned(), donation_id: None, ..payment(donation) };
        evidence.payments.push(stray);
    };
    assert_eq!(differences(stray).len(), 1);
    let shared = differences(|donation, evidence| {
        stray(donation, evidence);
        evidence.provider_is_ours_alone = false;
    });
    assert_eq!(shared, []);
}

#[test]
fn money_given_back_must_be_known_on_both_sides() {
    differs("counts as kept", |donation, evidence| evidence.refunds.push(refund(donation, 2_500)));
    differs("a part of its money", |donation, evidence| evidence.refunds.push(refund(donation, 100)));
    let donation = returned(1);
    let mut evidence = agreed(&[&donation]);
    evidence.refunds.clear();
    assert!(prove(&evidence).differences[0].what.contains("given nothing back"));
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
