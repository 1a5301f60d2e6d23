//! Events and messages over SNS and SQS: exactly the queues that subscribe, the bare body, exactly these
//! attributes.
//!
//! For everything that speaks the two protocols; a queue here is one of the topology as shipped.

use std::collections::{BTreeMap, BTreeSet};

use app::ports::{DonationEventKind, Events, NotificationQueue};
use contracts::events::{DonationEvent, DonationEventType};
use domain::ids::Provider;
use serde_json::Value;

use super::dead_letters::DeadLettersWorld;
use super::events::{EventsWorld, KINDS, check};
use super::notification_queue::NotificationQueueWorld;
use crate::fixtures::donations::id;
use crate::fixtures::notification_id;

/// The topic and all the queues of the topology, dead-letter queues among them.
pub(crate) trait DeliveryWorld: EventsWorld + NotificationQueueWorld + DeadLettersWorld {
    /// Every queue, by its name in the topology.
    fn queues(&self) -> Vec<String>;

    /// Receives and deletes what is in a queue now.
    async fn receive(&self, queue: &str) -> Vec<Message>;
}

/// A message as a receiver sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) body: String,
    /// Type and text of each attribute.
    pub(crate) attributes: BTreeMap<String, (String, String)>,
}

/// Holds an adapter to this suite.
macro_rules! delivery {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, delivery:
            each_event_arrives_in_the_queues_that_want_it_and_in_no_other,
            an_event_arrives_without_an_envelope,
            an_event_has_the_two_attributes_that_subscriptions_and_receivers_read,
            a_queued_notification_is_in_its_queue_alone_and_bare,
            a_parked_message_is_in_its_dead_letter_queue_alone,
            a_reason_is_cut_and_cleaned_until_it_can_be_carried,
            a_newer_reason_replaces_the_older_one,
        }
    };
}
pub(crate) use delivery;

/// Which queues want which events: the rule itself, not the file that is tested.
fn wanted_by(kind: DonationEventKind) -> &'static [&'static str] {
    match kind {
        DonationEventKind::DonationAccepted => &["payments"],
        DonationEventKind::PaymentCaptured => &["ledger", "receipts"],
        DonationEventKind::PaymentReversed => &["ledger"],
        DonationEventKind::RefundRequested => &["refunds"],
    }
}

pub(crate) async fn each_event_arrives_in_the_queues_that_want_it_and_in_no_other(
    world: &impl DeliveryWorld,
) {
    for (kind, _) in KINDS {
        world.events().publish(kind, &id(1)).await.unwrap();
        let arrived = arrivals(world, wanted_by(kind).len()).await;
        let queues: Vec<_> = arrived.iter().map(|(queue, _)| queue.as_str()).collect();
        assert_eq!(queues, wanted_by(kind), "{kind:?}");
        let bodies: BTreeSet<_> = arrived.iter().map(|(_, message)| &message.body).collect();
        assert_eq!(bodies.len(), 1, "every queue gets the same message");
    }
}

pub(crate) async fn an_event_arrives_without_an_envelope(world: &impl DeliveryWorld) {
    for (kind, announced_as) in KINDS {
        world.events().publish(kind, &id(1)).await.unwrap();
        let arrived = arrivals(world, wanted_by(kind).len()).await;
        let body: Value = serde_json::from_str(&arrived[0].1.body).unwrap();
        let fields: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["donation_id", "id", "occurred_at", "type"]);
        let event: DonationEvent = serde_json::from_value(body).unwrap();
        check(&event, &id(1));
        assert_eq!(event.kind, announced_as);
    }
}

pub(crate) async fn an_event_has_the_two_attributes_that_subscriptions_and_receivers_read(
    world: &impl DeliveryWorld,
) {
    for (kind, announced_as) in KINDS {
        world.events().publish(kind, &id(1)).await.unwrap();
        for (_, message) in arrivals(world, wanted_by(kind).len()).await {
            let expected =
                [("donation_id", id(1).as_str().to_owned()), ("type", spelt(announced_as).to_owned())];
            let expected = expected.map(|(name, value)| (name.to_owned(), ("String".to_owned(), value)));
            assert_eq!(message.attributes, BTreeMap::from(expected));
        }
    }
}

/// The types as `events/asyncapi.yaml` spells them.
fn spelt(kind: DonationEventType) -> &'static str {
    match kind {
        DonationEventType::DonationAcceptedV1 => "donation.accepted.v1",
        DonationEventType::PaymentCapturedV1 => "payment.captured.v1",
        DonationEventType::PaymentReversedV1 => "payment.reversed.v1",
        DonationEventType::RefundRequestedV1 => "refund.requested.v1",
    }
}

pub(crate) async fn a_queued_notification_is_in_its_queue_alone_and_bare(world: &impl DeliveryWorld) {
    world.notification_queue().enqueue(Provider::STRIPE, &notification_id(1)).await.unwrap();
    let arrived = arrivals(world, 1).await;
    assert_eq!(arrived.len(), 1);
    let (queue, message) = &arrived[0];
    assert_eq!(queue, "notifications");
    assert_eq!(message.attributes, BTreeMap::new());
    let body: Value = serde_json::from_str(&message.body).unwrap();
    let fields: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["id", "notification_id", "occurred_at", "provider", "type"]);
    assert_eq!(body["type"], "webhook.received.v1");
}

pub(crate) async fn a_parked_message_is_in_its_dead_letter_queue_alone(world: &impl DeliveryWorld) {
    let attributes = BTreeMap::from([("type".to_owned(), "payment.captured.v1".to_owned())]);
    world.park("{}", &attributes, "no such donation").await.unwrap();
    let arrived = arrivals(world, 1).await;
    assert_eq!(arrived.len(), 1);
    assert_eq!(arrived[0].0, "payments-dead-letters");
    let attributes = [("parked_reason", "no such donation"), ("type", "payment.captured.v1")];
    let attributes =
        attributes.map(|(name, value)| (name.to_owned(), ("String".to_owned(), value.to_owned())));
    assert_eq!(arrived[0].1.attributes, BTreeMap::from(attributes));
}

pub(crate) async fn a_reason_is_cut_and_cleaned_until_it_can_be_carried(world: &impl DeliveryWorld) {
    let long = "é".repeat(2_000);
    let reasons = [
        ("a\u{0}b\u{1f}c\u{fffe}d\u{ffff}e\tf\ng", "abcde\tf\ng".to_owned()),
        ("", "no reason was given".to_owned()),
        ("\u{0}", "no reason was given".to_owned()),
        (long.as_str(), "é".repeat(512)),
    ];
    for (reason, expected) in reasons {
        world.park("{}", &BTreeMap::new(), reason).await.unwrap();
        assert_eq!(world.parked(1).await[0].reason, expected);
    }
}

pub(crate) async fn a_newer_reason_replaces_the_older_one(world: &impl DeliveryWorld) {
    let attributes = BTreeMap::from([("parked_reason".to_owned(), "older".to_owned())]);
    world.park("{}", &attributes, "newer").await.unwrap();
    let parked = world.parked(1).await.remove(0);
    assert_eq!((parked.reason.as_str(), parked.attributes), ("newer", BTreeMap::new()));
}

/// Everything in every queue, in order of their names, once at least `count` messages are there.
async fn arrivals(world: &impl DeliveryWorld, count: usize) -> Vec<(String, Message)> {
    let mut arrived = Vec::new();
    for _ in 0..100 {
        for queue in world.queues() {
            arrived.extend(world.receive(&queue).await.into_iter().map(|message| (queue.clone(), message)));
        }
        if arrived.len() >= count {
            arrived.sort_by(|one, other| one.0.cmp(&other.0));
            return arrived;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{} of {count} messages arrived", arrived.len());
}
