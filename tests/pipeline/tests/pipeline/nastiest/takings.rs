//! What takes money in spite of everything.

use serde_json::{Value, json};

use super::{PATIENCE, settled, until_settled, until_spent};
use crate::stack::{Accepted, Offer, Options, Stack, found};
use crate::three_d_secure::{ASKS, at_the_bank, press};

const CALL_OFF: &str = "/v1/payment_intents/*/cancel";

/// Given donors who leave the bank's question unanswered until their payments are called off.
/// When one confirms while the call-off is under way, and when nobody knows what became of a call-off.
/// Then "already succeeded" is a capture, an unknown call-off is asked again under its key and ends as what the
/// provider says, and none of them is ever charged anew.
#[tokio::test]
async fn scenario_09_cancel_races_capture() {
    // Webhooks meet a route that is not there.
    let mut options = Options::default();
    options.topology["functions"]["receive-webhook"]["http"][0]["path"] = json!("/elsewhere/{provider}");
    let stack = Stack::start_with(options).await;

    let (raced, page) = called_off_under(&stack, "latency=7000").await;
    press(&stack, &page, "complete").await;
    assert_captured(&stack, &raced).await;

    let (called_off, _) = called_off_under(&stack, "capture-then-reset").await;
    stack.until_queues_empty(PATIENCE).await;
    assert_eq!(stack.seen_by_donor(&called_off).await["status"], "action_required");
    stack.advance("10m").await;
    let seen = stack.until_status(&called_off, "declined", PATIENCE).await;
    assert_eq!(seen["money_taken"], "no");
    until_settled(&stack, &called_off).await;
    assert_eq!(stack.charges_of(&called_off.id).await.len(), 1);
    let keys: Vec<Value> = cancellations(&stack, &called_off).await;
    assert!(keys.len() > 1 && keys.iter().all(|key| *key == keys[0] && key.is_string()), "{keys:?}");

    let (slipped_through, page) = called_off_under(&stack, "reset-before").await;
    press(&stack, &page, "complete").await;
    stack.until_queues_empty(PATIENCE).await;
    assert_eq!(stack.seen_by_donor(&slipped_through).await["status"], "action_required");
    stack.advance("10m").await;
    assert_captured(&stack, &slipped_through).await;
    stack.assert_proven(&[]).await;
}

/// A donation that waits for its donor until it is called off, and whose call-off meets this fault.
async fn called_off_under(stack: &Stack, fault: &str) -> (Accepted, String) {
    let (accepted, page) = at_the_bank(stack, ASKS).await;
    stack.fault(json!({ "name": fault, "count": 1, "path": CALL_OFF })).await;
    stack.advance("31m").await;
    until_spent(stack, fault).await;
    (accepted, page)
}

async fn assert_captured(stack: &Stack, accepted: &Accepted) {
    stack.until_status(accepted, "captured", PATIENCE).await;
    until_settled(stack, accepted).await;
    stack.assert_captured_once(accepted).await;
    assert_eq!(stack.charges_of(&accepted.id).await.len(), 1);
}

/// The keys of the requests to call the donation's payment off.
async fn cancellations(stack: &Stack, accepted: &Accepted) -> Vec<Value> {
    let charges = stack.charges_of(&accepted.id).await;
    let path = format!("/v1/payment_intents/{}/cancel", charges[0]["payment_intent"].as_str().unwrap());
    let requests = stack.requests().await;
    requests.iter().filter(|one| one["path"] == *path).map(|one| one["idempotency_key"].clone()).collect()
}

/// Given a provider that takes the money of one donation twice, against all that it promises.
/// When it tells of the second capture.
/// Then both are booked, the newer goes back at once and is booked too, every entry balances, and somebody is alarmed.
#[tokio::test]
async fn scenario_10_two_captures_anyway() {
    let stack = Stack::start().await;
    let accepted = settled(&stack, &Offer::of("42.00")).await;
    let first = stack.captures_of(&accepted.id).await.remove(0);
    let path = format!("/_sandbox/payment_intents/{}", first["reference"].as_str().unwrap());
    // The provider's moments are whole seconds.
    stack.advance("2").await;
    stack.control(&path, &json!({ "capture_again": true })).await;
    stack
        .until("the second capture to be booked and gone back", PATIENCE, async || {
            (kinds(&stack, &accepted).await == ["capture", "capture", "refund"]).then_some(())
        })
        .await;
    until_settled(&stack, &accepted).await;
    let refunds = stack.all("refunds").await;
    assert_eq!(refunds.len(), 1, "{refunds:?}");
    assert_ne!(refunds[0]["payment"], first["reference"], "the newer one goes back");
    assert_eq!(refunds[0]["minor"], 4_200);
    for entry in stack.entries_of(&accepted.id).await {
        let lines = entry["lines"].as_array().unwrap();
        let sum = |side: &str| -> u64 {
            let of_side = lines.iter().filter(|line| line["side"] == side);
            of_side.map(|line| line["minor"].as_u64().unwrap()).sum()
        };
        assert_eq!((sum("debit"), sum("credit")), (4_200, 4_200), "{entry}");
    }
    let seen = stack.seen_by_donor(&accepted).await;
    assert_eq!((&seen["status"], &seen["money_taken"]), (&json!("captured"), &json!("yes")));
    assert_eq!(stack.mails_of(&accepted.id).await.len(), 1);
    let log = stack.data().join("logs/apply-notification.log");
    assert_eq!(found::held(&log, ["\"alarm\":\"second-capture\""]).len(), 1, "{}", stack.tail());
    stack.assert_proven(&[]).await;
}

/// Kinds of the donation's entries, sorted.
async fn kinds(stack: &Stack, accepted: &Accepted) -> Vec<String> {
    let entries = stack.entries_of(&accepted.id).await;
    let mut kinds: Vec<_> = entries.iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}
