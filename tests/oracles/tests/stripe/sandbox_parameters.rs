//! The sandbox knows exactly the parameters that the official SDK's types name: it does them, or says that it
//! does not do them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fixtures::{call, collection, sdk_create};
use crate::running::{CARD, Running};
use crate::sandbox_answers::{answered, controlled};
use crate::schemas::derived;

/// Parameters that every API version before had, or that nobody ever had.
const UNKNOWN: [&str; 4] = ["payment_method_types", "amonut", "idempotency_key", "save_payment_method"];

/// A call with this one parameter, which is empty: where it is known, that is wrong or says nothing.
fn job(operation: &str, name: &str, payment: &Value, dispute: &Value) -> Value {
    let parameters = json!({ name: "" });
    match operation {
        "payment_intents.create" => call("paymentIntents.create", json!([parameters])),
        "payment_intents.confirm" => call("paymentIntents.confirm", json!([payment, parameters])),
        "payment_intents.cancel" => call("paymentIntents.cancel", json!([payment, parameters])),
        "payment_intents.retrieve" => call("paymentIntents.retrieve", json!([payment, parameters])),
        "payment_intents.list" => call("paymentIntents.list", json!([parameters])),
        "disputes.update" => call("disputes.update", json!([dispute, parameters])),
        "disputes.close" => call("disputes.close", json!([dispute, parameters])),
        "balance_transactions.list" => call("balanceTransactions.list", json!([parameters])),
        "refunds.create" | "refunds.list" | "charges.list" | "disputes.list" | "payouts.list"
        | "events.list" => call(operation, json!([parameters])),
        other => panic!("no call is written for {other}"),
    }
}

#[tokio::test]
async fn no_parameter_of_stripes_is_unknown_to_the_sandbox_and_no_other_is_known() {
    let running = Running::new().await;
    let results = running.sdk(&[sdk_create(&collection(1, CARD))]).await;
    let payment = answered(&results[0])["id"].clone();
    let dispute = controlled(running.url(), "disputes", &json!({ "payment_intent": payment })).await;
    let dispute = dispute["id"].clone();
    for (operation, schema) in derived().await["parameters"].as_object().unwrap() {
        let known: BTreeSet<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let names: Vec<&str> = known.iter().copied().chain(UNKNOWN).collect();
        let jobs: Vec<Value> = names.iter().map(|name| job(operation, name, &payment, &dispute)).collect();
        for (result, name) in running.sdk(&jobs).await.iter().zip(names) {
            let error = &result["error"];
            let is_unknown = error["code"] == "parameter_unknown" && error["param"] == name;
            assert_eq!(is_unknown, !known.contains(name), "{operation}: {name}: {error:#}");
        }
    }
    running.stop().await;
}
