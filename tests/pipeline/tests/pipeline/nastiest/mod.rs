//! The twenty nastiest things that can happen to a donation, each by its number.
//!
//! What was seen when each one's guard was taken out of the product is in `NASTIEST.md` of this package.

use std::time::Duration;

use crate::stack::{Accepted, Offer, Options, Stack};

mod acceptance;
mod answers;
mod days;
mod intruders;
mod old_and_odd;
pub(crate) mod queues;
mod receipts;
mod takings;

const PATIENCE: Duration = Duration::from_secs(60);
/// Every conditional write of a donation is one.
const PUT_ITEM: &str = "DynamoDB_20120810.PutItem";
/// Only the acceptance of a donation is written on this condition.
const ACCEPTANCE: &str = "attribute_not_exists";
/// Further away than any of these tests goes: the completer does not look.
const NEVER: &str = "8640000";

/// Options under which the completer does not look, so that what is put right is put right by something else.
fn without_completer() -> Options {
    Options::default().set("FIRST_CHECK_SECONDS", NEVER)
}

/// A donation that nothing is owed to any more.
async fn settled(stack: &Stack, offer: &Offer) -> Accepted {
    let accepted = stack.accepted(offer).await;
    until_settled(stack, &accepted).await;
    accepted
}

async fn until_settled(stack: &Stack, accepted: &Accepted) {
    stack.until_settled(std::slice::from_ref(accepted), PATIENCE).await;
}

/// Waits until a fault that strikes a number of times has struck so often.
async fn until_spent(stack: &Stack, fault: &str) {
    stack
        .until(fault, PATIENCE, async || (!stack.faults().await.contains(&fault.into())).then_some(()))
        .await;
}

/// Checks that the donor is told that nobody knows yet.
async fn assert_in_doubt(stack: &Stack, accepted: &Accepted) {
    let seen = stack.seen_by_donor(accepted).await;
    assert_eq!((&seen["status"], &seen["money_taken"]), (&"in_progress".into(), &"not_known_yet".into()));
}

/// The details of what the donation's timeline calls by this name, oldest first.
async fn happenings(stack: &Stack, accepted: &Accepted, what: &str) -> Vec<String> {
    let timeline = stack.local(&format!("donations/{}/timeline", accepted.id)).await;
    let named = timeline.as_array().unwrap().iter().filter(|one| one["what"] == what);
    named.map(|one| one["detail"].as_str().unwrap().to_owned()).collect()
}

/// Sends every parked message of a queue back, and waits until it has been worked on.
async fn replay_parked(stack: &Stack, queue: &str) {
    let said = stack.parked_well(&["replay", "--all", queue, "--by", "Ada Example"]).await;
    assert!(said.contains("sent back to"), "{said}");
    stack.until_queues_empty(PATIENCE).await;
}

/// How often the provider's list of payments was read, by the functions and by the tests' own looks at captures.
async fn looks_through_list(stack: &Stack) -> usize {
    let is_look = |one: &serde_json::Value| one["method"] == "GET" && one["path"] == "/v1/payment_intents";
    stack.requests().await.iter().filter(|one| is_look(one)).count()
}
