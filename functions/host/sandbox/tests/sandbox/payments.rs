use serde_json::{Value, json};

use crate::client::form;
use crate::fixtures::{eventually, start};

#[tokio::test]
async fn a_good_card_is_charged_in_one_request() {
    let sandbox = start().await;
    let answer = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    let intent = answer.ok();
    assert_eq!(intent["object"], "payment_intent");
    assert_eq!(intent["status"], "succeeded");
    assert_eq!((&intent["amount"], &intent["amount_received"]), (&json!(2_500), &json!(2_500)));
    assert_eq!(intent["currency"], "gbp");
    assert_eq!(intent["metadata"], json!({ "donation_id": "adaexampledonation" }));
    assert_eq!(intent["livemode"], false);
    assert!(answer.header("request-id").unwrap().starts_with("req_"));
    assert_eq!(answer.header("stripe-version"), Some("2026-10-28.endive"));
    assert_eq!(answer.header("idempotency-key"), Some("key-0"));
    assert!(!answer.replayed());

    let id = intent["latest_charge"].as_str().unwrap();
    let charge = sandbox.get(&format!("/v1/charges/{id}")).await.ok();
    assert_eq!((&charge["paid"], &charge["status"]), (&json!(true), &json!("succeeded")));
    assert_eq!((&charge["amount"], &charge["payment_intent"]), (&json!(2_500), &intent["id"]));
    assert_eq!(charge["metadata"], intent["metadata"]);
}

#[tokio::test]
async fn what_was_created_is_retrieved() {
    let sandbox = start().await;
    let intent = sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let id = intent["id"].as_str().unwrap();
    assert_eq!(sandbox.get(&format!("/v1/payment_intents/{id}")).await.ok(), intent);
    let expand = "expand[]=latest_charge.balance_transaction";
    let expanded = sandbox.get(&format!("/v1/payment_intents/{id}?{expand}")).await.ok();
    let entry = &expanded["latest_charge"]["balance_transaction"];
    // 1.5 % of 25.00 and 20 pence.
    assert_eq!((&entry["amount"], &entry["fee"], &entry["net"]), (&json!(2_500), &json!(58), &json!(2_442)));
}

#[tokio::test]
async fn an_intent_may_be_created_first_and_confirmed_later() {
    let sandbox = start().await;
    let plain = [
        ("amount", "700"),
        ("currency", "eur"),
        ("automatic_payment_methods[enabled]", "true"),
        ("automatic_payment_methods[allow_redirects]", "never"),
    ];
    let intent = sandbox.submit("/v1/payment_intents", &plain).await.ok();
    assert_eq!(intent["status"], "requires_payment_method");
    let confirm = format!("/v1/payment_intents/{}/confirm", intent["id"].as_str().unwrap());
    let early = sandbox.submit(&confirm, &[]).await.error(400);
    assert_eq!(early["code"], "payment_intent_unexpected_state");
    let confirmed = sandbox.submit(&confirm, &[("payment_method", "pm_card_mastercard")]).await.ok();
    assert_eq!((&confirmed["status"], &confirmed["id"]), (&json!("succeeded"), &intent["id"]));
}

#[tokio::test]
async fn a_declined_intent_is_paid_with_another_card() {
    let sandbox = start().await;
    let error = sandbox.pay("key-0", 2_500, "pm_card_visa_chargeDeclined").await.error(402);
    let id = error["payment_intent"]["id"].as_str().unwrap();
    let confirm = format!("/v1/payment_intents/{id}/confirm");
    let intent = sandbox.submit(&confirm, &[("payment_method", "pm_card_visa")]).await.ok();
    assert_eq!((&intent["status"], &intent["last_payment_error"]), (&json!("succeeded"), &Value::Null));
    let charges = sandbox.list(&format!("/v1/charges?payment_intent={id}")).await;
    let paid: Vec<&Value> = charges.iter().map(|charge| &charge["paid"]).collect();
    assert_eq!(paid, [true, false], "newest first");
}

#[tokio::test]
async fn a_settled_intent_can_neither_be_confirmed_nor_cancelled() {
    let sandbox = start().await;
    let intent = sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    for what in ["confirm", "cancel"] {
        let path = format!("/v1/payment_intents/{}/{what}", intent["id"].as_str().unwrap());
        let error = sandbox.submit(&path, &[]).await.error(400);
        assert_eq!(error["code"], "payment_intent_unexpected_state", "{what}");
        assert_eq!(error["payment_intent"], intent, "{what}");
    }
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

#[tokio::test]
async fn a_cancelled_intent_can_never_be_charged() {
    let sandbox = start().await;
    let mut fields = form(2_500, "pm_card_visa");
    fields.retain(|(name, _)| !["confirm", "return_url"].contains(name));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let intent = sandbox.submit("/v1/payment_intents", &fields).await.ok();
    assert_eq!(intent["status"], "requires_confirmation");
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    let cancelled =
        sandbox.submit(&format!("{path}/cancel"), &[("cancellation_reason", "abandoned")]).await.ok();
    assert_eq!(cancelled["status"], "canceled");
    assert_eq!(cancelled["cancellation_reason"], "abandoned");
    sandbox.submit(&format!("{path}/confirm"), &[]).await.error(400);
    assert!(sandbox.list("/v1/charges").await.is_empty());
}

#[tokio::test]
async fn a_payment_that_is_processing_settles_by_itself() {
    let sandbox = start().await;
    let ends = [
        ("pm_sandbox_processing", "succeeded"),
        ("pm_sandbox_processingDeclined", "requires_payment_method"),
    ];
    for (token, end) in ends {
        let intent = sandbox.pay(token, 2_500, token).await.ok();
        assert_eq!((&intent["status"], &intent["latest_charge"]), (&json!("processing"), &Value::Null));
        let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
        let settled = async || {
            let intent = sandbox.get(&path).await.ok();
            (intent["status"] != "processing").then_some(intent)
        };
        assert_eq!(eventually("the payment settles", settled).await["status"], end);
    }
}

#[tokio::test]
async fn a_card_is_known_again_by_its_fingerprint() {
    let sandbox = start().await;
    let of_charge = async |key: &str, token: &str| {
        let mut fields = crate::client::form(2_500, token);
        fields.push(("expand[]", "latest_charge".to_owned()));
        let request = sandbox.post("/v1/payment_intents").header("idempotency-key", key);
        let intent = crate::client::send(request.form(&fields)).await.ok();
        assert_eq!(intent["latest_charge"]["object"], "charge");
        let path = format!("/v1/payment_intents/{}?expand[]=latest_charge", intent["id"].as_str().unwrap());
        assert_eq!(sandbox.get(&path).await.ok(), intent);
        intent["latest_charge"]["payment_method_details"]["card"].clone()
    };
    let first = of_charge("key-0", "pm_card_visa").await;
    let again = of_charge("key-1", "pm_card_visa").await;
    assert_eq!((first["fingerprint"].as_str().unwrap().len(), &first), (16, &again));
    let other = of_charge("key-2", "pm_card_mastercard").await;
    let numbered = of_charge("key-3", "pm_card_visa_card120042").await;
    assert_ne!(first["fingerprint"], other["fingerprint"]);
    assert_ne!(first["fingerprint"], numbered["fingerprint"]);
    assert_eq!(numbered["last4"], "0042");

    let token = "pm_card_visa_chargeDeclined_card7";
    let declined = sandbox.pay("key-4", 2_500, token).await.error(402);
    let card = &declined["payment_method"]["card"];
    assert_eq!(card["last4"], "0007");
    let charge = sandbox.get(&format!("/v1/charges/{}", declined["charge"].as_str().unwrap())).await.ok();
    assert_eq!(card["fingerprint"], charge["payment_method_details"]["card"]["fingerprint"]);
}
