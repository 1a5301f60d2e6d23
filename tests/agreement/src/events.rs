//! `events/asyncapi.yaml`, the schema of each message, and the types that the functions publish and read.

use std::collections::{BTreeMap, BTreeSet};

use contracts::events::{DonationEvent, DonationEventType, WebhookReceived, WebhookReceivedType};
use contracts::time::{from_rfc3339, to_rfc3339};
use contracts::topology::Topology;
use domain::ids::{DonationId, NotificationId, Provider};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::files::{document, examples, names_in};
use crate::generated;
use crate::http::written_again;
use crate::schemas::{assert_valid, validator};

const WEBHOOK_RECEIVED: &str = "webhook.received.v1";

/// Every message type by name.
fn types() -> Vec<&'static str> {
    DonationEventType::ALL.into_iter().map(DonationEventType::name).chain([WEBHOOK_RECEIVED]).collect()
}

/// Reads a message of this type with all that its reader checks.
fn read(kind: &str, message: &Value) -> Result<(), String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    if kind == WEBHOOK_RECEIVED {
        let message: WebhookReceived =
            serde_json::from_value(message.clone()).map_err(|error| words(&error))?;
        Provider::parse(&message.provider).map_err(|error| words(&error))?;
        NotificationId::parse(&message.notification_id).map_err(|error| words(&error))?;
        return from_rfc3339(&message.occurred_at).map(drop).map_err(|error| words(&error));
    }
    let message: DonationEvent = serde_json::from_value(message.clone()).map_err(|error| words(&error))?;
    if message.kind.name() != kind {
        return Err("another type".to_owned());
    }
    DonationId::parse(&message.donation_id).map_err(|error| words(&error))?;
    from_rfc3339(&message.occurred_at).map(drop).map_err(|error| words(&error))
}

#[test]
fn every_type_has_a_schema_and_examples_and_there_are_no_others() {
    let mut types = types();
    types.sort_unstable();
    let files = names_in("events").into_iter().filter(|name| name != "asyncapi.yaml" && name != "examples");
    assert_eq!(
        files.collect::<Vec<_>>(),
        types.iter().map(|kind| format!("{kind}.json")).collect::<Vec<_>>()
    );
    for folder in ["valid", "invalid"] {
        assert_eq!(names_in(&format!("events/examples/{folder}")), types, "{folder}");
    }
}

#[test]
fn every_name_is_spelt_the_same_everywhere() {
    for kind in DonationEventType::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
    assert_eq!(serde_json::to_value(WebhookReceivedType::WebhookReceivedV1).unwrap(), WEBHOOK_RECEIVED);
    for kind in types() {
        assert_eq!(document(&format!("events/{kind}.json"))["properties"]["type"]["const"], kind);
    }
}

#[test]
fn every_valid_example_fits_its_schema_and_comes_back_as_it_was() {
    for kind in types() {
        let schema = validator(&format!("events/{kind}.json"));
        for (name, message) in examples(&format!("events/examples/valid/{kind}")) {
            assert_valid(&schema, &name, &message);
            assert_eq!(read(kind, &message), Ok(()), "{kind}/{name}");
            let written = if kind == WEBHOOK_RECEIVED {
                written_again::<WebhookReceived>(&name, &message)
            } else {
                written_again::<DonationEvent>(&name, &message)
            };
            assert_eq!(written, message, "{kind}/{name}");
        }
    }
}

#[test]
fn every_invalid_example_is_refused_by_schema_and_reader() {
    for kind in types() {
        let schema = validator(&format!("events/{kind}.json"));
        for (name, message) in examples(&format!("events/examples/invalid/{kind}")) {
            assert!(!schema.is_valid(&message), "{kind}/{name} fits its schema");
            // Nobody reads a message's own id but people who follow it through the logs.
            assert_eq!(read(kind, &message).is_ok(), name == "id-is-not-version-7", "{kind}/{name}");
        }
    }
}

#[test]
fn every_field_is_described_and_every_described_field_exists() {
    for kind in types() {
        let described = document(&format!("events/{kind}.json"));
        let described: BTreeSet<_> = described["properties"].as_object().unwrap().keys().cloned().collect();
        let traced = document(&format!("events/examples/valid/{kind}/traced.json"));
        assert_eq!(described, traced.as_object().unwrap().keys().cloned().collect(), "{kind}");
    }
}

#[test]
fn a_reader_ignores_fields_that_it_does_not_know() {
    for kind in types() {
        let mut message = document(&format!("events/examples/valid/{kind}/untraced.json"));
        message["added_later"] = json!(1);
        assert_valid(&validator(&format!("events/{kind}.json")), kind, &message);
        assert_eq!(read(kind, &message), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_event_that_can_be_published_fits_its_schema(
        kind in proptest::sample::select(&DonationEventType::ALL[..]),
        donation in generated::ids(),
        moment in generated::moments(),
        id in "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        traceparent in proptest::option::of("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
    ) {
        let occurred_at = to_rfc3339(moment);
        prop_assert_eq!(from_rfc3339(&occurred_at), Ok(moment));
        let event = DonationEvent { id, kind, donation_id: donation.to_string(), occurred_at, traceparent };
        let event = serde_json::to_value(event).unwrap();
        assert_valid(&validator(&format!("events/{}.json", kind.name())), kind.name(), &event);
        prop_assert_eq!(read(kind.name(), &event), Ok(()));
    }
}

/// Names of the messages of each channel.
fn channels() -> BTreeMap<String, BTreeSet<String>> {
    let api = document("events/asyncapi.yaml");
    let channels = api["channels"].as_object().unwrap();
    channels
        .iter()
        .map(|(name, channel)| {
            assert_eq!(channel["address"], *name);
            let messages = channel["messages"].as_object().unwrap();
            for (message, reference) in messages {
                assert_eq!(reference["$ref"], format!("#/components/messages/{message}"));
            }
            (name.clone(), messages.keys().cloned().collect())
        })
        .collect()
}

#[test]
fn every_channel_carries_what_the_topology_lets_through() {
    let topology = Topology::shipped();
    let all: BTreeSet<_> = DonationEventType::ALL.map(|kind| kind.name().to_owned()).into();
    let mut expected: BTreeMap<String, BTreeSet<String>> =
        topology.topics.keys().map(|topic| (topic.clone(), all.clone())).collect();
    for (name, queue) in &topology.queues {
        let messages = match &queue.subscription {
            Some(subscription) => {
                assert_eq!(subscription.filter.keys().collect::<Vec<_>>(), ["type"], "{name}");
                subscription.filter["type"].iter().cloned().collect()
            }
            None => BTreeSet::from([WEBHOOK_RECEIVED.to_owned()]),
        };
        expected.insert(name.clone(), messages);
    }
    assert_eq!(channels(), expected);
}

#[test]
fn every_message_of_the_document_has_its_schema() {
    let messages = document("events/asyncapi.yaml")["components"]["messages"].clone();
    let messages: BTreeMap<_, _> = messages
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, message)| (name.clone(), message["payload"]["$ref"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(
        messages,
        types().into_iter().map(|kind| (kind.to_owned(), format!("./{kind}.json"))).collect()
    );
}

#[test]
fn every_operation_is_allowed_by_the_topology_and_every_allowed_one_is_described() {
    let topology = Topology::shipped();
    let mut expected = BTreeSet::new();
    for (name, function) in &topology.functions {
        if let Some(queue) = &function.queue {
            expected.insert((format!("{name}.consume"), "receive".to_owned(), queue.name.clone()));
        }
        for resource in function.actions.keys() {
            if let Some(("topic" | "queue", target)) = resource.split_once(':') {
                expected.insert((format!("{name}.publish"), "send".to_owned(), target.to_owned()));
            }
        }
    }
    let operations = document("events/asyncapi.yaml")["operations"].clone();
    let described: BTreeSet<_> = operations
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, operation)| {
            let channel = operation["channel"]["$ref"].as_str().unwrap().trim_start_matches("#/channels/");
            for message in operation["messages"].as_array().into_iter().flatten() {
                let message = message["$ref"].as_str().unwrap();
                let message = message.strip_prefix(&format!("#/channels/{channel}/messages/")).unwrap();
                assert!(channels()[channel].contains(message), "{name}: {message}");
            }
            (name.clone(), operation["action"].as_str().unwrap().to_owned(), channel.to_owned())
        })
        .collect();
    assert_eq!(described, expected);
}
