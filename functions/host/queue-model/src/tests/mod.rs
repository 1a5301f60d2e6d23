//! Tests of the rules, one file for each part of them.

mod messages;
mod parked;
mod policies;
mod properties;
mod queues;
mod redrive;
mod restore;
mod topics;

use crate::{Attribute, Attributes, Model, Outgoing, QueueSettings, Received, Redrive};

/// A time to start from: 2026-11-20, 20:00 UTC.
const NOW: u64 = 1_795_204_800_000;
const SECOND: u64 = 1000;

/// A model with queue `payments` (30 s hidden, three receives) and its dead-letter queue.
fn model() -> Model {
    let mut model = Model::new(7);
    model.create_queue("payments-dead-letters", settings("payments-dead-letters", None)).unwrap();
    let redrive = Redrive { dead_letters: "payments-dead-letters".to_owned(), receive_count_max: 3 };
    model.create_queue("payments", settings("payments", Some(redrive))).unwrap();
    model
}

fn settings(name: &str, redrive: Option<Redrive>) -> QueueSettings {
    QueueSettings {
        arn: format!("arn:aws:sqs:eu-west-2:000000000000:{name}"),
        visibility_timeout_seconds: 30,
        retention_seconds: 345_600,
        delay_seconds: 0,
        redrive,
    }
}

fn message(body: &str) -> Outgoing {
    Outgoing { body: body.to_owned(), sender: "AIDAEXAMPLE".to_owned(), ..Outgoing::default() }
}

fn attributes(pairs: &[(&str, &str)]) -> Attributes {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Attribute::text(*value))).collect()
}

/// Receives up to ten messages of `payments`.
fn receive(model: &mut Model, now_ms: u64) -> Vec<Received> {
    model.receive("payments", 10, None, now_ms).unwrap()
}

/// Receives the one message that `payments` must have.
fn receive_one(model: &mut Model, now_ms: u64) -> Received {
    let mut received = receive(model, now_ms);
    assert_eq!(received.len(), 1, "exactly one message is visible");
    received.remove(0)
}
