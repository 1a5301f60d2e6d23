//! Webhooks on both sides of a move of the clock.

use std::time::Duration;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::stack::api::send;
use crate::stack::door::{Door, Side};
use crate::stack::{Offer, Options, Stack};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_webhook_that_the_move_breaks_off_is_delivered_again_with_a_fresh_signature() {
    let mut door = Door::of("receive-webhook").await;
    let options = Options::default().bootstrap(door.bootstrap()).set("FIRST_CHECK_SECONDS", "86400");
    let stack = Stack::start_with(options).await;
    door.hold(Side::Before, &["PutItem"]);
    let accepted = stack.accepted(&Offer::of("44.00")).await;
    door.until_struck().await;
    // Whoever holds an invocation for longer than the grace of a move loses it.
    stack.advance("1h").await;
    door.open();
    stack
        .until("every webhook delivered", PATIENCE, async || {
            events(&stack).await.iter().all(|event| event["pending_webhooks"] == 0).then_some(())
        })
        .await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
    stack.reconcile().await;
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn a_signature_of_before_the_move_is_stale_and_one_of_after_it_is_not() {
    let stack = Stack::start().await;
    let accepted = stack.accepted(&Offer::of("45.00")).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    let events = events(&stack).await;
    let event = events.iter().find(|event| event["type"] == "payment_intent.succeeded").unwrap();
    let (body, before) = (event.to_string(), stack.clock().await["now_ms"].as_i64().unwrap() / 1_000);
    stack.advance("6m").await;
    assert_eq!(deliver(&stack, before, &body).await, 400);
    let now = stack.clock().await["now_ms"].as_i64().unwrap() / 1_000;
    assert_eq!(deliver(&stack, now, &body).await, 200);
    let machine = jiff::Timestamp::now().as_second();
    assert_eq!(deliver(&stack, machine, &body).await, 400, "the machine's time is of no account");
    stack.until_queues_empty(PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
}

async fn events(stack: &Stack) -> Vec<Value> {
    let request = stack.http.get(format!("{}/v1/events?limit=100", stack.provider_url));
    let list = send(request.bearer_auth(stack.secret("sandbox_api_key"))).await;
    list.body["data"].as_array().unwrap().clone()
}

/// Delivers a webhook that was signed at a moment, and gives the status of the answer.
async fn deliver(stack: &Stack, seconds: i64, body: &str) -> u16 {
    let mut mac = Hmac::<Sha256>::new_from_slice(stack.secret("webhook_secret").as_bytes()).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    let signature = format!("t={seconds},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
    let request = stack.http.post(format!("{}/webhooks/stripe", stack.url));
    send(request.header("stripe-signature", signature).body(body.to_owned())).await.status
}
