use std::time::Duration;

use serde_json::json;

use crate::client::{MANDATE, send};
use crate::fixtures::{endpoint, start, start_with};
use crate::receiver::Receiver;

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart_and_goes_on() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    let sandbox = sandbox.restart(|_| {}).await;
    let again = send(sandbox.paying("key-0", 2_500, MANDATE)).await.with(409);
    assert_eq!(again["error"]["errors"][0]["links"], json!({ "conflicting_resource_id": id }));
    sandbox.days(30);
    sandbox.becomes(&id, "paid_out").await;
}

#[tokio::test]
async fn events_that_an_earlier_run_still_owed_are_delivered_by_the_next() {
    let receiver = Receiver::start().await;
    let endpoint = endpoint("charity", &receiver.url);
    let again = endpoint.clone();
    // The window is open, and the clock stands still: nothing leaves in the first run.
    let sandbox = start_with(|settings| {
        settings.webhooks.push(endpoint);
        settings.batch_window = Duration::from_mins(1);
    })
    .await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    let sandbox = sandbox.restart(|settings| settings.webhooks.push(again)).await;
    assert!(receiver.delivered().is_empty());
    sandbox.hands.advance(Duration::from_mins(1));
    let event = receiver.wait_for_kind("payments.created").await;
    assert_eq!(event["links"]["payment"], id.as_str());
}
