//! SQS's own rules that the pipeline stands on, over its protocol: what is received is hidden, what is not
//! deleted comes back, and what comes back too often is set aside.
//!
//! Source: the SQS developer guide, "Visibility timeout" and "Dead-letter queues".

use std::time::Duration;

use contracts::topology::Topology;

use crate::adapters::queues::{OverQueues, Queues};

/// Holds an implementation of SQS to this suite.
macro_rules! queue_rules {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, queue_rules:
            a_received_message_is_hidden_until_it_is_given_back,
            a_deleted_message_never_comes_back,
            a_message_that_comes_back_too_often_is_set_aside_unchanged,
            each_receive_gives_a_handle_of_its_own_and_the_latest_deletes,
            a_batch_is_at_most_ten_messages,
        }
    };
}
pub(crate) use queue_rules;

const QUEUE: &str = "payments";
const DEAD_LETTERS: &str = "payments-dead-letters";

/// A message as it was received.
struct Received {
    body: String,
    receipt: String,
    /// How often it was received, this time included.
    count: u32,
    /// The text of its attribute `type`.
    kind: Option<String>,
}

pub(crate) async fn a_received_message_is_hidden_until_it_is_given_back(world: &impl OverQueues) {
    let queues = world.over_queues();
    send(queues, "one").await;
    for count in 1..=3 {
        let received = receive_one(queues, QUEUE).await;
        assert_eq!((received.body.as_str(), received.count), ("one", count));
        assert!(receive(queues, QUEUE).await.is_empty());
        give_back(queues, &received.receipt).await;
    }
}

pub(crate) async fn a_deleted_message_never_comes_back(world: &impl OverQueues) {
    let queues = world.over_queues();
    for body in ["one", "two"] {
        send(queues, body).await;
    }
    let received = receive_until(queues, 2).await;
    let kept = usize::from(received[0].body == "one");
    delete(queues, &received[1 - kept].receipt).await;
    give_back(queues, &received[kept].receipt).await;
    assert_eq!(receive_one(queues, QUEUE).await.body, received[kept].body);
    assert!(receive(queues, QUEUE).await.is_empty());
}

pub(crate) async fn a_message_that_comes_back_too_often_is_set_aside_unchanged(world: &impl OverQueues) {
    let queues = world.over_queues();
    let receives_max = Topology::shipped().queues[QUEUE].receive_count_max;
    send(queues, "poison").await;
    for count in 1..=receives_max {
        assert!(receive(queues, DEAD_LETTERS).await.is_empty());
        let received = receive_one(queues, QUEUE).await;
        assert_eq!(received.count, count);
        give_back(queues, &received.receipt).await;
    }
    assert!(receive(queues, QUEUE).await.is_empty(), "it is handed out once too often");
    let dead = receive_one(queues, DEAD_LETTERS).await;
    assert_eq!((dead.body.as_str(), dead.kind.as_deref()), ("poison", Some("invented.v1")));
}

pub(crate) async fn each_receive_gives_a_handle_of_its_own_and_the_latest_deletes(world: &impl OverQueues) {
    let queues = world.over_queues();
    send(queues, "one").await;
    let first = receive_one(queues, QUEUE).await;
    give_back(queues, &first.receipt).await;
    let second = receive_one(queues, QUEUE).await;
    assert_ne!(first.receipt, second.receipt);
    delete(queues, &second.receipt).await;
    assert!(receive(queues, QUEUE).await.is_empty());
}

pub(crate) async fn a_batch_is_at_most_ten_messages(world: &impl OverQueues) {
    let queues = world.over_queues();
    for number in 0..12 {
        send(queues, &format!("message {number}")).await;
    }
    let first = receive(queues, QUEUE).await.len();
    assert!((1..=10).contains(&first), "{first}");
    assert_eq!(receive_until(queues, 12 - first).await.len(), 12 - first);
    let (sqs, url) = (queues.aws.sqs(), &queues.urls[QUEUE]);
    let eleven = sqs.receive_message().queue_url(url).max_number_of_messages(11).send().await;
    eleven.unwrap_err();
}

async fn send(queues: &Queues, body: &str) {
    let attribute = aws_sdk_sqs::types::MessageAttributeValue::builder();
    let attribute = attribute.data_type("String").string_value("invented.v1").build().unwrap();
    let send = queues.aws.sqs().send_message().queue_url(&queues.urls[QUEUE]);
    send.message_body(body).message_attributes("type", attribute).send().await.unwrap();
}

async fn receive(queues: &Queues, queue: &str) -> Vec<Received> {
    let receive =
        queues.aws.sqs().receive_message().queue_url(&queues.urls[queue]).max_number_of_messages(10);
    let receive = receive.message_attribute_names("All");
    let receive = receive.message_system_attribute_names("ApproximateReceiveCount".into());
    let answer = receive.send().await.unwrap();
    let received = |message: aws_sdk_sqs::types::Message| {
        let counts = message.attributes.unwrap();
        let attributes = message.message_attributes.unwrap_or_default();
        Received {
            body: message.body.unwrap(),
            receipt: message.receipt_handle.unwrap(),
            count: counts[&"ApproximateReceiveCount".into()].parse().unwrap(),
            kind: attributes.get("type").and_then(|attribute| attribute.string_value.clone()),
        }
    };
    answer.messages.unwrap_or_default().into_iter().map(received).collect()
}

/// Receives from the queue until so many messages have come; they stay hidden.
async fn receive_until(queues: &Queues, count: usize) -> Vec<Received> {
    let mut all = Vec::new();
    for _ in 0..100 {
        all.extend(receive(queues, QUEUE).await);
        if all.len() >= count {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} of {count} messages came", all.len());
}

async fn receive_one(queues: &Queues, queue: &str) -> Received {
    let mut received = receive(queues, queue).await;
    assert_eq!(received.len(), 1, "{queue}");
    received.remove(0)
}

async fn give_back(queues: &Queues, receipt: &str) {
    let change = queues.aws.sqs().change_message_visibility().queue_url(&queues.urls[QUEUE]);
    change.receipt_handle(receipt).visibility_timeout(0).send().await.unwrap();
}

async fn delete(queues: &Queues, receipt: &str) {
    let delete = queues.aws.sqs().delete_message().queue_url(&queues.urls[QUEUE]);
    delete.receipt_handle(receipt).send().await.unwrap();
}
