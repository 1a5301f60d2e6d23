//! The shipped topology with shorter waits.

use serde_json::{Value, json};

const SHIPPED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/topology.json"));

/// From acceptance to the completer's first look in the stacks of these tests, in seconds; 60 as shipped.
pub(crate) const FIRST_CHECK_SECONDS: u64 = 4;
/// How long a received message stays hidden in the stacks of these tests, in seconds; 120 and 180 as shipped.
/// A message of a killed process is received again after it.
pub(crate) const HIDDEN_SECONDS: u64 = 20;

/// The same for the messages whose functions may wait for the provider's budget and then for the provider.
const PROVIDER_SECONDS: u64 = 29;

/// Those functions, and their queues.
const CALL_PROVIDERS: [(&str, &str); 3] =
    [("take-payment", "payments"), ("refund-payment", "refunds"), ("apply-notification", "notifications")];

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
    for queue in topology["queues"].as_object_mut().unwrap().values_mut() {
        queue["visibility_timeout_seconds"] = json!(HIDDEN_SECONDS);
    }
    for (function, queue) in CALL_PROVIDERS {
        topology["functions"][function]["timeout_seconds"] = json!(PROVIDER_SECONDS);
        topology["queues"][queue]["visibility_timeout_seconds"] = json!(PROVIDER_SECONDS);
    }
    // It runs when a test says so: a rule for the provider's next answer must not strike the reconciler's question.
    let reconciler = topology["functions"]["reconcile-payments"].as_object_mut().unwrap();
    reconciler.remove("schedule");
    reconciler.insert("operator".to_owned(), json!(true));
    topology["settings"]["FIRST_CHECK_SECONDS"]["default"] = json!(FIRST_CHECK_SECONDS.to_string());
    topology
}
