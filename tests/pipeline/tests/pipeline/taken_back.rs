//! Direct debits that a bank takes back, before anybody heard of them or again and again.

use serde_json::{Value, json};

use crate::direct_debits::{Debit, NOBODYS, PATIENCE, kinds, quietly, stray, until_booked};
use crate::stack::Stack;

const PAYOUTS: &str = "/_sandbox/gocardless/payouts";

/// Has everything paid out that has come, for which there has to be more than what was taken back.
async fn pay_out(stack: &Stack, amount: &str) {
    Debit::captured(stack, amount).await;
    stack.control(PAYOUTS, &json!({})).await;
}

async fn orphans(stack: &Stack) -> Vec<Value> {
    let mut work = stack.all("stored/work").await;
    work.retain(|item| item["kind"] == "orphan_payment");
    work
}

#[tokio::test]
async fn what_was_taken_back_before_anybody_heard_of_it_is_booked_or_reported_once_and_is_no_fault() {
    let stack = Stack::start().await;
    let (charged_back, late) = (Debit::of(&stack, "81.00").await, Debit::of(&stack, "82.00").await);
    stack.no_webhooks().await;
    let strays = [stray(&stack, 8_300, None).await, stray(&stack, 8_400, Some(NOBODYS)).await];
    let all = [charged_back.payment.as_str(), late.payment.as_str(), strays[0].as_str(), strays[1].as_str()];
    for payment in all {
        quietly(&stack, payment, &["submitted", "confirmed"]).await;
    }
    stack.control_quietly(PAYOUTS, &json!({})).await;
    for (payment, to) in all.into_iter().zip(["charged_back", "late_failure", "charged_back", "late_failure"])
    {
        quietly(&stack, payment, &[to]).await;
    }
    pay_out(&stack, "900.00").await;
    // Each run ends without a fault.
    for _ in 0..2 {
        stack.reconcile().await;
    }
    for debit in [&charged_back, &late] {
        until_booked(&stack, debit, &["capture", "dispute_lost", "dispute_opened"]).await;
        let seen = stack.seen_by_donor(&debit.accepted).await;
        assert_eq!((&seen["status"], &seen["money_taken"]), (&json!("dispute_lost"), &json!("returned")));
        stack.until_settled(std::slice::from_ref(&debit.accepted), PATIENCE).await;
    }
    let reported = orphans(&stack).await;
    assert_eq!(reported.len(), 2, "{reported:?}");
    let (code, finding) = stack.proof(&["--strict"]).await;
    assert_eq!(code, 1, "two captures are nobody's: {finding}");
    for item in &reported {
        let id = item["id"].as_str().unwrap();
        let close = ["work", "close", id, "--note", "came and went", "--by", "finance@charity.example"];
        assert_eq!(stack.run_command(&close).await.code, Some(0));
    }
    stack.assert_proven(&["--strict"]).await;
}

#[tokio::test]
async fn a_chargeback_that_is_cancelled_and_made_again_is_booked_each_time_however_often_it_is_told() {
    let stack = Stack::start().await;
    let [once, again] = [Debit::captured(&stack, "85.00").await, Debit::captured(&stack, "86.00").await];
    stack.control(PAYOUTS, &json!({})).await;
    for debit in [&once, &again] {
        debit.moves(&stack, "charged_back").await;
        stack.until_status(&debit.accepted, "dispute_lost", PATIENCE).await;
        debit.moves(&stack, "chargeback_cancelled").await;
        let seen = stack.until_status(&debit.accepted, "captured", PATIENCE).await;
        assert_eq!(seen["money_taken"], "yes");
        until_booked(&stack, debit, &["capture", "dispute_lost", "dispute_opened", "dispute_won"]).await;
    }
    pay_out(&stack, "400.00").await;
    again.moves(&stack, "charged_back").await;
    stack.until_status(&again.accepted, "dispute_lost", PATIENCE).await;
    let twice =
        ["capture", "dispute_lost", "dispute_lost", "dispute_opened", "dispute_opened", "dispute_won"];
    until_booked(&stack, &again, &twice).await;
    pay_out(&stack, "401.00").await;
    // Everything is told twice more, in any sequence.
    stack.control("/_sandbox/gocardless/storm", &json!({ "copies": 2, "seed": 7 })).await;
    stack
        .until("the storm to be over", PATIENCE, async || {
            let queues = stack.local("queues").await;
            let waiting =
                |queue: &Value| queue["visible"].as_u64().unwrap() + queue["in_flight"].as_u64().unwrap();
            (queues.as_array().unwrap().iter().map(waiting).sum::<u64>() == 0).then_some(())
        })
        .await;
    for debit in [&once, &again] {
        stack.until_settled(std::slice::from_ref(&debit.accepted), PATIENCE).await;
    }
    assert_eq!(kinds(&stack, &once).await, ["capture", "dispute_lost", "dispute_opened", "dispute_won"]);
    assert_eq!(kinds(&stack, &again).await, twice);
    stack.reconcile().await;
    stack.assert_proven(&["--strict"]).await;
}

#[tokio::test]
async fn a_return_that_no_webhook_told_is_found_when_the_money_is_paid_out_again() {
    let stack = Stack::start().await;
    let debit = Debit::captured(&stack, "87.00").await;
    stack.control(PAYOUTS, &json!({})).await;
    debit.moves(&stack, "charged_back").await;
    stack.until_status(&debit.accepted, "dispute_lost", PATIENCE).await;
    debit.moves_quietly(&stack, &["chargeback_cancelled"]).await;
    let other = Debit::captured(&stack, "88.00").await;
    stack.control_quietly(PAYOUTS, &json!({})).await;
    stack.reconcile().await;
    until_booked(&stack, &debit, &["capture", "dispute_lost", "dispute_opened", "dispute_won"]).await;
    stack.until_settled(&[debit.accepted, other.accepted], PATIENCE).await;
    stack.assert_proven(&["--strict"]).await;
}
