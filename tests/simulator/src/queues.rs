//! Queues and topic by the rules of SQS and SNS, set up as the topology says.

use std::sync::OnceLock;

use domain::time::Timestamp;
use queue_model::policy::FilterPolicy;
use queue_model::{
    Attribute, Attributes, Model, Outgoing, Publication, QueueSettings, Received, Redrive, Subscription,
};

use crate::functions::topology;

/// The one topic.
const TOPIC: &str = "events";
/// Marks ids of messages; it takes no part in what happens.
const IDS: u64 = 20_261_120;

/// Every queue, its dead-letter queue, and the topic.
#[derive(Debug)]
pub(crate) struct Queues(Model);

/// The dead-letter queue of a queue.
pub(crate) fn dead_letters(queue: &str) -> String {
    format!("{queue}-dead-letters")
}

fn empty() -> Model {
    let mut model = Model::new(IDS).without_changes();
    model.create_topic(TOPIC, "events").expect("the model is empty");
    for (name, queue) in &topology().queues {
        let settings = |redrive| QueueSettings {
            arn: name.clone(),
            visibility_timeout_seconds: queue.visibility_timeout_seconds,
            retention_seconds: queue.retention_seconds,
            delay_seconds: 0,
            redrive,
        };
        let redrive =
            Redrive { dead_letters: dead_letters(name), receive_count_max: queue.receive_count_max };
        model.create_queue(&dead_letters(name), settings(None)).expect("the topology fits SQS");
        model.create_queue(name, settings(Some(redrive))).expect("the topology fits SQS");
        if let Some(subscription) = &queue.subscription {
            let filter = serde_json::to_string(&subscription.filter).expect("maps of texts are JSON");
            let filter = FilterPolicy::parse(&filter).expect("the topology's filters are filter policies");
            let subscription = Subscription {
                queue: name.clone(),
                filter: Some(filter),
                raw_delivery: subscription.raw_delivery,
                dead_letters: None,
            };
            model.subscribe(TOPIC, subscription).expect("both are there");
        }
    }
    model
}

impl Queues {
    /// Empty queues.
    pub(crate) fn new() -> Self {
        static EMPTY: OnceLock<Model> = OnceLock::new();
        Self(EMPTY.get_or_init(empty).clone())
    }

    /// The names of the queues, without the dead-letter queues.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        topology().queues.keys().map(String::as_str)
    }

    /// Publishes an event of this type, and gives the queues that it reached.
    pub(crate) fn publish(&mut self, kind: &str, body: &str, donation: &str, now: Timestamp) -> Vec<String> {
        let attributes = Attributes::from([
            ("type".to_owned(), Attribute::text(kind)),
            ("donation_id".to_owned(), Attribute::text(donation)),
        ]);
        let publication = Publication { message: body.to_owned(), attributes, ..Publication::default() };
        let published = self.0.publish(TOPIC, &publication, now.as_millis());
        published.expect("our events fit SNS").delivered
    }

    /// Sends a message to a queue.
    pub(crate) fn send(&mut self, queue: &str, body: &str, attributes: Attributes, now: Timestamp) {
        let outgoing = Outgoing { body: body.to_owned(), attributes, ..Outgoing::default() };
        self.0.send(queue, outgoing, now.as_millis()).expect("our messages fit SQS");
    }

    /// Receives a batch, hidden for the queue's own time or a shorter one.
    pub(crate) fn receive(
        &mut self,
        queue: &str,
        most: u32,
        hidden_seconds: Option<u32>,
        now: Timestamp,
    ) -> Vec<Received> {
        let received = self.0.receive(queue, most, hidden_seconds, now.as_millis());
        received.expect("the batch is of one to ten messages")
    }

    /// Deletes a message that was handled.
    pub(crate) fn delete(&mut self, queue: &str, receipt: &str) {
        self.0.delete(queue, receipt).expect("the receipt is one of the queue's own");
    }

    /// When a hidden message of the queue becomes visible.
    pub(crate) fn next_visible_at(&self, queue: &str, now: Timestamp) -> Option<Timestamp> {
        let next = self.0.next_visible_at(queue, now.as_millis()).expect("the queue is there");
        next.map(Timestamp::from_millis)
    }

    /// Bodies and text attributes of every message in a queue.
    pub(crate) fn contents(&self, queue: &str, now: Timestamp) -> Vec<String> {
        let entries = self.0.entries(queue, now.as_millis()).expect("the queue is there");
        let texts = entries.map(|entry| {
            let attributes = entry.message.attributes.values().filter_map(Attribute::as_text);
            attributes.fold(entry.message.body.clone(), |text, attribute| text + " " + attribute)
        });
        texts.collect()
    }

    /// Whether a queue has no message at all, visible or hidden.
    pub(crate) fn is_empty(&self, queue: &str, now: Timestamp) -> bool {
        self.0.entries(queue, now.as_millis()).expect("the queue is there").next().is_none()
    }

    /// Sends everything in a queue's dead-letter queue back to it, and says how many messages that were.
    pub(crate) fn redrive(&mut self, queue: &str, now: Timestamp) -> usize {
        let task = self.0.start_move(&dead_letters(queue), Some(queue), now.as_millis());
        task.expect("every queue has a dead-letter queue").moved
    }
}
