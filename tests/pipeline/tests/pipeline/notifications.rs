//! Webhooks: twice, in the wrong sequence, late, forged, and about money given back.

use std::time::Duration;

use contracts::providers::STRIPE_EVENTS;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::stack::api::{Answer, send};
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
async fn a_forged_or_stale_webhook_is_refused_and_changes_nothing() {
    let stack = Stack::start().await;
    let captured = stack.accepted(&Offer::of("61.00")).await;
    stack.until_settled(std::slice::from_ref(&captured), PATIENCE).await;
    until_delivered(&stack).await;
    let waiting = stack.accepted(&Offer::of("62.00").token("pm_card_threeDSecure2Required")).await;
    stack.until_status(&waiting, "action_required", PATIENCE).await;

    let real =
        events(&stack).await.into_iter().find(|event| event["type"] == "payment_intent.succeeded").unwrap();
    let mut lie = real.clone();
    lie["id"] = json!("evt_forged0000000000000001");
    lie["data"]["object"]["metadata"]["donation_id"] = json!(waiting.id);
    lie["data"]["object"]["amount_received"] = json!(6_200);
    let (real, lie) = (real.to_string(), lie.to_string());
    let now = jiff::Timestamp::now().as_second();
    let secret = stack.secret("webhook_secret");
    let before = stack.stored(&waiting.id).await;
    for signature in [
        signature(now, &lie, "whsec_of_somebody_else"),
        signature(now, &real, &secret),
        signature(now - 301, &lie, &secret),
        signature(now + 301, &lie, &secret),
        signature(now, &lie, ""),
        String::new(),
        format!("t={now},v1="),
    ] {
        let refused = deliver(&stack, "stripe", &signature, &lie).await;
        refused.assert_problem(400, "unverified-webhook", Some("stripe-signature"));
    }
    deliver(&stack, "paypal", &signature(now, &lie, &secret), &lie).await.assert_problem(
        404,
        "not-found",
        None,
    );
    // The same way in is open to what is signed: the refusals above are the signatures' doing.
    let repeated = deliver(&stack, "stripe", &signature(now, &real, &secret), &real).await;
    assert_eq!(repeated.status, 200, "{repeated:?}");
    until_idle(&stack).await;
    assert_eq!(stack.stored(&waiting.id).await, before);
    stack.assert_captured_once(&captured).await;
    assert_eq!(stack.dead_letters().await, 0);
    let counts = stack.assert_proven(&[]).await;
    assert_eq!((&counts["captured"], &counts["action_required"]), (&1.into(), &1.into()));
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
async fn until_delivered(stack: &Stack) {
    stack
        .until("every webhook delivered", PATIENCE, async || {
            let pending = events(stack).await.iter().any(|event| event["pending_webhooks"] != 0);
            (!pending).then_some(())
        })
        .await;
    until_idle(stack).await;
}

/// Waits until no notification waits to be applied.
async fn until_idle(stack: &Stack) {
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
async fn events(stack: &Stack) -> Vec<Value> {
    let request = stack.http.get(format!("{}/v1/events?limit=100", stack.provider_url));
    let list = send(request.bearer_auth(stack.secret("sandbox_api_key"))).await;
    list.body["data"].as_array().unwrap().clone()
}

async fn deliver(stack: &Stack, provider: &str, signature: &str, body: &str) -> Answer {
    let request = stack.http.post(format!("{}/webhooks/{provider}", stack.url));
    send(request.header("stripe-signature", signature).body(body.to_owned())).await
}

/// `Stripe-Signature` as docs.stripe.com/webhooks/signature has it.
fn signature(seconds: i64, body: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}
