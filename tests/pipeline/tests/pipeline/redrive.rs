//! Every message of a run again, from the dead-letter queues, weeks later.

use std::time::Duration;

use contracts::providers::STRIPE_EVENTS;
use serde_json::{Value, json};

use crate::stack::api::send;
use crate::stack::parked::Message;
use crate::stack::{Offer, Stack};

const PATIENCE: Duration = Duration::from_secs(120);
const TIMES: usize = 3;

#[tokio::test]
async fn every_message_of_a_run_replayed_three_times_after_two_weeks_changes_nothing() {
    let stack = Stack::start().await;
    run(&stack).await;
    stack.reconcile().await;
    stack.advance("14d").await;
    stack.until_queues_empty(PATIENCE).await;
    let before = snapshot(&stack).await;
    let mut sent = 0;
    for (queue, messages) in messages(&stack).await {
        let mut copies: Vec<Message> = std::iter::repeat_n(messages, TIMES).flatten().collect();
        shuffle(&mut copies);
        sent += copies.len();
        stack.put(&format!("{queue}-dead-letters"), &copies).await;
    }
    assert_eq!(stack.all("parked").await.len(), sent);
    assert!(sent > 20 * TIMES, "{sent}");
    for queue in ["receipts", "notifications", "ledger", "payments"] {
        let out = stack.parked_well(&["replay", "--all", queue, "--by", "Ada Example"]).await;
        assert!(out.contains("messages sent back"), "{out}");
    }
    stack.until_queues_empty(PATIENCE).await;
    assert_eq!(stack.dead_letters().await, 0, "{:?}", stack.all("parked").await);
    assert_eq!(snapshot(&stack).await, before);
    assert_eq!(stack.all("parked/audit").await.len(), sent);
    stack.assert_proven(&[]).await;
}

/// Captured in several ways, declined, and given back.
async fn run(stack: &Stack) {
    let mut accepted = Vec::new();
    for amount in ["31.00", "32.00", "666.03", "666.11", "666.13"] {
        accepted.push(stack.accepted(&Offer::of(amount)).await);
    }
    accepted.push(stack.accepted(&Offer::of("33.00").token("pm_card_visa_chargeDeclined")).await);
    accepted.push(stack.accepted(&Offer::of("34.00")).await);
    stack.until_settled(&accepted, PATIENCE).await;
    let returned = accepted.last().unwrap();
    let reference = stack.captures_of(&returned.id).await[0]["reference"].as_str().unwrap().to_owned();
    stack.call_provider("/v1/refunds", &[("payment_intent", &reference)]).await;
    stack.until_status(returned, "refunded", PATIENCE).await;
    stack.until_settled(&accepted, PATIENCE).await;
    stack
        .until("every webhook delivered", PATIENCE, async || {
            events(stack).await.iter().all(|event| event["pending_webhooks"] == 0).then_some(())
        })
        .await;
    stack.until_queues_empty(PATIENCE).await;
}

/// Every message that the run sent, by queue: what the timelines tell of, and the webhooks that were
/// delivered.
async fn messages(stack: &Stack) -> Vec<(String, Vec<Message>)> {
    let mut by_queue: Vec<(String, Vec<Message>)> = Vec::new();
    let mut add = |queue: &str, message: Message| match by_queue.iter_mut().find(|(name, _)| name == queue) {
        Some((_, messages)) => messages.push(message),
        None => by_queue.push((queue.to_owned(), vec![message])),
    };
    for donation in stack.all("stored/donations").await {
        let id = donation["id"].as_str().unwrap();
        let timeline = stack.local(&format!("donations/{id}/timeline")).await;
        for sent in timeline.as_array().unwrap().iter().filter(|one| one["what"] == "sqs.sent") {
            let mut words = sent["detail"].as_str().unwrap().split(' ');
            let (queue, kind) = (words.next().unwrap(), words.next().unwrap());
            add(queue, Message::about(id, kind.to_owned().leak()));
        }
    }
    for event in events(stack).await {
        if STRIPE_EVENTS.contains(&event["type"].as_str().unwrap()) {
            add("notifications", Message::of_webhook(event["id"].as_str().unwrap()));
        }
    }
    by_queue
}

/// All that must not change.
async fn snapshot(stack: &Stack) -> Value {
    let mut all = json!({});
    for list in ["stored/donations", "stored/entries", "payments", "refunds"] {
        let mut items = stack.all(list).await;
        items.sort_by_key(ToString::to_string);
        all[list] = items.into();
    }
    all["mails"] = stack.local("mails").await;
    let url = format!("{}/_sandbox/requests?limit=1000", stack.provider_url);
    let log: Value = stack.http.get(url).send().await.unwrap().json().await.unwrap();
    let writes = log["data"].as_array().unwrap().iter().filter(|one| one["method"] == "POST").cloned();
    all["writes at the provider"] = writes.collect();
    all
}

async fn events(stack: &Stack) -> Vec<Value> {
    let request = stack.http.get(format!("{}/v1/events?limit=100", stack.provider_url));
    let list = send(request.bearer_auth(stack.secret("sandbox_api_key"))).await;
    assert_eq!(list.body["has_more"], false);
    list.body["data"].as_array().unwrap().clone()
}

/// The same every time, and far from the sequence in which things happened (Knuth's multiplier, Fisher and
/// Yates).
fn shuffle<T>(items: &mut [T]) {
    let mut state = 20_261_120_u64;
    for last in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap() % (last + 1);
        items.swap(last, other);
    }
}
