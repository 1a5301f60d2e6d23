//! SNS, and what arrives in the queues behind it.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use aws_sdk_sqs::types::Message;
use contracts::topology::Topology;

use crate::setup::{Clients, Stack, TOPIC, code};

const BODY: &str = r#"{"id":"e1","type":"x","donation_id":"d1","note":"<&>\"é\u2028"}"#;

fn attribute(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().unwrap()
}

async fn publish(clients: &Clients, kind: &str) -> String {
    let publish = clients.sns.publish().topic_arn(TOPIC).message(BODY);
    let publish = publish.message_attributes("type", attribute(kind));
    let sent = publish.message_attributes("donation_id", attribute("d1")).send().await.unwrap();
    sent.message_id.unwrap()
}

async fn take(clients: &Clients, queue: &str) -> Vec<Message> {
    let receive =
        clients.sqs.receive_message().queue_url(clients.queue_url(queue)).max_number_of_messages(10);
    receive.message_attribute_names("All").send().await.unwrap().messages.unwrap_or_default()
}

/// Which queues the topology sends an event type to.
fn wanted(kind: &str) -> BTreeSet<String> {
    let wants = |filter: &BTreeMap<String, Vec<String>>| {
        filter.get("type").is_some_and(|kinds| kinds.iter().any(|listed| listed == kind))
    };
    let queues = Topology::shipped().queues.into_iter();
    let through = queues.filter(|(_, queue)| queue.subscription.as_ref().is_some_and(|s| wants(&s.filter)));
    through.map(|(name, _)| name).collect()
}

#[tokio::test]
async fn an_event_reaches_the_queues_that_the_topology_names_and_no_others() {
    let stack = Stack::start().await;
    let rows = [
        ("donation.accepted.v1", vec!["payments"]),
        ("payment.captured.v1", vec!["ledger", "receipts"]),
        ("payment.reversed.v1", vec!["ledger"]),
        ("refund.requested.v1", vec!["refunds"]),
        ("payment.imagined.v1", vec![]),
    ];
    for (kind, queues) in rows {
        assert_eq!(wanted(kind), queues.iter().map(|&queue| queue.to_owned()).collect(), "{kind}");
        publish(&stack.clients, kind).await;
        for queue in Topology::shipped().queues.keys() {
            let messages = take(&stack.clients, queue).await;
            assert_eq!(messages.len(), usize::from(queues.contains(&queue.as_str())), "{kind} in {queue}");
        }
    }
}

#[tokio::test]
async fn raw_delivery_hands_on_the_body_and_the_attributes_as_they_were_published() {
    let stack = Stack::start().await;
    let id = publish(&stack.clients, "donation.accepted.v1").await;
    let message = take(&stack.clients, "payments").await.remove(0);
    assert_eq!(message.body(), Some(BODY));
    assert_ne!(message.message_id(), Some(id.as_str()), "the queue's message has an id of its own");
    let attributes = message.message_attributes.unwrap();
    assert_eq!(attributes.len(), 2);
    assert_eq!(attributes["type"].string_value(), Some("donation.accepted.v1"));
    assert_eq!(attributes["donation_id"].string_value(), Some("d1"));
    assert_eq!(attributes["type"].data_type(), "String");
    let kinds: Vec<String> = stack.aws.activity("d1").unwrap().into_iter().map(|a| a.kind).collect();
    assert_eq!(kinds, ["sns.published", "sqs.sent", "sqs.received"]);
}

#[tokio::test]
async fn each_entry_of_a_batch_is_answered_by_itself() {
    let stack = Stack::start().await;
    let entry = |id: &str, message: &str| {
        let entry = PublishBatchRequestEntry::builder().id(id).message(message);
        entry.message_attributes("type", attribute("donation.accepted.v1")).build().unwrap()
    };
    let batch = stack.clients.sns.publish_batch().topic_arn(TOPIC);
    let batch = batch.publish_batch_request_entries(entry("a", "one"));
    let batch = batch.publish_batch_request_entries(entry("b", "\u{1}"));
    let batch = batch.publish_batch_request_entries(entry("c", ""));
    let answer = batch.send().await.unwrap();
    let bodies: Vec<_> = take(&stack.clients, "payments").await.into_iter().filter_map(|m| m.body).collect();
    assert_eq!(bodies, ["one"]);
    assert!(answer.successful().iter().any(|entry| entry.id() == Some("a")));
    assert!(answer.failed().iter().any(|entry| entry.id() == "c" && entry.sender_fault()));
}

#[tokio::test]
async fn what_sns_refuses_is_refused_and_reaches_no_queue() {
    let stack = Stack::start().await;
    let to = |topic: &str, message: &str| {
        let publish = stack.clients.sns.publish().topic_arn(topic).message(message);
        publish.message_attributes("type", attribute("donation.accepted.v1")).send()
    };
    let unknown = to("arn:aws:sns:eu-west-2:000000000000:other", "x").await.unwrap_err();
    assert_eq!(code(&unknown), "NotFound");
    assert_eq!(code(&to(TOPIC, "").await.unwrap_err()), "InvalidParameter");
    assert_eq!(code(&to(TOPIC, &"x".repeat(256 * 1024 + 1)).await.unwrap_err()), "InvalidParameter");
    assert!(take(&stack.clients, "payments").await.is_empty());
}

#[tokio::test]
async fn an_eleventh_attribute_sends_the_message_to_the_dead_letters() {
    let stack = Stack::start().await;
    let mut publish = stack.clients.sns.publish().topic_arn(TOPIC).message(BODY);
    for number in 0..10 {
        publish = publish.message_attributes(format!("a{number}"), attribute("v"));
    }
    publish.message_attributes("type", attribute("donation.accepted.v1")).send().await.unwrap();
    assert!(take(&stack.clients, "payments").await.is_empty());
    let letters = take(&stack.clients, "payments-dead-letters").await;
    assert!(letters[0].body().unwrap().contains("donation.accepted.v1"));
}
