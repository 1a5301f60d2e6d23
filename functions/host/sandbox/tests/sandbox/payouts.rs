use serde_json::{Value, json};

use crate::client::{Api, id, kinds};
use crate::fixtures::{Hands, eventually, start, start_with};

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

async fn payouts(sandbox: &Api, body: &Value) -> Vec<Value> {
    sandbox.control("payouts", body).await.ok()["data"].as_array().unwrap().clone()
}

async fn held(sandbox: &Api, payout: &Value) -> Vec<Value> {
    sandbox.list(&format!("/v1/balance_transactions?payout={}", id(payout))).await
}

fn sum(entries: &[Value], field: &str) -> i64 {
    entries.iter().map(|entry| entry[field].as_i64().unwrap()).sum()
}

#[tokio::test]
async fn a_payout_sends_all_there_is_and_says_what_it_holds() {
    let sandbox = start().await;
    let first = sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    sandbox.pay("key-1", 1_000, "pm_card_visa").await.ok();
    sandbox.submit("/v1/refunds", &[("payment_intent", &id(&first)), ("amount", "500")]).await.ok();
    assert_eq!(payouts(&sandbox, &json!({})).await, Vec::<Value>::new(), "nothing is available yet");
    let made = payouts(&sandbox, &json!({ "include_pending": true })).await;
    let [payout] = made.as_slice() else { panic!("{made:?}") };
    let expected = 2_500 - 58 + 1_000 - 35 - 500;
    assert_eq!((&payout["amount"], &payout["currency"]), (&json!(expected), &json!("gbp")));
    assert_eq!((&payout["status"], &payout["automatic"]), (&json!("pending"), &json!(true)));
    let held = held(&sandbox, payout).await;
    assert_eq!((held.len(), sum(&held, "net")), (4, 0), "what comes in goes out");
    assert_eq!((&held[0]["type"], &held[0]["source"]), (&json!("payout"), &payout["id"]));
    assert_eq!(held[0]["id"], payout["balance_transaction"]);
    assert!(held.iter().all(|entry| entry["status"] == "available"));
    let balance = sandbox.get("/v1/balance").await.ok();
    assert_eq!(
        (&balance["available"][0]["amount"], &balance["pending"][0]["amount"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(payouts(&sandbox, &json!({ "include_pending": true })).await, Vec::<Value>::new());
}

#[tokio::test]
async fn each_currency_has_a_payout_of_its_own() {
    let sandbox = start().await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let euros =
        [("amount", "700"), ("currency", "eur"), ("payment_method", "pm_card_visa"), ("confirm", "true")];
    let way = [
        ("automatic_payment_methods[enabled]", "true"),
        ("automatic_payment_methods[allow_redirects]", "never"),
    ];
    sandbox.submit("/v1/payment_intents", &[&euros[..], &way].concat()).await.ok();
    let eur = payouts(&sandbox, &json!({ "include_pending": true, "currency": "eur" })).await;
    assert_eq!((eur.len(), &eur[0]["amount"], &eur[0]["currency"]), (1, &json!(669), &json!("eur")));
    let rest = payouts(&sandbox, &json!({ "include_pending": true })).await;
    assert_eq!((rest.len(), &rest[0]["currency"]), (1, &json!("gbp")));
    assert_eq!(sandbox.list("/v1/payouts").await.len(), 2);
    assert_eq!(held(&sandbox, &eur[0]).await.len(), 2);
}

#[tokio::test]
async fn a_payout_is_reconciled_soon_and_paid_on_its_day() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    hands.advance(DAY * 4);
    let payout = payouts(&sandbox, &json!({})).await.remove(0);
    assert_eq!(payout["reconciliation_status"], "in_progress");
    let path = format!("/v1/payouts/{}", id(&payout));
    hands.advance(std::time::Duration::from_secs(1));
    eventually("reconciliation", async || {
        (sandbox.get(&path).await.ok()["reconciliation_status"] == "completed").then_some(())
    })
    .await;
    assert_eq!(sandbox.get(&path).await.ok()["status"], "pending");
    hands.advance(DAY * 2);
    eventually("its day", async || (sandbox.get(&path).await.ok()["status"] == "paid").then_some(())).await;
    let expected = ["payout.created", "payout.reconciliation_completed", "payout.paid"];
    assert_eq!(kinds(&sandbox.events().await, "payout."), expected);
    assert_eq!(sandbox.list("/v1/payouts?status=paid").await.len(), 1);
    assert_eq!(sandbox.list("/v1/payouts?status=failed").await.len(), 0);
}

#[tokio::test]
async fn a_payout_that_was_paid_may_fail_and_its_money_goes_out_again() {
    let sandbox = start().await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let payout = payouts(&sandbox, &json!({ "include_pending": true })).await.remove(0);
    let path = format!("payouts/{}", id(&payout));
    let paid = sandbox.control(&path, &json!({ "status": "paid" })).await.ok();
    assert_eq!((&paid["status"], &paid["reconciliation_status"]), (&json!("paid"), &json!("completed")));
    sandbox.control(&path, &json!({ "status": "canceled" })).await.error(400);
    let failed = sandbox.control(&path, &json!({ "status": "failed" })).await.ok();
    assert_eq!((&failed["status"], &failed["failure_code"]), (&json!("failed"), &json!("account_closed")));
    let back = sandbox.list("/v1/balance_transactions?type=payout_failure").await.remove(0);
    assert_eq!(
        (&back["amount"], &back["reporting_category"]),
        (&payout["amount"], &json!("payout_reversal"))
    );
    assert_eq!((&back["id"], &back["source"]), (&failed["failure_balance_transaction"], &payout["id"]));
    sandbox.control(&path, &json!({ "status": "paid" })).await.error(400);
    let again = payouts(&sandbox, &json!({})).await.remove(0);
    assert_eq!(again["amount"], payout["amount"]);
    let second = held(&sandbox, &again).await;
    assert_eq!(
        second.iter().map(|entry| entry["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["payout", "payout_failure"]
    );
    assert_eq!(held(&sandbox, &payout).await.len(), 2, "the first one still says what it held");
    let told = kinds(&sandbox.events().await, "payout.").join(" ");
    assert!(told.contains("payout.paid payout.failed"), "{told}");
}

#[tokio::test]
async fn a_payout_may_be_cancelled_while_it_is_pending() {
    let sandbox = start().await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let payout = payouts(&sandbox, &json!({ "include_pending": true })).await.remove(0);
    let path = format!("payouts/{}", id(&payout));
    let cancelled = sandbox.control(&path, &json!({ "status": "canceled" })).await.ok();
    let back = cancelled["failure_balance_transaction"].as_str().unwrap();
    let back = sandbox.get(&format!("/v1/balance_transactions/{back}")).await.ok();
    assert_eq!((&back["type"], &back["amount"]), (&json!("payout_cancel"), &payout["amount"]));
    assert_eq!(kinds(&sandbox.events().await, "payout.canceled").len(), 1);
}

#[tokio::test]
async fn a_dispute_comes_off_the_next_payout_and_may_leave_nothing() {
    let sandbox = start().await;
    let intent = sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    payouts(&sandbox, &json!({ "include_pending": true })).await;
    sandbox.control("disputes", &json!({ "payment_intent": intent["id"] })).await.ok();
    assert_eq!(payouts(&sandbox, &json!({})).await, Vec::<Value>::new(), "the balance is negative");
    sandbox.pay("key-1", 10_000, "pm_card_visa").await.ok();
    let payout = payouts(&sandbox, &json!({ "include_pending": true })).await.remove(0);
    assert_eq!(payout["amount"], 10_000 - 170 - 4_500);
    assert_eq!(sum(&held(&sandbox, &payout).await, "net"), 0);
}

#[tokio::test]
async fn movements_are_listed_by_what_they_are_and_with_what_caused_them() {
    let sandbox = start().await;
    let intent = sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let charge = intent["latest_charge"].as_str().unwrap();
    sandbox.submit("/v1/refunds", &[("charge", charge), ("amount", "500")]).await.ok();
    let payout = payouts(&sandbox, &json!({ "include_pending": true })).await.remove(0);
    let count = async |filter: &str| sandbox.list(&format!("/v1/balance_transactions?{filter}")).await.len();
    assert_eq!(count("type=charge").await, 1);
    assert_eq!(count(&format!("source={charge}")).await, 1);
    assert_eq!(count("currency=gbp").await, 3);
    assert_eq!(count("currency=eur").await, 0);
    assert_eq!(count("created[lt]=1000").await, 0);
    let page = format!("/v1/balance_transactions?payout={}&limit=2", id(&payout));
    let first = sandbox.get(&page).await.ok();
    assert_eq!((first["data"].as_array().unwrap().len(), &first["has_more"]), (2, &json!(true)));
    let after = id(&first["data"][1]);
    let last = sandbox.get(&format!("{page}&starting_after={after}")).await.ok();
    assert_eq!((last["data"].as_array().unwrap().len(), &last["has_more"]), (1, &json!(false)));
    let before = sandbox.get(&format!("{page}&ending_before={}", id(&last["data"][0]))).await.ok();
    assert_eq!(before["data"], first["data"]);

    let whole = format!("{page}&starting_after={after}&expand[]=data.source");
    let source = sandbox.get(&whole).await.ok()["data"][0]["source"].clone();
    assert_eq!((&source["object"], &source["payment_intent"]), (&json!("charge"), &intent["id"]));
    assert_eq!(source["metadata"]["donation_id"], "adaexampledonation");
    let mixed = sandbox.get("/v1/balance_transactions?expand[]=data.source.charge").await.ok();
    let objects: Vec<&Value> =
        mixed["data"].as_array().unwrap().iter().map(|entry| &entry["source"]["object"]).collect();
    assert_eq!(objects, ["payout", "refund", "charge"]);
    assert_eq!(mixed["data"][1]["source"]["charge"]["id"], charge);
    sandbox.get("/v1/balance_transactions?payout=po_nobody").await.error(400);
    sandbox.get("/v1/balance_transactions?expand[]=data.source.colour").await.error(400);
}

#[tokio::test]
async fn a_move_that_makes_no_sense_is_refused() {
    let sandbox = start().await;
    for (path, body, status) in [
        ("payouts/po_nobody", json!({ "status": "paid" }), 404),
        ("payouts/po_nobody", json!({ "status": "lost" }), 400),
        ("payouts", json!({ "colour": "green" }), 400),
        ("refunds/re_nobody", json!({ "status": "failed" }), 404),
        ("payment_intents/pi_nobody", json!({ "flip": "succeeded" }), 404),
        ("payment_intents/pi_nobody", json!({ "flip": "failed" }), 400),
        ("secrets", json!({}), 404),
    ] {
        assert_eq!(sandbox.control(path, &body).await.status, status, "{path} {body}");
    }
    let forged = sandbox.anonymous().post(format!("{}/_sandbox/payouts", sandbox.url));
    assert_eq!(crate::client::send(forged.body("{}")).await.status, 400);
}
