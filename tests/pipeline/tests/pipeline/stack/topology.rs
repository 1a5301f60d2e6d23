//! The shipped topology with shorter waits.

use serde_json::{Value, json};

const SHIPPED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/topology.json"));

/// From acceptance to the completer's first look in the stacks of these tests, in seconds; 60 as shipped.
pub(crate) const FIRST_CHECK_SECONDS: u64 = 4;
/// How long a received message stays hidden in the stacks of these tests, in seconds; 120 and 180 as shipped.
/// A message of a killed process is received again after it.
pub(crate) const HIDDEN_SECONDS: u64 = 20;

/// As shipped.
pub(crate) fn shipped() -> Value {
    serde_json::from_str(SHIPPED).unwrap()
}

/// With a completer that runs every second and messages that come back after seconds, not minutes: the same
/// rules at a pace that a test can wait for. No function gets less time than it asks for before it begins a
/// message.
pub(crate) fn quick() -> Value {
    let mut topology = shipped();
    topology["functions"]["resume-donations"]["schedule"]["every_seconds"] = json!(1);
    topology["functions"]["take-payment"]["timeout_seconds"] = json!(HIDDEN_SECONDS);
    for queue in topology["queues"].as_object_mut().unwrap().values_mut() {
        queue["visibility_timeout_seconds"] = json!(HIDDEN_SECONDS);
    }
    topology["settings"]["FIRST_CHECK_SECONDS"]["default"] = json!(FIRST_CHECK_SECONDS.to_string());
    topology
}
