//! The provider's balance.

use domain::ids::Provider;
use domain::journal::{Movement, MovementCause};
use domain::takings::DisputeStatus;
use domain::time::Span;

use super::super::{BOOKED_WITHIN, Evidence, prove};
use super::differs_at_large;
use super::samples::{
    AT, FEE, agreed, balance, captured, captured_twice, disputed, failed, fee, gave_back, movement, pence,
    posted, reference, refunded,
};
use contracts::stored::EntryItem;

/// Adds a line to the balance that nobody has booked.
fn moves(evidence: &mut Evidence, category: &str, source: &str, minor: i64, fee_minor: u64) {
    evidence.movements.push(movement(evidence.movements.len(), category, source, minor, fee_minor));
    evidence.balances = vec![balance(evidence)];
}

fn payout() -> EntryItem {
    let movement = Movement {
        reference: reference("txn_payout"),
        cause: MovementCause::Payout { payout: reference("po_1"), amount: pence(1_000) },
        fee: None,
        fee_returned: None,
        settled_with: None,
        donation: None,
        appeal: None,
        occurred_at: AT,
    };
    posted(movement.entries(Provider::STRIPE).remove(0))
}

#[test]
fn once_everything_is_booked_the_ledger_holds_what_the_provider_holds() {
    let donations = [
        captured(1),
        gave_back(2),
        refunded(3, 700, failed(3)),
        disputed(4, DisputeStatus::Open),
        disputed(5, DisputeStatus::Won),
        disputed(6, DisputeStatus::Lost),
        captured_twice(7),
    ];
    let mut evidence = agreed(&donations.each_ref());
    evidence.entries.push(payout());
    moves(&mut evidence, "payout", "po_1", -1_000, 0);
    evidence.is_strict = true;
    let proof = prove(&evidence);
    assert_eq!(proof.differences, []);
    let [balance] = proof.balances.as_slice() else { panic!("{:?}", proof.balances) };
    // Eight charges with their fees, a refund, three disputes with theirs of which one was won, and a
    // payout.
    let held = 8 * (2_500 - i128::from(FEE)) - 2_500 - 3 * 4_500 + 2_500 - 1_000;
    assert_eq!((balance.ledger, balance.unbooked, balance.provider_says), (held, 0, held));
}

#[test]
fn fees_and_payouts_that_are_not_booked_yet_are_counted_and_become_differences_with_age_or_on_demand() {
    let mut evidence = agreed(&[&captured(1), &captured(2)]);
    evidence.entries.retain(|entry| entry.kind != "fee");
    moves(&mut evidence, "payout", "po_1", -1_000, 0);
    let proof = prove(&evidence);
    assert_eq!(proof.differences, []);
    let unbooked = -2 * i128::from(FEE) - 1_000;
    assert_eq!((proof.counts.unbooked_movements, proof.balances[0].unbooked), (3, unbooked));

    evidence.now_ms = AT.plus(BOOKED_WITHIN).as_millis();
    assert_eq!(prove(&evidence).differences, []);
    evidence.now_ms += 1;
    let late = prove(&evidence).differences;
    assert_eq!(late.len(), 2, "{late:?}");
    assert!(late[0].what.contains("1 movements of stripe lack their payout, -10.00 GBP"), "{late:?}");
    assert!(late[1].what.contains("2 movements of stripe lack their fee, -1.16 GBP"), "{late:?}");

    evidence.now_ms = AT.plus(Span::minutes(1)).as_millis();
    evidence.is_strict = true;
    assert_eq!(prove(&evidence).differences.len(), 2);
}

#[test]
fn what_nobody_can_explain_must_lie_in_suspense() {
    differs_at_large("lack their suspense, 3.00 GBP", |evidence| {
        evidence.is_strict = true;
        moves(evidence, "invented_category", "inv_1", 300, 0);
    });
}

#[test]
fn a_booking_that_the_provider_does_not_list_is_found() {
    differs_at_large("and stripe lists no such movement", |evidence| evidence.entries.push(fee("txn_99")));
    differs_at_large("and stripe lists no such movement", |evidence| evidence.entries.push(payout()));
}

#[test]
fn a_booking_of_another_amount_is_found() {
    differs_at_large("-10.00 GBP as the payout of po_1, and stripe has -9.00 GBP", |evidence| {
        evidence.entries.push(payout());
        moves(evidence, "payout", "po_1", -900, 0);
    });
}

#[test]
fn a_balance_that_the_list_does_not_explain_is_found() {
    differs_at_large("stripe holds", |evidence| evidence.balances[0].minor += 1);
    differs_at_large("stripe holds", |evidence| evidence.balances.clear());
}

#[test]
fn a_balance_that_is_shared_with_strangers_is_not_compared() {
    let mut evidence = agreed(&[&captured(1)]);
    evidence.balances[0].minor += 1;
    evidence.provider_is_ours_alone = false;
    let proof = prove(&evidence);
    assert_eq!((proof.differences.len(), proof.balances.len()), (0, 0));
}
