//! Payouts that come back from the bank long after the reconciler looked at them last.

use serde_json::{Value, json};

use crate::direct_debits::{Debit, PATIENCE};
use crate::stack::{Offer, Stack};

/// Longer than the reconciler looks back.
const DAYS: &str = "5d";

/// References of the entries of a kind, sorted.
async fn booked(stack: &Stack, kind: &str) -> Vec<String> {
    let entries = stack.all("stored/entries").await;
    let of_kind = entries.iter().filter(|entry| entry["kind"] == kind);
    let mut names: Vec<_> = of_kind.map(|entry| entry["reference"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

async fn reported(stack: &Stack) -> Vec<Value> {
    let mut work = stack.all("stored/work").await;
    work.retain(|item| item["kind"] == "payout_failed");
    work.into_iter().map(|mut item| item["reference"].take()).collect()
}

#[tokio::test]
async fn an_old_payout_of_gocardless_that_bounces_is_booked_back_and_booked_again_when_it_is_sent_again() {
    let stack = Stack::start().await;
    let debit = Debit::captured(&stack, "91.00").await;
    let payout = stack.control("/_sandbox/gocardless/payouts", &json!({})).await;
    let payout = payout["payouts"]["id"].as_str().unwrap().to_owned();
    stack.until_settled(std::slice::from_ref(&debit.accepted), PATIENCE).await;
    stack.reconcile().await;
    assert_eq!(booked(&stack, "payout").await, [payout.as_str()]);
    stack.advance(DAYS).await;

    let path = format!("/_sandbox/gocardless/payouts/{payout}");
    stack.control(&path, &json!({ "to": "bounced" })).await;
    stack.reconcile().await;
    assert_eq!(booked(&stack, "payout_failed").await, [payout.as_str()]);
    assert_eq!(reported(&stack).await, [json!(payout)]);
    stack.assert_proven(&["--strict"]).await;

    stack.advance(DAYS).await;
    stack.control_quietly(&path, &json!({ "to": "paid" })).await;
    for _ in 0..2 {
        stack.reconcile().await;
    }
    assert_eq!(booked(&stack, "payout").await, [payout.clone(), format!("{payout}/2")]);
    assert_eq!(booked(&stack, "payout_failed").await.len(), 1);
    stack.assert_proven(&["--strict"]).await;
    // And once more, in one go.
    stack.control_quietly(&path, &json!({ "to": "bounced" })).await;
    stack.reconcile().await;
    assert_eq!(booked(&stack, "payout_failed").await, [payout.clone(), format!("{payout}/2")]);
    assert_eq!(reported(&stack).await.len(), 2);
    stack.assert_proven(&["--strict"]).await;
}

#[tokio::test]
async fn an_old_payout_of_stripe_that_fails_is_booked_back_by_the_line_that_its_failure_adds() {
    let stack = Stack::start().await;
    let card = stack.accepted(&Offer::of("92.00")).await;
    stack.until_settled(std::slice::from_ref(&card), PATIENCE).await;
    let made = stack.control("/_sandbox/payouts", &json!({ "include_pending": true })).await;
    let payout = made["data"][0]["id"].as_str().unwrap().to_owned();
    stack.reconcile().await;
    stack.advance(DAYS).await;
    stack.control_quietly(&format!("/_sandbox/payouts/{payout}"), &json!({ "status": "failed" })).await;
    stack.reconcile().await;
    assert_eq!(booked(&stack, "payout_failed").await, [payout.as_str()]);
    assert_eq!(reported(&stack).await, [json!(payout)]);
    stack.assert_proven(&["--strict"]).await;
}
