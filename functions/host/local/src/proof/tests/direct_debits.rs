//! A second provider beside the first: direct debits, which a bank takes back and whose fees are named by payouts.

use contracts::stored::{DonationItem, EntryItem};
use domain::donation::Donation;
use domain::ids::{Provider, ProviderReference};
use domain::journal::{EntryKind, JournalEntry, Movement, MovementCause};
use domain::payment::{Capture, Payment};
use domain::takings::{Dispute, DisputeStatus, Refund, RefundState, Takings, Withdrawal};

use super::super::{BOOKED_WITHIN, Difference, Evidence, prove};
use super::samples::{
    AT, agreed, attempt, captured, entry, gave_back, mail, payments, pence, posted, reference, refunded,
};
use crate::operator::view::{
    MovementEffect, ProviderBalance, ProviderDispute, ProviderMovement, ProviderPayment, ProviderRefund,
    ProviderWithdrawal,
};

const GOCARDLESS: Provider = Provider::of("gocardless");
/// What GoCardless keeps of a payout of one debit.
const KEPT: i64 = 54;

/// The same donation, given by direct debit: each of its references is GoCardless's.
fn debited(mut donation: Donation) -> Donation {
    let there = |reference_text: &ProviderReference| reference(&format!("GC{reference_text}"));
    let takings = donation.payment.takings().unwrap().clone();
    let first = takings.kept().clone();
    let mut moved = Takings::of(pence(2_500), Capture { reference: there(&first.reference), ..first });
    for refund in takings.refunds() {
        let state = match &refund.state {
            RefundState::Succeeded { reference, at } => {
                RefundState::Succeeded { reference: there(reference), at: *at }
            }
            RefundState::Failed { reference, left_at, at } => {
                RefundState::Failed { reference: reference.as_ref().map(there), left_at: *left_at, at: *at }
            }
            other => other.clone(),
        };
        moved = moved.with_refund(Refund { payment: there(&refund.payment), state, ..refund.clone() });
    }
    donation.instrument.provider = GOCARDLESS;
    donation.payment = Payment::Captured { attempt: attempt(&donation), takings: moved };
    donation
}

/// A direct debit that was taken back this often, and given back this often after that.
fn taken_back(number: u32, times: u32, returned: u32) -> Donation {
    let mut donation = debited(captured(number));
    let mut takings = donation.payment.takings().unwrap().clone();
    let payment = takings.kept().reference.clone();
    let moved = Withdrawal { amount: pence(2_500), fee: None };
    for time in 1..=times {
        let is_given_back = time <= returned;
        takings = takings.with_dispute(Dispute {
            reference: ProviderReference::of_taken_back(&payment, time),
            payment: payment.clone(),
            status: if is_given_back { DisputeStatus::Won } else { DisputeStatus::Lost },
            withdrawn: Some(moved),
            reinstated: is_given_back.then_some(moved),
            opened_at: AT,
            decided_at: Some(AT),
        });
    }
    donation.payment = Payment::Captured { attempt: attempt(&donation), takings };
    donation
}

fn moves(evidence: &mut Evidence, category: &str, named: &str, effects: &[(EntryKind, &str, i64)]) {
    let effect = |(kind, name, minor): &(EntryKind, &str, i64)| MovementEffect {
        kind: kind.name().to_owned(),
        reference: (*name).to_owned(),
        minor: *minor,
    };
    evidence.movements.push(ProviderMovement {
        provider: GOCARDLESS.to_string(),
        reference: named.to_owned(),
        category: category.to_owned(),
        effects: effects.iter().map(effect).collect(),
        currency: "GBP".to_owned(),
        at_ms: AT.as_millis(),
    });
}

/// Adds what GoCardless says of a donation, with one payout of 10.00 for all of it, and what is booked for it.
fn tell(evidence: &mut Evidence, donation: &Donation) {
    evidence.donations.push(DonationItem::of(donation, 3));
    evidence.entries.extend(JournalEntry::all_of(donation).into_iter().map(posted));
    evidence.mails.push(mail(donation));
    let takings = donation.payment.takings().unwrap();
    for payment in payments(donation) {
        moves(evidence, "payment", "PM", &[(EntryKind::Capture, &payment.reference, 2_500)]);
        let payout = format!("PO{}", payment.reference);
        // The ledger has the fees line by line, and GoCardless's list as one.
        for (line, minor, is_returned) in [("gocardless_fee/1", 60, false), ("gocardless_fee/2", 6, true)] {
            evidence.entries.push(fee(&format!("{payout}/{line}"), minor, is_returned));
        }
        evidence.entries.push(paid_out(&payout));
        let fees = format!("{payout}/fees");
        let effects = [(EntryKind::Fee, fees.as_str(), -KEPT), (EntryKind::Payout, payout.as_str(), -1_000)];
        moves(evidence, "payout", &payout, &effects);
        evidence.payments.push(payment);
    }
    for refund in takings.refunds() {
        let name = refund.reference().unwrap().as_str();
        let mut effects = vec![(EntryKind::Refund, name, -2_500)];
        if refund.has_failed() {
            effects.push((EntryKind::RefundFailed, name, 2_500));
        }
        moves(evidence, "refund", name, &effects);
        evidence.refunds.push(ProviderRefund {
            provider: GOCARDLESS.to_string(),
            reference: name.to_owned(),
            payment: Some(refund.payment.to_string()),
            status: "paid".to_owned(),
            means: Some(refund.state.name().to_owned()),
            minor: 2_500,
            currency: "GBP".to_owned(),
        });
    }
    for dispute in takings.disputes() {
        let name = dispute.reference.as_str();
        let mut effects = vec![(EntryKind::DisputeOpened, name, -2_500)];
        effects.extend(dispute.reinstated.map(|_| (EntryKind::DisputeWon, name, 2_500)));
        moves(evidence, "taken_back", name, &effects);
        let moved = ProviderWithdrawal { minor: 2_500, fee_minor: 0 };
        evidence.disputes.push(ProviderDispute {
            provider: GOCARDLESS.to_string(),
            reference: name.to_owned(),
            payment: Some(dispute.payment.to_string()),
            status: "charged_back".to_owned(),
            means: Some(dispute.status.name().to_owned()),
            was_lost: true,
            currency: "GBP".to_owned(),
            withdrawn: Some(moved),
            reinstated: dispute.reinstated.map(|_| moved),
        });
    }
}

fn booked(
    reference_text: &str,
    cause: MovementCause,
    fee: Option<u64>,
    fee_returned: Option<u64>,
) -> EntryItem {
    let movement = Movement {
        reference: reference(reference_text),
        cause,
        fee: fee.map(pence),
        fee_returned: fee_returned.map(pence),
        settled_with: None,
        donation: None,
        appeal: None,
        occurred_at: AT,
    };
    posted(movement.entries(GOCARDLESS).remove(0))
}

fn fee(line: &str, minor: u64, is_returned: bool) -> EntryItem {
    let (kept, returned) = if is_returned { (None, Some(minor)) } else { (Some(minor), None) };
    booked(line, MovementCause::Fee, kept, returned)
}

fn paid_out(payout: &str) -> EntryItem {
    let cause = MovementCause::Payout { payout: reference(payout), amount: pence(1_000) };
    booked(payout, cause, None, None)
}

/// What GoCardless's movements come to.
fn weigh(evidence: &mut Evidence) {
    let ours = evidence.movements.iter().filter(|movement| movement.provider == GOCARDLESS.name());
    let minor = ours.flat_map(|movement| &movement.effects).map(|effect| effect.minor).sum();
    evidence.balances.retain(|balance| balance.provider != GOCARDLESS.name());
    evidence.balances.push(ProviderBalance {
        provider: GOCARDLESS.to_string(),
        currency: "GBP".to_owned(),
        minor,
    });
}

/// Everybody agrees on these direct debits, and on a card's donation beside them.
fn mixed(debits: &[&Donation]) -> Evidence {
    let mut evidence = agreed(&[&captured(90)]);
    for debit in debits {
        tell(&mut evidence, debit);
    }
    weigh(&mut evidence);
    evidence.is_strict = true;
    evidence
}

#[track_caller]
fn differs(donation: &Donation, words: &str, change: impl FnOnce(&mut Evidence)) {
    let mut evidence = mixed(&[donation]);
    change(&mut evidence);
    weigh(&mut evidence);
    let differences = prove(&evidence).differences;
    let named: Vec<&Difference> = differences.iter().filter(|one| one.donation_id.is_some()).collect();
    let [one] = named[..] else { panic!("{differences:?}") };
    assert!(one.what.contains(words), "{differences:?}");
    let expected = (Some(donation.id.to_string()), Some(GOCARDLESS.to_string()));
    assert_eq!((one.donation_id.clone(), one.provider.clone()), expected);
}

#[test]
fn direct_debits_and_cards_are_summed_together_and_balanced_apart() {
    let debits = [
        debited(captured(1)),
        debited(gave_back(2)),
        taken_back(3, 1, 0),
        taken_back(4, 1, 1),
        taken_back(5, 2, 1),
    ];
    let proof = prove(&mixed(&debits.each_ref()));
    assert_eq!(proof.differences, []);
    let effects = &proof.totals["GBP"].effects;
    for (effect, number) in
        [("capture", 6), ("refund", 1), ("dispute_opened", 4), ("dispute_won", 2), ("dispute_lost", 4)]
    {
        let sums = effects[effect];
        assert_eq!([sums.donations, sums.ledger, sums.provider], [number * 2_500; 3], "{effect}");
    }
    let [gocardless, stripe] = proof.balances.as_slice() else { panic!("{:?}", proof.balances) };
    let held = 5 * (2_500 - 1_000 - i128::from(KEPT)) - 2_500 - 4 * 2_500 + 2 * 2_500;
    assert_eq!((gocardless.ledger, gocardless.unbooked, gocardless.provider_says), (held, 0, held));
    assert_eq!((gocardless.provider.as_str(), stripe.provider.as_str()), ("gocardless", "stripe"));
}

#[test]
fn what_the_donation_lacks_or_has_alone_is_named_with_the_donation_and_the_provider() {
    let plain = debited(captured(1));
    differs(&plain, "the provider has no such capture", |evidence| {
        evidence.payments.retain(|payment| payment.provider != GOCARDLESS.name());
    });
    differs(&plain, "captured another amount", |evidence| {
        evidence.payments.last_mut().unwrap().received_minor -= 1;
    });
    let behind_our_back = mixed(&[&taken_back(1, 1, 0)]).disputes;
    differs(&plain, "GCpi_1/taken-back/1 (charged_back), which the donation does not have", |evidence| {
        evidence.disputes = behind_our_back;
    });
    differs(&taken_back(1, 1, 0), "the provider has no dispute", |evidence| evidence.disputes.clear());
    differs(&taken_back(1, 1, 0), "counts as lost", |evidence| {
        evidence.disputes[0].means = Some("won".to_owned());
    });
    differs(&debited(gave_back(1)), "the provider has no refund", |evidence| {
        evidence.refunds.clear();
    });
    differs(&debited(gave_back(1)), "counts as succeeded", |evidence| {
        evidence.refunds[0].means = Some("failed".to_owned());
    });
    let came_back = RefundState::Failed { reference: Some(reference("re_1")), left_at: AT, at: AT };
    let proof = prove(&mixed(&[&debited(refunded(1, 2_500, came_back))]));
    assert_eq!(proof.differences, []);
}

#[test]
fn a_capture_at_gocardless_that_the_ledger_lacks_is_named() {
    let debit = debited(captured(1));
    let mut evidence = mixed(&[&debit]);
    let lost = entry(&debit, EntryKind::Capture);
    evidence.entries.retain(|entry| *entry != lost);
    let differences = prove(&evidence).differences;
    let [one] = &differences[..] else { panic!("{differences:?}") };
    assert_eq!(one.donation_id, Some(debit.id.to_string()));
    assert!(one.what.contains("lacks the entry of its capture GCpi_1"), "{differences:?}");
}

#[test]
fn one_id_at_two_providers_is_two_payments() {
    let mut evidence = mixed(&[&debited(captured(1))]);
    let stray = ProviderPayment {
        provider: "stripe".to_owned(),
        donation_id: None,
        ..evidence.payments.last().unwrap().clone()
    };
    evidence.payments.push(stray);
    let differences = prove(&evidence).differences;
    let [one] = &differences[..] else { panic!("{differences:?}") };
    assert_eq!((one.donation_id.as_deref(), one.provider.as_deref()), (None, Some("stripe")));
}

#[test]
fn fees_that_gocardless_kept_and_payouts_that_it_made_are_missed_with_age() {
    let mut evidence = mixed(&[&debited(captured(1))]);
    evidence.entries.retain(|entry| !matches!(entry.kind.as_str(), "payout" | "fee_returned"));
    let found = prove(&evidence).differences;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|one| one.provider.as_deref() == Some("gocardless")), "{found:?}");
    assert!(found[0].what.contains("lack their payout, -10.00 GBP"), "{found:?}");
    assert!(found[1].what.contains("-0.60 GBP as the fee of POGCpi_1/fees, and gocardless has -0.54 GBP"));
    evidence.entries.retain(|entry| entry.kind != "fee" || !entry.reference.starts_with("PO"));
    evidence.is_strict = false;
    assert_eq!(prove(&evidence).differences, [], "the reconciler may not have run yet");
    evidence.now_ms = AT.plus(BOOKED_WITHIN).as_millis() + 1;
    evidence.entries.retain(|entry| entry.kind != "fee");
    assert!(prove(&evidence).differences.iter().any(|one| one.provider.as_deref() == Some("gocardless")));
}
