use serde_json::{Value, json};

use crate::client::{Api, id, kinds};
use crate::fixtures::{Hands, eventually, start, start_with};

async fn paid(sandbox: &Api) -> Value {
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok()
}

async fn disputed(sandbox: &Api, kind: &str) -> Value {
    let intent = paid(sandbox).await;
    sandbox.control("disputes", &json!({ "payment_intent": intent["id"], "kind": kind })).await.ok()
}

/// What the balance adds up to.
async fn net(sandbox: &Api) -> i64 {
    let entries = sandbox.list("/v1/balance_transactions").await;
    entries.iter().map(|entry| entry["net"].as_i64().unwrap()).sum()
}

const TAKEN: i64 = 2_500 - 58;

#[tokio::test]
async fn a_dispute_takes_the_money_and_a_fee_at_once() {
    let sandbox = start().await;
    let dispute = disputed(&sandbox, "fraudulent").await;
    assert_eq!((&dispute["amount"], &dispute["status"]), (&json!(2_500), &json!("needs_response")));
    assert_eq!((&dispute["reason"], &dispute["is_charge_refundable"]), (&json!("fraudulent"), &json!(false)));
    let entry = &dispute["balance_transactions"][0];
    for (field, value) in [
        ("amount", json!(-2_500)),
        ("fee", json!(2_000)),
        ("net", json!(-4_500)),
        ("type", json!("adjustment")),
        ("reporting_category", json!("dispute")),
        ("source", dispute["id"].clone()),
    ] {
        assert_eq!(entry[field], value, "{field}");
    }
    assert_eq!(entry["fee_details"][0]["description"], "Dispute fee");
    assert_eq!(net(&sandbox).await, TAKEN - 4_500);
    let events = sandbox.events().await;
    let expected = ["charge.dispute.created", "charge.dispute.funds_withdrawn"];
    assert_eq!(kinds(&events, "charge.dispute."), expected);
    let charge = sandbox.list("/v1/charges").await.remove(0);
    assert_eq!((&charge["disputed"], &charge["id"]), (&json!(true), &dispute["charge"]));
}

#[tokio::test]
async fn a_dispute_that_is_won_brings_the_money_back_and_not_the_fee() {
    let sandbox = start().await;
    let dispute = disputed(&sandbox, "fraudulent").await;
    let path = format!("disputes/{}", id(&dispute));
    let won = sandbox.control(&path, &json!({ "close": "won" })).await.ok();
    assert_eq!(won["status"], "won");
    let back = &won["balance_transactions"][1];
    assert_eq!((&back["amount"], &back["fee"]), (&json!(2_500), &json!(0)));
    assert_eq!(back["reporting_category"], "dispute_reversal");
    assert_eq!(net(&sandbox).await, TAKEN - 2_000);
    let events = sandbox.events().await;
    let ends = ["charge.dispute.closed", "charge.dispute.funds_reinstated"];
    assert_eq!(kinds(&events, "charge.dispute.")[2..], ends);
    assert_eq!(events.last().unwrap()["data"]["object"], won);
    sandbox.control(&path, &json!({ "close": "lost" })).await.error(400);
    let refund = [("payment_intent", dispute["payment_intent"].as_str().unwrap())];
    sandbox.submit("/v1/refunds", &refund).await.ok();
}

#[tokio::test]
async fn a_dispute_that_is_lost_or_given_up_brings_nothing_back() {
    for give_up in [true, false] {
        let sandbox = start().await;
        let dispute = disputed(&sandbox, "product_not_received").await;
        assert_eq!(dispute["reason"], "product_not_received");
        let lost = if give_up {
            sandbox.submit(&format!("/v1/disputes/{}/close", id(&dispute)), &[]).await.ok()
        } else {
            sandbox.control(&format!("disputes/{}", id(&dispute)), &json!({ "close": "lost" })).await.ok()
        };
        assert_eq!(
            (&lost["status"], lost["balance_transactions"].as_array().unwrap().len()),
            (&json!("lost"), 1)
        );
        assert_eq!(net(&sandbox).await, TAKEN - 4_500);
        assert_eq!(kinds(&sandbox.events().await, "charge.dispute.").last(), Some(&"charge.dispute.closed"));
        sandbox.submit(&format!("/v1/disputes/{}/close", id(&dispute)), &[]).await.error(400);
    }
}

#[tokio::test]
async fn a_disputed_payment_is_not_refunded() {
    let sandbox = start().await;
    let dispute = disputed(&sandbox, "fraudulent").await;
    let intent = dispute["payment_intent"].as_str().unwrap();
    let refused = sandbox.submit("/v1/refunds", &[("payment_intent", intent)]).await.error(400);
    assert_eq!(
        (&refused["code"], &refused["type"]),
        (&json!("charge_disputed"), &json!("invalid_request_error"))
    );
    assert_eq!(sandbox.list("/v1/refunds").await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_inquiry_moves_no_money_until_it_becomes_a_chargeback() {
    let sandbox = start().await;
    let inquiry = disputed(&sandbox, "inquiry").await;
    assert_eq!(
        (&inquiry["status"], &inquiry["is_charge_refundable"]),
        (&json!("warning_needs_response"), &json!(true))
    );
    assert_eq!((net(&sandbox).await, &inquiry["balance_transactions"]), (TAKEN, &json!([])));
    assert_eq!(kinds(&sandbox.events().await, "charge.dispute."), ["charge.dispute.created"]);
    let path = format!("disputes/{}", id(&inquiry));
    sandbox.control(&path, &json!({ "close": "won" })).await.error(400);
    let grave = sandbox.control(&path, &json!({ "escalate": true })).await.ok();
    assert_eq!((&grave["status"], net(&sandbox).await), (&json!("needs_response"), TAKEN - 4_500));
    sandbox.control(&path, &json!({ "close": "warning_closed" })).await.error(400);
}

#[tokio::test]
async fn an_inquiry_may_end_as_one() {
    let sandbox = start().await;
    let inquiry = disputed(&sandbox, "inquiry").await;
    let path = format!("disputes/{}", id(&inquiry));
    let closed = sandbox.control(&path, &json!({ "close": "warning_closed" })).await.ok();
    assert_eq!((&closed["status"], net(&sandbox).await), (&json!("warning_closed"), TAKEN));
    let refund = [("payment_intent", inquiry["payment_intent"].as_str().unwrap())];
    sandbox.submit("/v1/refunds", &refund).await.ok();
}

#[tokio::test]
async fn evidence_is_staged_handed_in_and_decides() {
    for (text, verdict) in [("winning_evidence", "won"), ("losing_evidence", "lost")] {
        let sandbox = start().await;
        let dispute = disputed(&sandbox, "fraudulent").await;
        let path = format!("/v1/disputes/{}", id(&dispute));
        let staged = [("evidence[customer_name]", "Ada Example"), ("submit", "false")];
        let staged = sandbox.submit(&path, &staged).await.ok();
        assert_eq!(
            (&staged["status"], &staged["evidence"]["customer_name"]),
            (&json!("needs_response"), &json!("Ada Example"))
        );
        assert_eq!(staged["evidence_details"]["has_evidence"], true);
        let noted = sandbox.submit(&path, &[("metadata[case]", "7")]).await.ok();
        assert_eq!((&noted["metadata"]["case"], &noted["status"]), (&json!("7"), &json!("needs_response")));
        let sent = sandbox.submit(&path, &[("evidence[uncategorized_text]", text)]).await.ok();
        assert_eq!(
            (&sent["status"], &sent["evidence_details"]["submission_count"]),
            (&json!("under_review"), &json!(1))
        );
        sandbox.submit(&path, &[("evidence[customer_name]", "Ada")]).await.error(400);
        sandbox.submit(&format!("{path}/close"), &[]).await.error(400);
        eventually(verdict, async || (sandbox.get(&path).await.ok()["status"] == verdict).then_some(()))
            .await;
        let updated = kinds(&sandbox.events().await, "charge.dispute.updated").len();
        assert_eq!(updated, 3);
    }
}

#[tokio::test]
async fn evidence_that_is_wrong_or_late_is_refused() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    let dispute = disputed(&sandbox, "fraudulent").await;
    let path = format!("/v1/disputes/{}", id(&dispute));
    for (name, param) in [
        ("evidence[receipt]", "evidence[receipt]"),
        ("evidence[colour]", "evidence[colour]"),
        ("colour", "colour"),
    ] {
        assert_eq!(sandbox.submit(&path, &[(name, "green")]).await.error(400)["param"], param);
    }
    sandbox.submit("/v1/disputes/du_nobody", &[("submit", "true")]).await.error(404);
    hands.advance(std::time::Duration::from_hours(24 * 11));
    assert_eq!(sandbox.get(&path).await.ok()["evidence_details"]["past_due"], true);
    sandbox.submit(&path, &[("evidence[customer_name]", "Ada Example")]).await.error(400);
}

#[tokio::test]
async fn some_test_cards_are_disputed_by_themselves() {
    let sandbox = start().await;
    for (token, reason, status) in [
        ("pm_card_createDispute", "fraudulent", "needs_response"),
        ("pm_card_createDisputeProductNotReceived", "product_not_received", "needs_response"),
        ("pm_card_createDisputeInquiry", "fraudulent", "warning_needs_response"),
    ] {
        let intent = sandbox.pay(token, 2_500, token).await.ok();
        assert_eq!(intent["status"], "succeeded");
        let found = eventually(token, async || {
            sandbox.list(&format!("/v1/disputes?payment_intent={}", id(&intent))).await.pop()
        })
        .await;
        assert_eq!((&found["reason"], &found["status"]), (&json!(reason), &json!(status)));
        let by_charge = format!("/v1/disputes?charge={}", found["charge"].as_str().unwrap());
        assert_eq!(sandbox.list(&by_charge).await, [found]);
    }
}

#[tokio::test]
async fn what_cannot_be_disputed_is_not() {
    let sandbox = start().await;
    let dispute = disputed(&sandbox, "fraudulent").await;
    let open = async |intent: &Value| sandbox.control("disputes", &json!({ "payment_intent": intent })).await;
    open(&dispute["payment_intent"]).await.error(400);
    open(&json!("pi_nobody")).await.error(400);
    let declined = sandbox.pay("key-1", 2_500, "pm_card_chargeDeclined").await.error(402);
    open(&declined["payment_intent"]["id"]).await.error(400);
    let refunded = sandbox.pay("key-2", 2_500, "pm_card_visa").await.ok();
    sandbox.submit("/v1/refunds", &[("payment_intent", &id(&refunded)), ("amount", "1000")]).await.ok();
    assert_eq!(open(&refunded["id"]).await.ok()["amount"], 1_500, "what is left");
    sandbox.control("disputes", &json!({ "payment_intent": "pi_1", "kind": "whim" })).await.error(400);
    sandbox.control("disputes/du_nobody", &json!({ "close": "won" })).await.error(404);
}
