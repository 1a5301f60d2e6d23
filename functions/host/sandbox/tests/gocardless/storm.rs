use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{MANDATE, kind};
use crate::fixtures::{SECRET, start_for};
use crate::receiver::{Delivered, Receiver};

/// How often each event has come.
fn counted(events: &[Value]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        *counts.entry(event["id"].to_string()).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn a_storm_tells_everything_again_out_of_sequence_in_signed_batches() {
    let receiver = Receiver::start().await;
    let sandbox = start_for(&receiver).await;
    for number in 0..5 {
        let id = sandbox.pay(&format!("key-{number}"), 2_500, MANDATE).await;
        sandbox.move_to(&id, "confirmed").await;
    }
    receiver.wait_for_events(15).await;
    let quiet = receiver.delivered().len();
    let body = json!({ "copies": 3, "batch": 10, "seed": 7 });
    let raised = sandbox.control("gocardless/storm", &body).await.with(200);
    assert_eq!(raised, json!({ "events": 15, "copies": 3, "batches": 5 }));
    receiver.wait_for(quiet + 5).await;
    let storm = receiver.delivered().split_off(quiet);
    assert!(storm.iter().all(|batch| batch.signature == batch.expected(SECRET)));
    let events: Vec<Value> = storm.iter().flat_map(Delivered::events).collect();
    assert_eq!(counted(&events).into_values().collect::<Vec<_>>(), [3; 15]);
    let first: Vec<String> = storm[0].events().iter().map(kind).collect();
    assert_ne!(first.iter().filter(|&kind| kind == "payments.created").count(), 10, "{first:?}");
}

#[tokio::test]
async fn a_storm_may_be_about_one_payment() {
    let receiver = Receiver::start().await;
    let sandbox = start_for(&receiver).await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    sandbox.pay("key-1", 2_500, MANDATE).await;
    receiver.wait_for_events(2).await;
    let raised = sandbox.control("gocardless/storm", &json!({ "payment": id })).await.with(200);
    assert_eq!(raised, json!({ "events": 1, "copies": 2, "batches": 1 }));
    let events = receiver.wait_for_events(4).await;
    let about = events.iter().filter(|event| event["links"]["payment"] == id.as_str()).count();
    assert_eq!(about, 3);
    for wrong in [json!({ "copies": 0 }), json!({ "batch": 251 }), json!({ "copies": 1_000_000 })] {
        assert_eq!(sandbox.control("gocardless/storm", &wrong).await.status, 400);
    }
}

#[tokio::test]
async fn the_storm_of_all_providers_strikes_gocardless_s_endpoints_too() {
    let receiver = Receiver::start().await;
    let sandbox = start_for(&receiver).await;
    sandbox.pay("key-0", 2_500, MANDATE).await;
    receiver.wait_for_events(1).await;
    sandbox.control("storm", &json!({ "seed": 7, "times": 2 })).await.with(200);
    let events = receiver.wait_for_events(3).await;
    assert_eq!(counted(&events).into_values().collect::<Vec<_>>(), [3]);
}
