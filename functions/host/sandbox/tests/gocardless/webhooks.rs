use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{MANDATE, kind, send};
use crate::fixtures::{SECRET, endpoint, start_for, start_with};
use crate::receiver::{Delivered, Receiver};

#[tokio::test]
async fn a_batch_is_signed_over_its_exact_bytes_and_named() {
    let receiver = Receiver::start().await;
    let sandbox = start_for(&receiver).await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    let delivered = receiver.wait_for(1).await.remove(0);
    assert_eq!(delivered.signature, delivered.expected(SECRET));
    assert_eq!(delivered.content_type, "application/json");
    assert!(delivered.webhook_id().starts_with("WB"));
    let event = sandbox.list(&format!("/events?payment={id}")).await.remove(0);
    assert_eq!(delivered.events(), [event], "as the API shows it");
}

#[tokio::test]
async fn a_failure_is_told_with_what_the_bank_said() {
    let receiver = Receiver::start().await;
    let sandbox = start_for(&receiver).await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    sandbox.move_to(&id, "failed").await;
    let event = receiver.wait_for_kind("payments.failed").await;
    assert_eq!((&event["links"], &event["metadata"]), (&json!({ "payment": id }), &json!({})));
    let details = &event["details"];
    assert_eq!((&details["origin"], &details["scheme"]), (&json!("bank"), &json!("bacs")));
    assert_eq!((&details["cause"], &details["reason_code"]), (&json!("refer_to_payer"), &json!("ARUDD-0")));
}

#[tokio::test]
async fn an_endpoint_may_be_set_up_to_get_the_metadata_of_the_payment() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| {
        settings.webhooks.push(endpoint("charity", &receiver.url));
        settings.resource_metadata = true;
    })
    .await;
    sandbox.pay("key-0", 2_500, MANDATE).await;
    let event = receiver.wait_for_events(1).await.remove(0);
    assert_eq!(event["resource_metadata"], json!({ "donation_id": "adaexampledonation" }));
    assert_eq!(event["metadata"], json!({}));
}

#[tokio::test]
async fn events_that_come_together_share_batches_of_at_most_250() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| {
        settings.webhooks.push(endpoint("charity", &receiver.url));
        settings.batch_window = Duration::from_secs(1);
    })
    .await;
    let requests = (0..260).map(|number| sandbox.paying(&format!("key-{number}"), 2_500, MANDATE));
    for answer in futures_util::future::join_all(requests.map(send)).await {
        answer.created("payments");
    }
    assert!(receiver.delivered().is_empty(), "the window is still open");
    sandbox.hands.advance(Duration::from_secs(1));
    receiver.wait_for_events(260).await;
    let mut sizes: Vec<usize> = receiver.delivered().iter().map(|batch| batch.events().len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [10, 250]);
    let mut ids: Vec<String> = receiver.events().iter().map(|event| event["id"].to_string()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 260);
}

#[tokio::test]
async fn a_batch_that_is_not_taken_comes_again_as_it_was() {
    // 498 is what GoCardless's own examples answer to a signature that does not fit.
    for refusal in [500, 498, 302, 404] {
        let receiver = Receiver::answering(move |number| if number < 3 { refusal } else { 204 }).await;
        let sandbox = start_for(&receiver).await;
        sandbox.pay("key-0", 2_500, MANDATE).await;
        let delivered = receiver.wait_for(4).await;
        assert!(delivered.iter().all(|batch| batch.body == delivered[0].body), "{refusal}");
        assert!(delivered.iter().all(|batch| batch.signature == delivered[0].signature));
    }
}

#[tokio::test]
async fn an_event_may_come_twice_and_never_twice_in_one_batch() {
    let receiver = Receiver::start().await;
    let sandbox = start_for(&receiver).await;
    sandbox.pay("key-0", 66_611, MANDATE).await;
    let delivered = receiver.wait_for(2).await;
    let events: Vec<Vec<Value>> = delivered.iter().map(Delivered::events).collect();
    assert_eq!((events[0].len(), &events[0]), (1, &events[1]));
    assert_ne!(delivered[0].webhook_id(), delivered[1].webhook_id());
}

#[tokio::test]
async fn an_event_may_be_late_or_never_come() {
    let receiver = Receiver::start().await;
    let sandbox = start_for(&receiver).await;
    let dropped = sandbox.pay("key-0", 66_614, MANDATE).await;
    let late = sandbox.pay("key-1", 66_612, MANDATE).await;
    let prompt = sandbox.pay("key-2", 2_500, MANDATE).await;
    let payment = |event: &Value| event["links"]["payment"].as_str().unwrap().to_owned();
    let first: Vec<String> = receiver.wait_for_events(1).await.iter().map(payment).collect();
    assert_eq!(first, [prompt.as_str()]);
    sandbox.hands.advance(Duration::from_secs(5));
    let both: Vec<String> = receiver.wait_for_events(2).await.iter().map(payment).collect();
    assert_eq!(both, [prompt.as_str(), late.as_str()]);
    assert_eq!(sandbox.told(&format!("payment={dropped}")).await, ["payments.created"], "it can be read");
}

#[tokio::test]
async fn events_may_come_in_the_wrong_sequence() {
    let receiver = Receiver::start().await;
    let sandbox = start_for(&receiver).await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    let path = format!("/_sandbox/gocardless/payments/{id}");
    let moving = sandbox.bare(reqwest::Method::POST, &path).header("sandbox-fault", "webhook-reorder");
    send(moving.json(&json!({ "to": "charged_back" }))).await.with(200);
    sandbox.hands.advance(Duration::from_secs(10));
    let kinds: Vec<String> = receiver.wait_for_events(4).await.iter().map(kind).collect();
    let reordered = ["payments.created", "payments.charged_back", "payments.confirmed", "payments.submitted"];
    assert_eq!(kinds, reordered);
}

#[tokio::test]
async fn each_provider_s_events_go_to_its_own_endpoints_only() {
    let (theirs, stripes) = (Receiver::start().await, Receiver::start().await);
    let folder = tempfile::tempdir().unwrap();
    let mut gocardless = sandbox::GoCardlessSettings::new(crate::client::TOKEN);
    gocardless.batch_window = Duration::ZERO;
    gocardless.webhooks.push(endpoint("gocardless", &theirs.url));
    let settings = sandbox::Settings {
        gocardless: Some(gocardless),
        webhooks: vec![endpoint("stripe", &stripes.url)],
        ..sandbox::Settings::new(folder.path(), "sk_test_example")
    };
    let sandbox = sandbox::start(settings).await.unwrap();
    let api = crate::client::Api::new(sandbox.url());
    api.pay("key-0", 2_500, MANDATE).await;
    theirs.wait_for(1).await;
    assert!(stripes.delivered().is_empty());
    sandbox.stop().await;
}
