//! Webhooks: twice, in the wrong sequence, late, forged, and about money given back.

use std::time::Duration;

use contracts::providers::STRIPE_EVENTS;
use serde_json::{Value, json};

use crate::stack::api::send;
use crate::stack::{Offer, Stack};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn webhooks_that_come_twice_in_the_wrong_sequence_or_late_change_nothing_more_than_one_would() {
    let stack = Stack::start().await;
    // With the direct answers lost, all that is known at first comes from the webhooks.
    stack.fault(json!({ "name": "capture-then-reset", "count": 4 })).await;
    let mut accepted = Vec::new();
    // Told twice, in the wrong sequence, five seconds late, and never: the last is found by asking the provider.
    for amount in ["666.11", "666.13", "666.14", "666.12"] {
        accepted.push(stack.accepted(&Offer::of(amount)).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
    until_delivered(&stack).await;
    let told = |event: &&Value| {
        let kind = event["type"].as_str().unwrap();
        STRIPE_EVENTS.contains(&kind) && event["data"]["object"]["amount"] != 66_612
    };
    let told = events(&stack).await.iter().filter(told).count();
    let functions = stack.local("functions").await;
    let receiver =
        functions.as_array().unwrap().iter().find(|one| one["function"] == "receive-webhook").unwrap();
    let deliveries = receiver["invocations"].as_u64().unwrap();
    assert!(deliveries > told as u64, "{deliveries} deliveries of {told} events: one came twice");
    for one in &accepted {
        stack.assert_captured_once(one).await;
    }
    assert_eq!(stack.dead_letters().await, 0);
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn a_refund_at_the_provider_is_booked_once_and_shown_to_the_donor() {
    let stack = Stack::start().await;
    let accepted = stack.accepted(&Offer::of("63.00")).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    let reference = stack.captures_of(&accepted.id).await[0]["reference"].as_str().unwrap().to_owned();
    stack.call_provider("/v1/refunds", &[("payment_intent", &reference)]).await;
    let seen = stack.until_status(&accepted, "refunded", PATIENCE).await;
    assert_eq!(seen["money_taken"], "returned");
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    until_delivered(&stack).await;
    let mut kinds: Vec<Value> =
        stack.entries_of(&accepted.id).await.into_iter().map(|entry| entry["kind"].clone()).collect();
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(kinds, ["capture", "refund"]);
    assert_eq!(stack.mails_of(&accepted.id).await.len(), 1);
    let counts = stack.assert_proven(&[]).await;
    assert_eq!((&counts["captured"], &counts["refunded"]), (&0.into(), &1.into()));
}

/// Waits until every event has been delivered and applied.
pub(crate) async fn until_delivered(stack: &Stack) {
    stack
        .until("every webhook delivered", PATIENCE, async || {
            let pending = events(stack).await.iter().any(|event| event["pending_webhooks"] != 0);
            (!pending).then_some(())
        })
        .await;
    until_idle(stack).await;
}

/// Waits until no notification waits to be applied.
pub(crate) async fn until_idle(stack: &Stack) {
    stack
        .until("every notification applied", PATIENCE, async || {
            let queues = stack.local("queues").await;
            let queue =
                queues.as_array().unwrap().iter().find(|queue| queue["queue"] == "notifications").unwrap();
            (queue["visible"] == 0 && queue["in_flight"] == 0).then_some(())
        })
        .await;
}

/// What the sandbox has to tell.
pub(crate) async fn events(stack: &Stack) -> Vec<Value> {
    let request = stack.http.get(format!("{}/v1/events?limit=100", stack.provider_url));
    let list = send(request.bearer_auth(stack.secret("sandbox_api_key"))).await;
    list.body["data"].as_array().unwrap().clone()
}
