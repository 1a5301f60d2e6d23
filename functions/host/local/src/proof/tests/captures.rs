//! Money taken: donations, ledger and provider.

use contracts::stored::{DonationItem, WorkItem, WorkKind};
use domain::donation::Donation;
use domain::journal::EntryKind;
use domain::payment::Payment;
use domain::receipt::Receipt;

use super::super::{Evidence, prove};
use super::samples::{
    agreed, balance, captured, captured_twice, donation, entry, movement, payments, pence, with,
};
use super::{differences, differs};
use crate::operator::view::ProviderPayment;
use domain::takings::Takings;

#[test]
fn a_capture_without_an_entry_is_found() {
    differs("lacks the entry of its capture pi_1", |donation, evidence| {
        let lost = entry(donation, EntryKind::Capture);
        evidence.entries.retain(|entry| *entry != lost);
    });
}

#[test]
fn a_capture_that_is_booked_twice_is_found() {
    differs("2 times", |donation, evidence| evidence.entries.push(entry(donation, EntryKind::Capture)));
}

#[test]
fn an_entry_of_another_amount_is_found() {
    differs("another capture", |donation, evidence| {
        let other = with(captured(1), |takings| {
            let mut capture = takings.kept().clone();
            capture.amount = pence(2_499);
            Takings::of(pence(2_500), capture)
        });
        let right = entry(donation, EntryKind::Capture);
        evidence.entries.retain(|entry| *entry != right);
        evidence.entries.push(entry(&other, EntryKind::Capture));
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
fn an_entry_of_no_donation_that_there_is_is_found() {
    let nobody = donation(9).id.to_string();
    let found = differences(|_, evidence| {
        evidence.entries.push(entry(&captured(9), EntryKind::Capture));
    });
    let named: Vec<_> = found.iter().filter_map(|difference| difference.donation_id.clone()).collect();
    assert_eq!(named, [nobody]);
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
fn a_second_capture_at_the_provider_is_found_until_the_donation_has_it() {
    differs("no donation counts as captured by it", |donation, evidence| {
        let second = ProviderPayment { reference: "pi_second".to_owned(), ..payments(donation).remove(0) };
        evidence.payments.push(second);
    });
    let proof = prove(&agreed(&[&captured_twice(1)]));
    assert_eq!(proof.differences, []);
    assert_eq!((proof.counts.states["duplicate_capture"], proof.counts.duplicate_captures), (1, 1));
    assert_eq!(
        (proof.totals["GBP"].effects["capture"].donations, proof.totals["GBP"].duplicates),
        (5_000, 2_500)
    );
}

#[test]
fn one_capture_of_two_donations_is_found() {
    let (first, second) = (captured(1), captured(2));
    let same = with(second, |_| first.payment.takings().unwrap().clone());
    let proof = prove(&agreed(&[&first, &same]));
    assert!(
        proof.differences.iter().any(|difference| difference.what.contains("is also that of")),
        "{proof:?}"
    );
}

/// Money of nobody's, as it looks at the provider.
fn stray(donation: &Donation, evidence: &mut Evidence) {
    let stray = ProviderPayment {
        reference: "pi_stray".to_owned(),
        donation_id: None,
        ..payments(donation).remove(0)
    };
    evidence.payments.push(stray);
    evidence.movements.push(movement(99, "charge", "pi_stray", 2_500, 0));
    evidence.balances = vec![balance(evidence)];
}

#[test]
fn a_capture_of_nobodys_is_found_only_where_the_account_is_ours_alone() {
    assert_eq!(differences(stray).len(), 1);
    let shared = differences(|donation, evidence| {
        stray(donation, evidence);
        evidence.provider_is_ours_alone = false;
    });
    assert_eq!(shared, []);
}

fn orphan(reference: &str, is_open: bool) -> WorkItem {
    WorkItem {
        id: WorkItem::id_of(WorkKind::OrphanPayment, "stripe", reference),
        kind: WorkKind::OrphanPayment,
        provider: "stripe".to_owned(),
        reference: reference.to_owned(),
        minor: Some(2_500),
        currency: Some("GBP".to_owned()),
        donation_id: None,
        detail: None,
        opened_at: 1,
        open: is_open.then(|| "open".to_owned()),
        closed_by: (!is_open).then(|| "finance@example.org".to_owned()),
        closed_at: (!is_open).then_some(2),
        note: None,
    }
}

#[test]
fn an_orphan_payment_is_a_difference_until_a_person_has_explained_it() {
    let open = differences(|donation, evidence| {
        stray(donation, evidence);
        evidence.work.push(orphan("pi_stray", true));
    });
    assert_eq!(open.len(), 1, "{open:?}");
    let mut evidence = agreed(&[&captured(1)]);
    stray(&captured(1), &mut evidence);
    evidence.work.push(orphan("pi_stray", false));
    let proof = prove(&evidence);
    assert_eq!((proof.differences.as_slice(), proof.explained.len()), (&[][..], 1));
    let unseen = differences(|_, evidence| evidence.work.push(orphan("re_of_nobody", true)));
    assert!(unseen[0].what.contains("on the work-list as an orphan payment"), "{unseen:?}");
}

#[test]
fn every_other_open_item_of_the_work_list_is_shown_and_is_no_difference() {
    let mut evidence = agreed(&[&captured(1)]);
    let item = |kind, opened_at| WorkItem { kind, opened_at, ..orphan("po_1", true) };
    evidence.work = vec![item(WorkKind::RefundFailed, 2), item(WorkKind::PayoutFailed, 1)];
    evidence.work.push(WorkItem { kind: WorkKind::PayoutFailed, ..orphan("po_2", false) });
    let proof = prove(&evidence);
    assert_eq!(proof.differences, []);
    let shown: Vec<_> = proof.open_work.iter().map(|item| item.kind).collect();
    assert_eq!(shown, [WorkKind::PayoutFailed, WorkKind::RefundFailed]);
}
