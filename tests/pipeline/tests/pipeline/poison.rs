//! Messages that can never succeed, among those that can.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::parked::Message;
use crate::stack::{Offer, Options, Stack, topology};

const PATIENCE: Duration = Duration::from_secs(120);
const BATCHES: usize = 100;
/// Of a donation's form, and nobody's.
const NOBODYS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

#[tokio::test]
async fn a_poison_message_in_every_batch_of_ten_harms_only_itself() {
    // A busy machine must not make messages come back that nothing is wrong with.
    let mut topology = topology::quick();
    topology["queues"]["ledger"]["visibility_timeout_seconds"] = json!(300);
    let stack = Stack::start_with(Options { topology, ..Options::default() }).await;
    let mut accepted = Vec::new();
    for _ in 0..9 {
        accepted.push(stack.accepted(&Offer::of("46.00")).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
    stack.until_queues_empty(PATIENCE).await;
    let poison = [
        (Message::raw("payment.captured.v1", "not JSON"), "not a message of the expected type"),
        (Message::raw("payment.captured.v1", "{}"), "not a message of the expected type"),
        (Message::about(NOBODYS, "payment.minted.v1"), "not a message of the expected type"),
        (Message::about("Not An Id", "payment.captured.v1"), "donation_id is malformed"),
        (Message::about(NOBODYS, "payment.captured.v1"), "is not in the store"),
    ];
    let good = accepted.iter().map(|one| Message::about(&one.id, "payment.captured.v1"));
    let good: Vec<Message> = good.collect();
    let mut before = Vec::new();
    for one in &accepted {
        before.push(at_the_ledger(&stack, &one.id).await);
    }
    let mut bad_ids = Vec::new();
    for batch in 0..BATCHES {
        let mut ten = good.clone();
        ten.insert(batch % 10, poison[batch % poison.len()].0.clone());
        let ids = stack.put("ledger", &ten).await;
        bad_ids.push(ids[batch % 10].clone());
    }
    stack.until_queues_empty(PATIENCE).await;

    for (one, (received, deleted)) in accepted.iter().zip(before) {
        let (received_now, deleted_now) = at_the_ledger(&stack, &one.id).await;
        let received_now = &received_now[received.len()..];
        let counts = (received_now.len(), deleted_now.len() - deleted.len());
        assert_eq!(counts, (BATCHES, BATCHES), "{}: {received_now:?}", one.id);
        assert!(received_now.iter().all(|detail| detail.ends_with("receive 1")), "{received_now:?}");
        stack.assert_captured_once(one).await;
    }
    let parked = stack.all("parked").await;
    assert_eq!(parked.len(), BATCHES);
    for (_, reason) in &poison {
        let of_reason = |one: &&Value| one["reason"].as_str().unwrap().contains(reason);
        assert!(parked.iter().filter(of_reason).count() >= BATCHES / poison.len(), "{reason}: {parked:?}");
    }
    for one in &parked {
        assert_eq!((&one["queue"], &one["receives"]), (&"ledger".into(), &0.into()), "{one}");
        assert!(!bad_ids.contains(&one["id"].as_str().unwrap().to_owned()), "a parked message is a new one");
    }
}

/// The ledger's receipts and deletions of a donation's messages, oldest first.
async fn at_the_ledger(stack: &Stack, id: &str) -> (Vec<String>, Vec<String>) {
    let timeline = stack.local(&format!("donations/{id}/timeline")).await;
    let details = |what: &str| {
        let of_what = timeline.as_array().unwrap().iter().filter(|one| one["what"] == what);
        let details = of_what.map(|one| one["detail"].as_str().unwrap().to_owned());
        details.filter(|detail| detail.starts_with("ledger ")).collect()
    };
    (details("sqs.received"), details("sqs.deleted"))
}
