use serde_json::{Value, json};

use crate::client::{Answer, MANDATE};
use crate::fixtures::{Running, eventually, start};

async fn refund(sandbox: &Running, key: &str, payment: &str, amount: i64, total: i64) -> Answer {
    let body = json!({ "refunds": {
        "amount": amount, "total_amount_confirmation": total, "links": { "payment": payment },
        "metadata": { "reason": "requested by donor" },
    } });
    sandbox.post("/refunds", key, &body).await
}

async fn becomes(sandbox: &Running, id: &str, status: &str) -> Value {
    let find = async || {
        let refund = sandbox.get(&format!("/refunds/{id}")).await.with(200)["refunds"].clone();
        Some(refund).filter(|refund| refund["status"] == status)
    };
    eventually(status, find).await
}

#[tokio::test]
async fn a_payment_is_refunded_in_parts_up_to_what_it_was() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    assert_eq!(refund(&sandbox, "r-0", &id, 500, 500).await.reason(422), "refund_payment_invalid_state");
    sandbox.move_to(&id, "confirmed").await;
    let first = refund(&sandbox, "r-0", &id, 500, 500).await.created("refunds");
    assert_eq!(
        (&first["amount"], &first["currency"], &first["status"]),
        (&json!(500), &json!("GBP"), &json!("created"))
    );
    assert_eq!(first["links"], json!({ "payment": id, "mandate": MANDATE }));
    assert_eq!(refund(&sandbox, "r-1", &id, 500, 500).await.reason(422), "total_amount_confirmation_invalid");
    let too_much = refund(&sandbox, "r-1", &id, 2_001, 2_501).await.with(422);
    assert_eq!(too_much["error"]["errors"][0]["field"], "amount");
    refund(&sandbox, "r-1", &id, 2_000, 2_500).await.created("refunds");
    assert_eq!(sandbox.payment(&id).await["amount_refunded"], 2_500);
    assert_eq!(sandbox.list(&format!("/refunds?payment={id}")).await.len(), 2);
    assert_eq!(refund(&sandbox, "r-2", "PM000NOBODY", 1, 1).await.reason(400), "link_not_found");
}

#[tokio::test]
async fn a_refund_arrives_after_two_days() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    sandbox.move_to(&id, "paid_out").await;
    let made = refund(&sandbox, "r-0", &id, 2_500, 2_500).await.created("refunds");
    let refund_id = made["id"].as_str().unwrap();
    sandbox.days(2);
    becomes(&sandbox, refund_id, "paid").await;
    let events = sandbox.list(&format!("/events?refund={refund_id}")).await;
    assert_eq!(events[0]["links"], json!({ "refund": refund_id }));
    assert_eq!(sandbox.told(&format!("refund={refund_id}")).await, ["refunds.created", "refunds.paid"]);
}

#[tokio::test]
async fn a_refund_that_does_not_arrive_gives_the_money_back_with_the_next_payout() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, "MDrefundfails1").await;
    sandbox.move_to(&id, "paid_out").await;
    let made = refund(&sandbox, "r-0", &id, 2_500, 2_500).await.created("refunds");
    let refund_id = made["id"].as_str().unwrap();
    sandbox.days(2);
    becomes(&sandbox, refund_id, "bounced").await;
    assert_eq!(sandbox.payment(&id).await["amount_refunded"], 0);

    let other = sandbox.pay("key-1", 2_500, MANDATE).await;
    let paid = sandbox.move_to(&other, "paid_out").await;
    becomes(&sandbox, refund_id, "funds_returned").await;
    let payout = paid["links"]["payout"].as_str().unwrap();
    let items = sandbox.list(&format!("/payout_items?payout={payout}")).await;
    let of = |kind: &str| items.iter().find(|item| item["type"] == kind).unwrap();
    assert_eq!(
        (&of("payment_refunded")["amount"], &of("refund_funds_returned")["amount"]),
        (&json!("-2500.0"), &json!("2500.0"))
    );
    assert_eq!(of("refund_funds_returned")["links"]["refund"], refund_id);
    let told = sandbox.told(&format!("refund={refund_id}")).await;
    assert_eq!(
        told,
        ["refunds.created", "refunds.failed", "refunds.refund_settled", "refunds.funds_returned"]
    );
}

#[tokio::test]
async fn a_refund_is_moved_at_once_by_control_even_after_it_was_paid() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    sandbox.move_to(&id, "confirmed").await;
    let made = refund(&sandbox, "r-0", &id, 500, 500).await.created("refunds");
    let path = format!("gocardless/refunds/{}", made["id"].as_str().unwrap());
    let moved = async |to: &str| sandbox.control(&path, &json!({ "to": to })).await;
    assert_eq!(moved("paid").await.with(200)["refunds"]["status"], "paid");
    assert_eq!(moved("failed").await.with(200)["refunds"]["status"], "bounced");
    assert_eq!(moved("paid").await.reason(422), "sandbox_not_possible");
}
