//! What the sandbox answers, and what is recorded as Stripe's answers, judged by the classes of Stripe's SDK.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::fixtures::{call, collection, contract, contracts, sdk_create};
use crate::running::{CARD, Running};
use crate::sandbox_answers::controlled;
use crate::schemas::{answer, complaints};

/// The SDK's class of an object, by what it calls itself.
fn class_of(object: &Value) -> &'static str {
    match object["object"].as_str() {
        Some("payment_intent") => "PaymentIntent",
        Some("charge") => "Charge",
        Some("refund") => "Refund",
        Some("balance") => "Balance",
        Some("balance_transaction") => "BalanceTransaction",
        Some("dispute") => "Dispute",
        Some("payout") => "Payout",
        Some("event") => "Event",
        Some("list") => match object["data"][0]["object"].as_str() {
            Some("charge") => "Charges",
            Some("refund") => "Refunds",
            Some("balance_transaction") => "BalanceTransactions",
            Some("dispute") => "Disputes",
            Some("payout") => "Payouts",
            Some("event") => "Events",
            Some("payment_intent") | None => "PaymentIntents",
            Some(other) => panic!("there is no class for a list of {other}"),
        },
        None if object["error"].is_object() => "Error",
        other => panic!("there is no class for {other:?}: {object}"),
    }
}

/// Judges objects of any kind; each schema is built once.
#[derive(Default)]
struct Judge {
    validators: BTreeMap<&'static str, Validator>,
    found: Vec<String>,
}

impl Judge {
    async fn judge(&mut self, name: &str, object: &Value) {
        let class = class_of(object);
        if !self.validators.contains_key(class) {
            self.validators.insert(class, answer(class).await);
        }
        let complaints = complaints(&self.validators[class], object);
        self.found.extend(complaints.into_iter().map(|complaint| format!("{name}: {class}{complaint:.300}")));
    }

    /// Judges an event, and what it is about.
    async fn judge_event(&mut self, name: &str, event: &Value) {
        self.judge(name, event).await;
        self.judge(&format!("{name}: data.object"), &event["data"]["object"]).await;
    }
}

fn body(result: &Value) -> Value {
    if result["ok"]["body"].is_object() {
        return result["ok"]["body"].clone();
    }
    panic!("{result:#}")
}

#[tokio::test]
async fn every_object_of_the_sandbox_has_the_fields_and_values_of_stripes() {
    let running = Running::new().await;
    let mut judge = Judge::default();
    let cards = [
        CARD,
        "pm_card_mastercard",
        "pm_card_authenticationRequired",
        "pm_sandbox_processing",
        "pm_card_pendingRefund",
    ];
    let jobs: Vec<Value> = (1..).zip(cards).map(|(n, card)| sdk_create(&collection(n, card))).collect();
    let payments: Vec<Value> = running.sdk(&jobs).await.iter().map(body).collect();
    for (card, payment) in cards.iter().zip(&payments) {
        judge.judge(card, payment).await;
    }
    let declined = running.sdk(&[sdk_create(&collection(9, "pm_card_visa_chargeDeclined"))]).await;
    let back = declined[0]["error"]["payment_intent"].clone();
    assert_eq!(back["last_payment_error"]["code"], "card_declined");
    let expand = json!({ "expand": ["latest_charge", "latest_charge.balance_transaction"] });
    let jobs = [
        call("refunds.create", json!([{ "payment_intent": payments[0]["id"] }])),
        call("refunds.create", json!([{ "payment_intent": payments[1]["id"], "amount": 100 }])),
        call("refunds.create", json!([{ "payment_intent": payments[4]["id"] }])),
        call("paymentIntents.retrieve", json!([back["id"]])),
        call("paymentIntents.retrieve", json!([payments[0]["id"], expand])),
        call("paymentIntents.create", json!([{ "amount": 500, "currency": "eur" }])),
        call("paymentIntents.cancel", json!([payments[2]["id"]])),
        call("balance.retrieve", json!([])),
        call("paymentIntents.list", json!([{ "limit": 3 }])),
        call("charges.list", json!([])),
        call("refunds.list", json!([])),
        call("balanceTransactions.list", json!([])),
        call("events.list", json!([{ "limit": 100 }])),
    ];
    for (result, job) in running.sdk(&jobs).await.iter().zip(&jobs) {
        judge.judge(job["method"].as_str().unwrap(), &body(result)).await;
    }
    let events = json!({ "do": "list", "method": "events.list", "args": [{}] });
    let events = running.sdk(&[events]).await[0]["ok"].clone();
    assert!(events.as_array().is_some_and(|events| events.len() > 10));
    for event in events.as_array().unwrap() {
        judge.judge_event(event["type"].as_str().unwrap(), event).await;
    }
    running.stop().await;
    judge.found.sort();
    judge.found.dedup();
    assert!(judge.found.is_empty(), "{:#?}", judge.found);
}

#[tokio::test]
async fn every_dispute_payout_and_failure_of_the_sandbox_has_the_fields_and_values_of_stripes() {
    let running = Running::new().await;
    let mut judge = Judge::default();
    let cards =
        [CARD, CARD, CARD, CARD, CARD, "pm_card_visa_chargeDeclined_card7", "pm_card_threeDSecureOptional"];
    let jobs: Vec<Value> = (1..).zip(cards).map(|(n, card)| sdk_create(&collection(n, card))).collect();
    let paid = running.sdk(&jobs).await;
    let payment = |n: usize| body(&paid[n])["id"].as_str().unwrap().to_owned();
    let control = async |path: &str, body: Value| controlled(running.url(), path, &body).await;
    let mut disputes = Vec::new();
    for (n, kind) in [(0, "fraudulent"), (1, "product_not_received"), (2, "inquiry")] {
        let dispute = control("disputes", json!({ "payment_intent": payment(n), "kind": kind })).await;
        disputes.push(dispute["id"].as_str().unwrap().to_owned());
        judge.judge(kind, &dispute).await;
    }
    let refund = running.sdk(&[call("refunds.create", json!([{ "payment_intent": payment(3) }]))]).await;
    let refund = body(&refund[0])["id"].as_str().unwrap().to_owned();
    let payout = control("payouts", json!({ "include_pending": true })).await["data"][0].clone();
    judge.judge("payout", &payout).await;
    let payout = payout["id"].as_str().unwrap().to_owned();
    let declined = paid[5]["error"]["payment_intent"]["id"].as_str().unwrap().to_owned();
    for (path, body) in [
        (format!("disputes/{}", disputes[0]), json!({ "close": "won" })),
        (format!("disputes/{}", disputes[2]), json!({ "close": "warning_closed" })),
        (format!("refunds/{refund}"), json!({ "status": "failed" })),
        (format!("payouts/{payout}"), json!({ "status": "paid" })),
        (format!("payouts/{payout}"), json!({ "status": "failed" })),
        (format!("payment_intents/{declined}"), json!({ "flip": "succeeded" })),
        (format!("payment_intents/{}", payment(4)), json!({ "capture_again": true })),
    ] {
        let moved = control(&path, body.clone()).await;
        judge.judge(&format!("{path} {body}"), &moved).await;
    }
    let evidence = json!({ "evidence": { "customer_name": "Ada Example" }, "metadata": { "case": "7" } });
    let asked = json!({ "amount": 2500, "currency": "gbp", "payment_method": "pm_card_threeDSecureOptional",
        "confirm": true, "return_url": "https://give.example.org/thanks", "expand": ["latest_charge"],
        "payment_method_options": { "card": { "request_three_d_secure": "any" } } });
    let jobs = [
        call("disputes.update", json!([disputes[1], evidence])),
        call("disputes.retrieve", json!([disputes[1], { "expand": ["charge", "payment_intent"] }])),
        call("disputes.list", json!([])),
        call("payouts.retrieve", json!([payout, { "expand": ["balance_transaction.source"] }])),
        call("payouts.list", json!([{ "status": "failed" }])),
        call("refunds.retrieve", json!([refund, { "expand": ["failure_balance_transaction"] }])),
        call("balanceTransactions.list", json!([{ "payout": payout, "limit": 100 }])),
        call("balanceTransactions.list", json!([{ "limit": 100, "expand": ["data.source"] }])),
        call("charges.list", json!([{ "limit": 100 }])),
        call("paymentIntents.create", json!([asked])),
        call("balance.retrieve", json!([])),
    ];
    for (result, job) in running.sdk(&jobs).await.iter().zip(&jobs) {
        judge.judge(&job.to_string(), &body(result)).await;
    }
    let events = json!({ "do": "list", "method": "events.list", "args": [{}] });
    let events = running.sdk(&[events]).await[0]["ok"].as_array().unwrap().clone();
    for event in &events {
        judge.judge_event(event["type"].as_str().unwrap(), event).await;
    }
    let told: BTreeSet<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    for kind in [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
        "payout.created",
        "payout.reconciliation_completed",
        "payout.paid",
        "payout.failed",
        "refund.failed",
    ] {
        assert!(told.contains(kind), "{kind} is not among {told:?}");
    }
    running.stop().await;
    judge.found.sort();
    judge.found.dedup();
    assert!(judge.found.is_empty(), "{:#?}", judge.found);
}

#[tokio::test]
async fn every_recorded_payload_has_the_fields_and_values_of_stripes() {
    let mut judge = Judge::default();
    for (name, text) in contracts("answers") {
        judge.judge(&name, &serde_json::from_str(&text).unwrap()).await;
    }
    for (name, text) in contracts("events").iter().filter(|(name, _)| !name.starts_with("thin.")) {
        judge.judge_event(name, &serde_json::from_str(text).unwrap()).await;
    }
    assert!(judge.found.is_empty(), "{:#?}", judge.found);
}

#[tokio::test]
async fn the_derived_classes_refuse_what_stripe_does_not_answer() {
    let right: Value = serde_json::from_str(&contract("answers", "payment_intent.succeeded")).unwrap();
    for (name, value) in [
        ("amonut", Some(json!(2500))),
        ("amount", Some(json!("2500"))),
        ("amount", None),
        ("metadata", Some(json!({ "donation_id": 1 }))),
        ("status", Some(json!("captured"))),
        ("status", Some(Value::Null)),
        ("object", Some(json!("charge"))),
        ("next_action", Some(json!({ "redirect_to_url": { "url": "https://example.org" } }))),
        ("last_payment_error", Some(json!({ "code": "card_declined" }))),
    ] {
        let mut wrong = right.clone();
        let fields = wrong.as_object_mut().unwrap();
        match value {
            Some(value) => drop(fields.insert(name.to_owned(), value)),
            None => drop(fields.remove(name)),
        }
        assert!(!complaints(&answer("PaymentIntent").await, &wrong).is_empty(), "{name}: {wrong}");
    }
}
