use serde_json::{Value, json};

use crate::fixtures::{Hands, SECRET, endpoint, start_with};
use crate::receiver::{Delivered, Receiver};

#[tokio::test]
async fn an_event_is_signed_once_with_each_active_secret() {
    let receiver = Receiver::start().await;
    let hands = Hands::new();
    let sandbox = start_with(|settings| {
        let mut endpoint = endpoint("charity", &receiver.url);
        endpoint.secrets.push("whsec_rolled".into());
        settings.webhooks.push(endpoint);
        settings.clock = hands.clock();
    })
    .await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    for delivered in receiver.wait_for(3).await {
        assert_eq!(delivered.signed_at(), 1_795_435_200);
        let expected = [delivered.expected(SECRET), delivered.expected("whsec_rolled")];
        assert_eq!(delivered.signatures(), expected);
        assert_eq!(delivered.content_type, "application/json; charset=utf-8");
    }
}

#[tokio::test]
async fn an_event_tells_what_happened_and_on_whose_request() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    let answer = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    let mut delivered = receiver.wait_for(3).await;
    delivered.sort_by(|a, b| a.id().cmp(b.id()));
    let kinds: Vec<&str> = delivered.iter().map(Delivered::kind).collect();
    assert_eq!(kinds, ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]);
    for one in &delivered {
        let event = &one.event;
        assert_eq!((&event["object"], &event["livemode"]), (&json!("event"), &json!(false)));
        assert_eq!(event["api_version"], "2026-10-28.endive");
        let request = json!({ "id": answer.header("request-id"), "idempotency_key": "key-0" });
        assert_eq!(event["request"], request);
    }
    assert_eq!(delivered[0].event["data"]["object"]["status"], "requires_confirmation", "as it was then");
    assert_eq!(delivered[2].event["data"]["object"], answer.ok());
}

#[tokio::test]
async fn a_decline_and_a_refund_are_told_as_well() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    sandbox.pay("key-0", 2_500, "pm_card_chargeDeclinedLostCard").await.error(402);
    let failed = receiver.wait_for_kind("payment_intent.payment_failed").await;
    assert_eq!(failed.event["data"]["object"]["last_payment_error"]["decline_code"], "lost_card");
    receiver.wait_for_kind("charge.failed").await;

    let intent = sandbox.pay("key-1", 2_500, "pm_card_visa").await.ok();
    let refund = [("payment_intent", intent["id"].as_str().unwrap()), ("amount", "500")];
    let refund = sandbox.submit("/v1/refunds", &refund).await.ok();
    let charge = receiver.wait_for_kind("charge.refunded").await;
    assert_eq!(charge.event["data"]["object"]["amount_refunded"], 500);
    assert_eq!(receiver.wait_for_kind("refund.created").await.event["data"]["object"]["id"], refund["id"]);
}

#[tokio::test]
async fn each_event_may_be_delivered_twice_on_demand() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    sandbox.pay("key-0", 66_611, "pm_card_visa").await.ok();
    let delivered = receiver.in_the_end().await;
    let mut ids: Vec<&str> = delivered.iter().map(Delivered::id).collect();
    ids.sort_unstable();
    assert_eq!(ids.len(), 6);
    assert!(ids.chunks(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
}

#[tokio::test]
async fn events_may_come_in_the_wrong_sequence_on_demand() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    sandbox.pay("key-0", 66_613, "pm_card_visa").await.ok();
    let kinds: Vec<String> = receiver.wait_for(3).await.iter().map(|one| one.kind().to_owned()).collect();
    assert_eq!(kinds, ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]);
}

#[tokio::test]
async fn events_may_be_late_or_never_come_on_demand() {
    let receiver = Receiver::start().await;
    let hands = Hands::new();
    let sandbox = start_with(|settings| {
        settings.webhooks.push(endpoint("charity", &receiver.url));
        settings.clock = hands.clock();
    })
    .await;
    sandbox.pay("key-0", 66_614, "pm_card_visa").await.ok();
    sandbox.pay("key-1", 66_612, "pm_card_visa").await.ok();
    hands.advance(std::time::Duration::from_millis(4_999));
    assert!(receiver.in_the_end().await.is_empty());
    hands.advance(std::time::Duration::from_millis(1));
    let delivered = receiver.wait_for(3).await;
    assert!(delivered.iter().all(|one| one.event["request"]["idempotency_key"] == "key-1"));
    let events = sandbox.list("/v1/events").await;
    let dropped = |event: &&Value| event["request"]["idempotency_key"] == "key-0";
    assert_eq!(events.iter().filter(dropped).count(), 3, "what was dropped can still be read");
}

#[tokio::test]
async fn an_endpoint_gets_the_types_that_it_is_registered_for_and_no_others() {
    let receiver = Receiver::start().await;
    let wanting = |kind: &str| {
        let kind = kind.to_owned();
        let mut endpoint = endpoint("charity", &receiver.url);
        endpoint.enabled_events.push(kind);
        move |settings: &mut sandbox::Settings| settings.webhooks.push(endpoint)
    };
    let sandbox = start_with(wanting("payment_intent.succeeded")).await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    receiver.wait_for(1).await;

    let sandbox = sandbox.restart(wanting("charge.succeeded")).await;
    sandbox.pay("key-1", 2_500, "pm_card_visa").await.ok();
    receiver.wait_for(2).await;
    let kinds: Vec<String> = receiver.in_the_end().await.iter().map(|one| one.kind().to_owned()).collect();
    assert_eq!(kinds, ["payment_intent.succeeded", "charge.succeeded"]);
}
