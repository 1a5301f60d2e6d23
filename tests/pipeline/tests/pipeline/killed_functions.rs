//! Function processes killed with SIGKILL between two steps. The moment is exact: the call that ends the one
//! step or begins the other is held while the process dies.

use std::time::Duration;

use serde_json::json;

use crate::stack::door::{Door, Side};
use crate::stack::{Offer, Options, Stack};

const PATIENCE: Duration = Duration::from_secs(60);
const PUT_ITEM: &str = "DynamoDB_20120810.PutItem";

async fn stack_with_door(function: &str) -> (Stack, Door) {
    let door = Door::of(function).await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    // Otherwise a webhook could put right what the process left undone.
    stack.no_webhooks().await;
    (stack, door)
}

#[tokio::test]
async fn a_process_killed_between_the_stored_attempt_and_the_charge_is_made_up_for_with_the_stored_key() {
    let (stack, mut door) = stack_with_door("take-payment").await;
    door.hold(Side::After, &[PUT_ITEM, "collecting"]);
    let accepted = stack.accepted(&Offer::of("31.00")).await;
    door.until_struck().await;
    stack.kill_function("take-payment").await;
    let stored = stack.stored(&accepted.id).await;
    assert_eq!(stored["payment"]["state"], "collecting", "the attempt is stored");
    assert!(stack.requests_of(&accepted.id).await.is_empty(), "the provider has never heard of it");
    door.open();

    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
    let keys = stack.provider_keys_of(&accepted.id).await;
    assert_eq!(keys.first().map(String::as_str), stored["payment"]["key"].as_str());
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn a_process_killed_while_the_provider_is_at_work_charges_no_second_time() {
    let stack = Stack::start().await;
    stack.no_webhooks().await;
    stack.fault(json!({ "name": "latency=2000", "count": 1 })).await;
    let accepted = stack.accepted(&Offer::of("33.00")).await;
    stack
        .until("the request at the provider", PATIENCE, async || {
            (!stack.faults().await.contains(&"latency=2000".into())).then_some(())
        })
        .await;
    stack.kill_function("take-payment").await;
    assert!(stack.captures_of(&accepted.id).await.is_empty(), "the provider is still at work");

    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn a_lost_announcement_costs_the_donor_no_wait_and_the_completer_makes_it_again() {
    let (stack, mut door) = stack_with_door("accept-donation").await;
    door.hold(Side::Before, &["Action=Publish"]);
    let accepted = stack.accepted(&Offer::of("35.00")).await;
    door.until_struck().await;
    door.open();
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn an_entry_posted_by_a_process_that_died_before_it_could_note_it_is_posted_once() {
    let (stack, mut door) = stack_with_door("post-journal-entry").await;
    door.hold(Side::Before, &[PUT_ITEM, "\"entries\""]);
    let accepted = stack.accepted(&Offer::of("36.00")).await;
    door.until_struck().await;
    stack.kill_function("post-journal-entry").await;
    assert_eq!(stack.entries_of(&accepted.id).await.len(), 1, "the entry is in the ledger");
    assert_eq!(stack.stored(&accepted.id).await["entries"], json!(null), "and the donation does not say so");
    door.open();
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}
