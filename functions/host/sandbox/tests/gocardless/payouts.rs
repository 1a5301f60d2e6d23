use serde_json::{Value, json};

use crate::client::MANDATE;
use crate::fixtures::{Running, eventually, start};

/// Items of a payout, oldest first: type and amount.
async fn items(sandbox: &Running, payout: &Value) -> Vec<(String, String)> {
    let path = format!("/payout_items?payout={}", payout["id"].as_str().unwrap());
    let mut items = sandbox.list(&path).await;
    items.reverse();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    items.iter().map(|item| (text(item, "type"), text(item, "amount"))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(kind, amount)| (kind.to_owned(), amount.to_owned())).collect()
}

async fn pay_out(sandbox: &Running) -> Value {
    sandbox.control("gocardless/payouts", &json!({})).await.with(200)["payouts"].clone()
}

#[tokio::test]
async fn a_payout_is_the_sum_of_its_items_rounded_to_pence() {
    let sandbox = start().await;
    for (key, amount) in [("key-0", 2_525), ("key-1", 1_000)] {
        let id = sandbox.pay(key, amount, MANDATE).await;
        sandbox.move_to(&id, "confirmed").await;
    }
    let payout = pay_out(&sandbox).await;
    let expected = [
        ("payment_paid_out", "2525.0"),
        ("gocardless_fee", "-54.4"),
        ("payment_paid_out", "1000.0"),
        ("gocardless_fee", "-36.0"),
    ];
    assert_eq!(items(&sandbox, &payout).await, pairs(&expected));
    // 3525.0 less 90.4.
    assert_eq!((&payout["amount"], &payout["deducted_fees"]), (&json!(3_435), &json!(90)));
    assert_eq!((&payout["status"], &payout["arrival_date"]), (&json!("paid"), &json!("2026-11-24")));
    assert_eq!((&payout["payout_type"], &payout["currency"]), (&json!("merchant"), &json!("GBP")));
    let path = format!("/payouts/{}", payout["id"].as_str().unwrap());
    assert_eq!(sandbox.get(&path).await.with(200)["payouts"], payout);
    assert_eq!(sandbox.list("/payouts?status=paid").await, [payout]);
}

#[tokio::test]
async fn a_fee_shows_its_tax() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 1_000, MANDATE).await;
    let paid = sandbox.move_to(&id, "paid_out").await;
    let items =
        sandbox.list(&format!("/payout_items?payout={}", paid["links"]["payout"].as_str().unwrap())).await;
    let of = |kind: &str| items.iter().find(|item| item["type"] == kind).unwrap();
    let fee = of("gocardless_fee");
    assert_eq!(fee["links"], json!({ "payment": id, "mandate": MANDATE }));
    assert_eq!(
        (&fee["taxes"][0]["amount"], &fee["taxes"][0]["tax_rate_id"]),
        (&json!("-6.0"), &json!("GB_VAT_1"))
    );
    assert_eq!(of("payment_paid_out")["taxes"], json!([]));
}

#[tokio::test]
async fn a_paid_payout_is_the_parent_of_what_it_has_settled() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 2_500, MANDATE).await;
    sandbox.move_to(&id, "confirmed").await;
    let payout = pay_out(&sandbox).await;
    let told = sandbox.list("/events?resource_type=payouts").await.remove(0);
    assert_eq!((&told["action"], &told["links"]), (&json!("paid"), &json!({ "payout": payout["id"] })));
    let parent = told["id"].as_str().unwrap();
    let children = sandbox.list(&format!("/events?parent_event={parent}")).await;
    assert_eq!(children.len(), 1);
    assert_eq!(children[0]["links"], json!({ "payment": id, "parent_event": parent }));
    assert_eq!(children[0]["details"]["cause"], "payment_paid_out");
}

#[tokio::test]
async fn chargebacks_late_failures_and_refunds_come_off_with_their_fees_given_back() {
    let sandbox = start().await;
    let mut ids = Vec::new();
    for key in ["key-0", "key-1", "key-2"] {
        let id = sandbox.pay(key, 1_000, MANDATE).await;
        sandbox.move_to(&id, "confirmed").await;
        ids.push(id);
    }
    pay_out(&sandbox).await;
    sandbox.move_to(&ids[0], "charged_back").await;
    sandbox.move_to(&ids[1], "late_failure").await;
    let refund = json!({ "refunds": {
        "amount": 400, "total_amount_confirmation": 400, "links": { "payment": ids[2] },
    } });
    sandbox.post("/refunds", "r-0", &refund).await.created("refunds");

    let nothing = sandbox.control("gocardless/payouts", &json!({})).await;
    assert_eq!(nothing.reason(422), "sandbox_nothing_to_pay_out", "the balance is negative");
    let id = sandbox.pay("key-3", 5_000, MANDATE).await;
    sandbox.move_to(&id, "confirmed").await;
    let payout = pay_out(&sandbox).await;
    let expected = [
        ("payment_charged_back", "-1000.0"),
        ("gocardless_fee", "36.0"),
        ("payment_failed", "-1000.0"),
        ("gocardless_fee", "36.0"),
        ("payment_refunded", "-400.0"),
        ("payment_paid_out", "5000.0"),
        ("gocardless_fee", "-84.0"),
    ];
    assert_eq!(items(&sandbox, &payout).await, pairs(&expected));
    assert_eq!((&payout["amount"], &payout["deducted_fees"]), (&json!(2_588), &json!(12)));
    let parent = sandbox.list("/events?resource_type=payouts").await.remove(0);
    let children = sandbox.told(&format!("parent_event={}", parent["id"].as_str().unwrap())).await;
    let settled = [
        "payments.chargeback_settled",
        "payments.late_failure_settled",
        "refunds.refund_settled",
        "payments.paid_out",
    ];
    assert_eq!(children, settled);
}

#[tokio::test]
async fn what_was_never_paid_out_never_comes_off() {
    let sandbox = start().await;
    let lost = sandbox.pay("key-0", 1_000, MANDATE).await;
    sandbox.move_to(&lost, "charged_back").await;
    let kept = sandbox.pay("key-1", 1_000, MANDATE).await;
    sandbox.move_to(&kept, "confirmed").await;
    let payout = pay_out(&sandbox).await;
    assert_eq!(
        items(&sandbox, &payout).await,
        pairs(&[("payment_paid_out", "1000.0"), ("gocardless_fee", "-36.0")])
    );
}

#[tokio::test]
async fn the_payments_of_a_day_are_paid_out_together_and_the_payout_is_paid_the_day_after() {
    let sandbox = start().await;
    for number in 0..3 {
        sandbox.pay(&format!("key-{number}"), 1_000, MANDATE).await;
        sandbox.hands.advance(std::time::Duration::from_secs(600));
    }
    sandbox.days(7);
    let made = async || Some(sandbox.list("/payouts").await).filter(|payouts| !payouts.is_empty());
    let payouts = eventually("a payout", made).await;
    assert_eq!(payouts.len(), 1);
    assert_eq!((&payouts[0]["status"], &payouts[0]["arrival_date"]), (&json!("pending"), &Value::Null));
    assert_eq!(items(&sandbox, &payouts[0]).await.len(), 6);
    let waiting = sandbox.list("/payments?status=confirmed").await;
    assert!(waiting.iter().all(|payment| payment["links"]["payout"] == payouts[0]["id"]), "{waiting:?}");
    assert_eq!(waiting.len(), 3);
    sandbox.days(1);
    let paid =
        async || Some(sandbox.list("/payouts?status=paid").await).filter(|payouts| !payouts.is_empty());
    eventually("it is paid", paid).await;
    assert_eq!(sandbox.list("/payments?status=paid_out").await.len(), 3);
}

#[tokio::test]
async fn a_payout_that_bounces_settles_nothing_a_second_time_when_it_is_paid_again() {
    let sandbox = start().await;
    let id = sandbox.pay("key-0", 1_000, MANDATE).await;
    sandbox.move_to(&id, "confirmed").await;
    let refund = json!({ "refunds": {
        "amount": 400, "total_amount_confirmation": 400, "links": { "payment": id },
    } });
    sandbox.post("/refunds", "r-0", &refund).await.created("refunds");
    let made = sandbox.control("gocardless/payouts", &json!({ "to": "pending" })).await.with(200);
    assert_eq!(made["payouts"]["status"], "pending");
    assert_eq!(sandbox.payment(&id).await["status"], "confirmed");
    let path = format!("gocardless/payouts/{}", made["payouts"]["id"].as_str().unwrap());
    let moved = async |to: &str| sandbox.control(&path, &json!({ "to": to })).await;
    assert_eq!(moved("bounced").await.reason(422), "sandbox_not_possible");
    for to in ["paid", "bounced", "paid"] {
        assert_eq!(moved(to).await.with(200)["payouts"]["status"], to);
    }
    assert_eq!(sandbox.told("resource_type=payouts").await, ["payouts.paid", "payouts.paid"]);
    assert_eq!(sandbox.told("resource_type=creditors").await, ["creditors.bounced_payout"]);
    assert_eq!(sandbox.told(&format!("payment={id}&action=paid_out")).await.len(), 1);
    assert_eq!(sandbox.told("action=refund_settled").await.len(), 1);
}
