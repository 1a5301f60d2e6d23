use serde_json::{Value, json};

use crate::client::Api;
use crate::fixtures::{endpoint, start, start_with};
use crate::receiver::Receiver;

async fn paid(sandbox: &Api, token: &str) -> String {
    let intent = sandbox.pay(token, 2_500, token).await.ok();
    intent["id"].as_str().unwrap().to_owned()
}

async fn net(sandbox: &Api) -> i64 {
    let entries = sandbox.list("/v1/balance_transactions").await;
    entries.iter().map(|entry| entry["net"].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn a_donation_is_given_back_in_parts_and_never_more_than_was_taken() {
    let sandbox = start().await;
    let intent = paid(&sandbox, "pm_card_visa").await;
    let refund = async |amount| {
        let fields =
            [("payment_intent", intent.as_str()), ("amount", amount), ("reason", "requested_by_customer")];
        sandbox.submit("/v1/refunds", &fields).await
    };
    let first = refund("1000").await.ok();
    assert_eq!((&first["status"], &first["amount"]), (&json!("succeeded"), &json!(1_000)));
    assert_eq!(refund("1501").await.error(400)["code"], "amount_too_large");
    let rest = sandbox.submit("/v1/refunds", &[("payment_intent", &intent)]).await.ok();
    assert_eq!(rest["amount"], 1_500);
    assert_eq!(refund("1").await.error(400)["code"], "charge_already_refunded");

    let charge = &sandbox.list("/v1/charges").await[0];
    assert_eq!((&charge["refunded"], &charge["amount_refunded"]), (&json!(true), &json!(2_500)));
    assert_eq!(sandbox.list(&format!("/v1/refunds?payment_intent={intent}")).await.len(), 2);
    assert_eq!(net(&sandbox).await, -58, "the fee on the charge is not given back");
    let balance = sandbox.get("/v1/balance").await.ok();
    assert_eq!(
        (&balance["pending"][0]["amount"], &balance["available"][0]["amount"]),
        (&json!(-58), &json!(0))
    );
}

#[tokio::test]
async fn a_refund_is_made_once_per_key() {
    let sandbox = start().await;
    let intent = paid(&sandbox, "pm_card_visa").await;
    let refund = async || {
        let request = sandbox.post("/v1/refunds").header("idempotency-key", "refund-0");
        crate::client::send(request.form(&[("payment_intent", intent.as_str()), ("amount", "1000")])).await
    };
    let (first, again) = (refund().await, refund().await);
    assert_eq!((first.ok(), again.replayed()), (again.ok(), true));
    assert_eq!(sandbox.list("/v1/refunds").await.len(), 1);
}

#[tokio::test]
async fn a_refund_that_comes_back_gives_the_charity_its_money_again() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    let intent = paid(&sandbox, "pm_card_refundFail").await;
    let refund = sandbox.submit("/v1/refunds", &[("payment_intent", &intent)]).await.ok();
    assert_eq!(refund["status"], "succeeded");
    let failed = receiver.wait_for_kind("refund.failed").await;
    assert_eq!(failed.event["data"]["object"]["status"], "failed");
    assert_eq!(failed.event["data"]["object"]["id"], refund["id"]);
    let charge = &sandbox.list("/v1/charges").await[0];
    assert_eq!((&charge["refunded"], &charge["amount_refunded"]), (&json!(false), &json!(0)));
    assert_eq!(net(&sandbox).await, 2_500 - 58);
}

#[tokio::test]
async fn a_refund_that_pends_arrives_later() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    let intent = paid(&sandbox, "pm_card_pendingRefund").await;
    let refund = sandbox.submit("/v1/refunds", &[("payment_intent", &intent)]).await.ok();
    assert_eq!(refund["status"], "pending");
    let arrived = receiver.wait_for_kind("refund.updated").await;
    assert_eq!(arrived.event["data"]["object"]["status"], "succeeded");
    assert_eq!(arrived.event["data"]["previous_attributes"], json!({ "status": "pending" }));
}

#[tokio::test]
async fn nothing_is_given_back_that_was_not_taken() {
    let sandbox = start().await;
    let error = sandbox.pay("key-0", 2_500, "pm_card_chargeDeclined").await.error(402);
    let intent = error["payment_intent"]["id"].as_str().unwrap();
    let refused = sandbox.submit("/v1/refunds", &[("payment_intent", intent)]).await.error(400);
    assert_eq!(refused["code"], "charge_not_refundable");
    let missing = sandbox.submit("/v1/refunds", &[("charge", "ch_nobody")]).await.error(400);
    assert_eq!((&missing["code"], &missing["param"]), (&json!("resource_missing"), &json!("charge")));
    let unnamed = sandbox.submit("/v1/refunds", &[("amount", "100")]).await.error(400);
    assert_eq!(unnamed["code"], "parameter_missing");
    assert_eq!(sandbox.list("/v1/refunds").await, Vec::<Value>::new());
}

#[tokio::test]
async fn any_refund_may_come_back_later_for_a_reason() {
    let sandbox = start().await;
    let intent = paid(&sandbox, "pm_card_visa").await;
    let fields = [("payment_intent", intent.as_str()), ("metadata[return_id]", "return-7")];
    let refund = sandbox.submit("/v1/refunds", &fields).await.ok();
    assert_eq!(refund["metadata"], json!({ "return_id": "return-7" }));
    let path = format!("refunds/{}", refund["id"].as_str().unwrap());
    sandbox.control(&path, &json!({ "status": "succeeded" })).await.error(400);
    sandbox.control(&path, &json!({ "status": "failed", "reason": "whim" })).await.error(400);
    let body = json!({ "status": "failed", "reason": "lost_or_stolen_card" });
    let failed = sandbox.control(&path, &body).await.ok();
    assert_eq!(
        (&failed["status"], &failed["failure_reason"]),
        (&json!("failed"), &json!("lost_or_stolen_card"))
    );
    let back = failed["failure_balance_transaction"].as_str().unwrap();
    let back = sandbox.get(&format!("/v1/balance_transactions/{back}")).await.ok();
    assert_eq!((&back["type"], &back["amount"]), (&json!("refund_failure"), &json!(2_500)));
    sandbox.control(&path, &body).await.error(400);
    assert_eq!(net(&sandbox).await, 2_500 - 58);
    let told = crate::client::kinds(&sandbox.events().await, "refund.").join(" ");
    assert_eq!(told, "refund.created refund.updated refund.failed");
    assert_eq!(sandbox.submit("/v1/refunds", &fields).await.ok()["status"], "succeeded", "once more");
}

#[tokio::test]
async fn a_pending_refund_may_arrive_or_come_back_on_demand() {
    let hands = crate::fixtures::Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    for status in ["succeeded", "failed"] {
        let intent = sandbox.pay(status, 2_500, "pm_card_pendingRefund").await.ok();
        let fields = [("payment_intent", intent["id"].as_str().unwrap())];
        let refund = sandbox.submit("/v1/refunds", &fields).await.ok();
        let path = format!("refunds/{}", refund["id"].as_str().unwrap());
        let moved = sandbox.control(&path, &json!({ "status": status })).await.ok();
        assert_eq!((&refund["status"], &moved["status"]), (&json!("pending"), &json!(status)));
    }
    let created = format!("created[gte]={}", 1_795_435_200);
    assert_eq!(sandbox.list(&format!("/v1/refunds?{created}")).await.len(), 2);
    let refund = &sandbox.list("/v1/refunds?created[gt]=1795435200").await;
    assert_eq!(refund.len(), 0);
    let charge = sandbox.list("/v1/charges").await.remove(0);
    let by_charge = format!("/v1/refunds?charge={}", charge["id"].as_str().unwrap());
    assert_eq!(sandbox.list(&by_charge).await.len(), 1);
}
