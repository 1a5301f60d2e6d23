use serde_json::{Value, json};

use crate::client::{Api, form, id, kinds, send};
use crate::fixtures::{Hands, endpoint, eventually, start, start_with};
use crate::receiver::Receiver;

async fn declined(sandbox: &Api) -> Value {
    sandbox.pay("key-0", 2_500, "pm_card_chargeDeclined").await.error(402)["payment_intent"].clone()
}

#[tokio::test]
async fn a_decline_may_turn_into_a_payment_days_later() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    let intent = declined(&sandbox).await;
    hands.advance(std::time::Duration::from_hours(72));
    let path = format!("payment_intents/{}", id(&intent));
    let flipped = sandbox.control(&path, &json!({ "flip": "succeeded" })).await.ok();
    assert_eq!((&flipped["status"], &flipped["amount_received"]), (&json!("succeeded"), &json!(2_500)));
    assert_eq!((&flipped["last_payment_error"], &flipped["id"]), (&Value::Null, &intent["id"]));
    assert_eq!(flipped["latest_charge"], intent["latest_charge"]);
    assert_eq!(sandbox.get(&format!("/v1/{path}")).await.ok(), flipped);
    let charge = sandbox.list("/v1/charges").await.remove(0);
    assert_eq!((&charge["status"], &charge["failure_code"]), (&json!("succeeded"), &Value::Null));
    let movement = sandbox.list("/v1/balance_transactions").await.remove(0);
    assert_eq!(
        (&movement["source"], &movement["created"]),
        (&charge["id"], &json!(1_795_435_200 + 3 * 86_400))
    );
    let expected = ["payment_intent.created", "payment_intent.payment_failed", "payment_intent.succeeded"];
    assert_eq!(kinds(&sandbox.events().await, "payment_intent."), expected);
    assert_eq!(kinds(&sandbox.events().await, "charge."), ["charge.failed", "charge.succeeded"]);
    sandbox.control(&path, &json!({ "flip": "succeeded" })).await.error(400);
    sandbox.submit("/v1/refunds", &[("payment_intent", &id(&intent))]).await.ok();
}

#[tokio::test]
async fn what_is_processing_may_be_declined_or_paid_before_its_time() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    for (body, status) in [
        (json!({ "fail": "insufficient_funds" }), "requires_payment_method"),
        (json!({ "flip": "succeeded" }), "succeeded"),
    ] {
        let intent = sandbox.pay(status, 2_500, "pm_sandbox_processing").await.ok();
        let moved = sandbox.control(&format!("payment_intents/{}", id(&intent)), &body).await.ok();
        assert_eq!(moved["status"], status);
        let other = sandbox.pay(&format!("{status}-other"), 2_500, "pm_sandbox_processing").await.ok();
        hands.advance(std::time::Duration::from_hours(1));
        // The other one's time comes with this one's, which finds it settled.
        let other = format!("/v1/payment_intents/{}", id(&other));
        eventually("the other", async || {
            (sandbox.get(&other).await.ok()["status"] == "succeeded").then_some(())
        })
        .await;
        assert_eq!(sandbox.list(&format!("/v1/charges?payment_intent={}", id(&intent))).await.len(), 1);
        assert_eq!(sandbox.get(&format!("/v1/payment_intents/{}", id(&intent))).await.ok()["status"], status);
    }
    let failed = sandbox.list("/v1/events?type=payment_intent.payment_failed").await.remove(0);
    let error = &failed["data"]["object"]["last_payment_error"];
    assert_eq!(
        (&error["code"], &error["decline_code"]),
        (&json!("card_declined"), &json!("insufficient_funds"))
    );
}

#[tokio::test]
async fn only_what_was_confirmed_and_not_ended_can_flip() {
    let sandbox = start().await;
    let mut fields = form(2_500, "pm_card_visa");
    fields.retain(|(name, _)| !["confirm", "return_url", "payment_method"].contains(name));
    let bare = send(sandbox.post("/v1/payment_intents").form(&fields)).await.ok();
    let flip = async |intent: &Value| {
        sandbox.control(&format!("payment_intents/{}", id(intent)), &json!({ "flip": "succeeded" })).await
    };
    flip(&bare).await.error(400);
    let intent = declined(&sandbox).await;
    sandbox.submit(&format!("/v1/payment_intents/{}/cancel", id(&intent)), &[]).await.ok();
    flip(&intent).await.error(400);
    let path = format!("payment_intents/{}", id(&intent));
    sandbox.control(&path, &json!({ "fail": "generic_decline" })).await.error(400);
    let processing = sandbox.pay("key-1", 2_500, "pm_sandbox_processing").await.ok();
    let path = format!("payment_intents/{}", id(&processing));
    assert_eq!(sandbox.control(&path, &json!({ "fail": "whim" })).await.error(400)["param"], "fail");
}

#[tokio::test]
async fn the_same_money_may_be_taken_twice() {
    let sandbox = start().await;
    let first = sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let path = format!("payment_intents/{}", id(&first));
    let second = sandbox.control(&path, &json!({ "capture_again": true })).await.ok();
    assert_ne!((&second["id"], &second["latest_charge"]), (&first["id"], &first["latest_charge"]));
    for field in ["amount", "currency", "metadata", "status"] {
        assert_eq!(second[field], first[field], "{field}");
    }
    assert_eq!(sandbox.list("/v1/balance_transactions?type=charge").await.len(), 2);
    assert_eq!(kinds(&sandbox.events().await, "payment_intent.succeeded").len(), 2);
    sandbox.submit("/v1/refunds", &[("payment_intent", &id(&second))]).await.ok();
    sandbox.control(&path, &json!({ "capture_again": false })).await.error(400);
}

#[tokio::test]
async fn nobody_need_be_told() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    let intent = declined(&sandbox).await;
    receiver.wait_for_kind("payment_intent.payment_failed").await;
    let path = format!("payment_intents/{}", id(&intent));
    let request = sandbox.controlling(&path, &json!({ "flip": "succeeded" }));
    send(request.header("sandbox-fault", "webhook-drop")).await.ok();
    let request = sandbox.controlling(&path, &json!({ "capture_again": true }));
    send(request.header("sandbox-fault", "429")).await.error(400);
    sandbox.control(&path, &json!({ "capture_again": true })).await.ok();
    receiver.wait_for_kind("payment_intent.succeeded").await;
    let told = receiver.in_the_end().await;
    let paid: Vec<_> = told.iter().filter(|one| one.kind() == "payment_intent.succeeded").collect();
    assert_eq!(paid.len(), 1, "that of the second intent");
    assert_ne!(paid[0].event["data"]["object"]["id"], intent["id"]);
    assert_eq!(kinds(&sandbox.events().await, "payment_intent.succeeded").len(), 2, "and yet it can be read");
}
