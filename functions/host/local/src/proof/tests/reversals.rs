//! Money given back: refunds and disputes.

use domain::donation::Donation;
use domain::journal::EntryKind;
use domain::takings::{DisputeStatus, RefundState};

use super::super::{Evidence, Sums, prove};
use super::samples::{agreed, captured, disputed, entry, failed, gave_back, reference, refunded, succeeded};
use super::{differs, differs_on};
use crate::operator::provider::stripe::refund_means;
use crate::operator::view::ProviderRefund;

fn sums(donation: &Donation, effect: &str) -> Sums {
    let proof = prove(&agreed(&[donation]));
    assert_eq!(proof.differences, []);
    proof.totals["GBP"].effects[effect]
}

fn each(minor: u64) -> Sums {
    Sums { donations: minor, ledger: minor, provider: minor }
}

#[test]
fn refunds_are_summed_by_all_three_and_a_failed_one_went_there_and_back() {
    assert_eq!(sums(&refunded(1, 700, succeeded(1)), "refund"), each(700));
    let failed = refunded(1, 700, failed(1));
    assert_eq!((sums(&failed, "refund"), sums(&failed, "refund_failed")), (each(700), each(700)));
}

#[test]
fn disputes_are_summed_by_all_three() {
    assert_eq!(sums(&disputed(1, DisputeStatus::Open), "dispute_opened"), each(2_500));
    assert_eq!(sums(&disputed(1, DisputeStatus::Won), "dispute_won"), each(2_500));
    assert_eq!(sums(&disputed(1, DisputeStatus::Lost), "dispute_lost"), each(2_500));
    for status in [DisputeStatus::Inquiry, DisputeStatus::InquiryClosed] {
        let proof = prove(&agreed(&[&disputed(1, status)]));
        assert_eq!(proof.differences, []);
        assert!(!proof.totals["GBP"].effects.contains_key("dispute_opened"));
    }
}

fn refund(minor: u64, status: &str) -> ProviderRefund {
    ProviderRefund {
        provider: "stripe".to_owned(),
        reference: "re_1".to_owned(),
        payment: Some("pi_1".to_owned()),
        status: status.to_owned(),
        means: refund_means(status).map(str::to_owned),
        minor,
        currency: "GBP".to_owned(),
    }
}

#[test]
fn money_given_back_behind_our_back_is_found() {
    for (minor, status) in [(2_500, "succeeded"), (100, "succeeded"), (100, "pending"), (100, "failed")] {
        differs("re_1", |_, evidence| evidence.refunds.push(refund(minor, status)));
    }
}

#[test]
fn a_refund_must_stand_alike_on_both_sides() {
    let donation = gave_back(1);
    differs_on(&donation, "the provider has no refund re_1", |evidence| evidence.refunds.clear());
    for status in ["pending", "failed", "canceled", "invented"] {
        differs_on(&donation, "counts as succeeded", |evidence| {
            evidence.refunds[0].means = refund_means(status).map(str::to_owned);
        });
    }
    differs_on(&donation, "of another amount", |evidence| evidence.refunds[0].minor = 2_499);
    differs_on(&donation, "of another amount", |evidence| {
        evidence.refunds[0].payment = Some("pi_other".to_owned());
    });
    differs_on(&donation, "lacks the entry of its refund re_1", |evidence| {
        let lost = entry(&gave_back(1), EntryKind::Refund);
        evidence.entries.retain(|entry| *entry != lost);
    });
}

#[test]
fn a_refund_under_way_is_shown_and_what_the_provider_set_aside_for_it_is_not_booked_yet() {
    let pending = refunded(1, 700, RefundState::Pending { reference: reference("re_1") });
    let mut evidence = agreed(&[&pending]);
    // A bank may take days.
    evidence.now_ms += 5 * 86_400_000;
    let proof = prove(&evidence);
    assert_eq!(proof.differences, []);
    assert_eq!((proof.refunds_under_way.len(), proof.balances[0].unbooked), (1, -700));
    let requested = prove(&agreed(&[&refunded(1, 700, RefundState::Requested)]));
    assert_eq!((requested.differences.len(), requested.refunds_under_way.len()), (0, 1));
    differs_on(&pending, "counts as pending", |evidence| {
        evidence.refunds[0].means = Some("succeeded".to_owned());
    });
}

#[test]
fn a_refund_that_the_provider_refused_to_make_is_nowhere_there() {
    let refused = refunded(
        1,
        700,
        RefundState::Failed { reference: None, left_at: super::samples::AT, at: super::samples::AT },
    );
    assert_eq!(prove(&agreed(&[&refused])).differences, []);
}

#[test]
fn a_dispute_must_stand_alike_on_both_sides() {
    let donation = disputed(1, DisputeStatus::Open);
    let differs = |words, change: fn(&mut Evidence)| differs_on(&donation, words, change);
    differs("the provider has no dispute du_1", |evidence| evidence.disputes.clear());
    differs("counts as open", |evidence| evidence.disputes[0].means = Some("lost".to_owned()));
    differs("counts as open", |evidence| evidence.disputes[0].means = None);
    differs("taken another amount or fee", |evidence| evidence.disputes[0].withdrawn = None);
    differs("taken another amount or fee", |evidence| {
        evidence.disputes[0].withdrawn.as_mut().unwrap().fee_minor = 0;
    });
    differs("put back another amount or fee", |evidence| {
        evidence.disputes[0].reinstated = evidence.disputes[0].withdrawn;
    });
}

#[test]
fn a_dispute_that_the_donation_does_not_have_is_found() {
    let disputed = agreed(&[&disputed(1, DisputeStatus::Open)]);
    differs_on(&captured(1), "which the donation does not have", |evidence| {
        evidence.disputes = disputed.disputes;
    });
}
