//! `topology.json` keeps the rules that its readers rely on.

use std::collections::{BTreeMap, BTreeSet};

use contracts::topology::Topology;
use serde_json::{Value, json};

use crate::files::document;
use crate::schemas::{assert_valid, validator};

/// The shipped file, changed at one place.
fn with(pointer: &str, value: Value) -> Value {
    let mut topology = document("topology.json");
    *topology.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer}")) = value;
    topology
}

#[test]
fn the_shipped_file_fits_its_schema_and_parses() {
    let shipped: Value = serde_json::from_str(contracts::topology::SHIPPED).unwrap();
    assert_eq!(shipped, document("topology.json"), "the file in the tree is the file in the crate");
    assert_valid(&validator("topology.schema.json"), "topology.json", &shipped);
    Topology::parse(contracts::topology::SHIPPED).unwrap();
}

#[test]
fn a_misspelt_missing_or_senseless_field_is_refused_by_schema_and_type() {
    let schema = validator("topology.schema.json");
    let mut misspelt = document("topology.json");
    misspelt["queues"]["payments"]["visibility_timeout"] = json!(180);
    let mut missing = document("topology.json");
    missing["tables"]["ledger"].as_object_mut().unwrap().remove("holds_donor_data");
    let both = [
        misspelt,
        missing,
        with("/functions/take-payment/timeout_seconds", json!("30")),
        with("/functions/take-payment/timeout_seconds", json!(-30)),
        with("/tables/ledger/sort_key/type", json!("B")),
        with("/tables/donations/indexes/owed/projection", json!("INCLUDE")),
        with("/queues/payments/subscription/filter/type", json!("donation.accepted.v1")),
        with("/functions/request-refund/http/0/authorisation", json!("everybody")),
    ];
    for topology in &both {
        assert!(!schema.is_valid(topology), "{topology}");
        assert!(Topology::parse(&topology.to_string()).is_err(), "{topology}");
    }
    // What the schema alone knows: bounds of AWS, and one trigger for each function.
    let mut two_triggers = document("topology.json");
    two_triggers["functions"]["resume-donations"]["operator"] = json!(true);
    let schema_alone = [
        two_triggers,
        with("/functions/take-payment/timeout_seconds", json!(901)),
        with("/queues/payments/receive_count_max", json!(4)),
        with("/queues/payments/retention_seconds", json!(1_209_601)),
        with("/functions/take-payment/queue/concurrency_max", json!(1)),
        with("/functions/resume-donations/schedule/every_seconds", json!(30)),
        with("/functions/accept-donation/http/0/method", json!("post")),
        with("/queues/payments/environment_key", json!("payments-queue")),
    ];
    for topology in &schema_alone {
        assert!(!schema.is_valid(topology), "{topology}");
    }
}

#[test]
fn a_message_stays_hidden_six_times_as_long_as_its_consumer_may_run() {
    // AWS's own advice for Lambda event source mappings: time for retries of a throttled batch.
    let topology = Topology::shipped();
    for (name, function) in &topology.functions {
        if let Some(trigger) = &function.queue {
            let queue = &topology.queues[&trigger.name];
            assert!(queue.visibility_timeout_seconds >= 6 * function.timeout_seconds, "{name}");
            assert!(queue.receive_count_max >= 5, "{name}");
        }
    }
}

#[test]
fn every_queue_has_one_consumer_and_every_subscription_a_topic() {
    let topology = Topology::shipped();
    let mut consumers: BTreeMap<&str, u32> = BTreeMap::new();
    for trigger in topology.functions.values().filter_map(|function| function.queue.as_ref()) {
        *consumers.entry(&trigger.name).or_default() += 1;
    }
    assert_eq!(consumers, topology.queues.keys().map(|name| (name.as_str(), 1)).collect());
    for (name, queue) in &topology.queues {
        if let Some(subscription) = &queue.subscription {
            assert!(topology.topics.contains_key(&subscription.topic), "{name}");
        }
    }
}

/// Each environment key that the topology defines, with the resource whose name it carries; settings carry a
/// value.
fn defined_keys(topology: &Topology) -> BTreeMap<String, Option<String>> {
    let mut keys = Vec::new();
    keys.extend(
        topology.tables.iter().map(|(name, table)| (&table.environment_key, Some(format!("table:{name}")))),
    );
    keys.extend(
        topology
            .buckets
            .iter()
            .map(|(name, bucket)| (&bucket.environment_key, Some(format!("bucket:{name}")))),
    );
    keys.extend(
        topology
            .secrets
            .iter()
            .map(|(name, secret)| (&secret.environment_key, Some(format!("secret:{name}")))),
    );
    keys.extend(
        topology.topics.iter().map(|(name, topic)| (&topic.environment_key, Some(format!("topic:{name}")))),
    );
    for (name, queue) in &topology.queues {
        keys.push((&queue.environment_key, Some(format!("queue:{name}"))));
        keys.push((&queue.dead_letter_environment_key, Some(format!("dead-letters:{name}"))));
    }
    keys.extend(topology.settings.keys().map(|key| (key, None)));
    let count = keys.len();
    let keys: BTreeMap<_, _> = keys.into_iter().map(|(key, resource)| (key.clone(), resource)).collect();
    assert_eq!(keys.len(), count, "an environment key is defined twice");
    keys
}

#[test]
fn every_key_that_a_function_reads_is_defined_and_every_defined_key_is_read() {
    let topology = Topology::shipped();
    let defined = defined_keys(&topology);
    let read: BTreeSet<_> = topology.functions.values().flat_map(|function| &function.environment).collect();
    for key in &read {
        assert!(defined.contains_key(*key), "nothing defines {key}");
    }
    let consumed: BTreeSet<_> = topology.queues.values().map(|queue| &queue.environment_key).collect();
    for key in defined.keys() {
        // A queue that only an event source mapping reads needs no URL.
        assert!(read.contains(key) || consumed.contains(key), "no function reads {key}");
    }
}

#[test]
fn a_function_may_use_just_the_resources_whose_names_it_is_given() {
    let topology = Topology::shipped();
    let defined = defined_keys(&topology);
    for (name, function) in &topology.functions {
        let given: BTreeSet<_> = function.environment.iter().filter_map(|key| defined[key].clone()).collect();
        let used: BTreeSet<_> =
            function.actions.keys().filter(|resource| *resource != "ses").cloned().collect();
        assert_eq!(given, used, "{name}");
    }
}
