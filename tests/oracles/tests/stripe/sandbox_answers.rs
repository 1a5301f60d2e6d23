//! The sandbox's answers as the official SDK for Node reads them: it has to take the sandbox for Stripe.

use domain::currency::Currency;
use domain::money::Money;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixtures::{call, collection, sdk_create};
use crate::running::{CARD, Running};
use crate::sdks::node_against;

/// The answer of a job that went well.
pub(crate) fn answered(result: &Value) -> &Value {
    assert!(result["ok"]["body"].is_object(), "{result:#}");
    &result["ok"]["body"]
}

/// The exception that the SDK threw.
pub(crate) fn thrown(result: &Value) -> &Value {
    assert!(result["error"].is_object(), "{result:#}");
    &result["error"]
}

/// What the sandbox answers to a JSON body at `/_sandbox/{path}`, where banks and cardholders act.
pub(crate) async fn controlled(url: &str, path: &str, body: &Value) -> Value {
    let host = url.strip_prefix("http://").unwrap();
    let body = body.to_string();
    let head = format!(
        "POST /_sandbox/{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn a_payment_is_created_and_retrieved() {
    let running = Running::new().await;
    let created = running.sdk(&[sdk_create(&collection(1, CARD))]).await.remove(0);
    let payment = answered(&created);
    assert_eq!(payment["status"], "succeeded");
    assert_eq!((&payment["amount_received"], &payment["currency"]), (&json!(2500), &json!("gbp")));
    assert_eq!(payment["metadata"]["appeal"], "winter-example");
    let headers = &created["ok"]["headers"];
    assert_eq!(headers["stripe-version"], "2026-10-28.endive");
    assert_eq!(headers["idempotency-key"], collection(1, CARD).key.as_str());
    assert!(headers["request-id"].as_str().unwrap().starts_with("req_"));

    let expand = json!({ "expand": ["latest_charge.balance_transaction"] });
    let jobs = [
        call("paymentIntents.retrieve", json!([payment["id"], { "expand": ["latest_charge"] }])),
        call("paymentIntents.retrieve", json!([payment["id"], expand])),
        call("charges.retrieve", json!([payment["latest_charge"]["id"]])),
    ];
    let results = running.sdk(&jobs).await;
    assert_eq!(answered(&results[0]), payment);
    let charge = &answered(&results[1])["latest_charge"];
    let (amount, fee, net) =
        (2500, &charge["balance_transaction"]["fee"], &charge["balance_transaction"]["net"]);
    assert_eq!(fee.as_i64().unwrap() + net.as_i64().unwrap(), amount);
    assert_eq!(answered(&results[2])["id"], charge["id"]);
    running.stop().await;
}

#[tokio::test]
async fn an_issuers_no_is_a_card_error_with_its_codes() {
    let running = Running::new().await;
    let expected = [
        ("pm_card_visa_chargeDeclined", "card_declined", json!("generic_decline")),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", json!("insufficient_funds")),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", json!("lost_card")),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", json!("stolen_card")),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", Value::Null),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", Value::Null),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", Value::Null),
    ];
    let jobs: Vec<Value> =
        (1..).zip(&expected).map(|(n, (token, ..))| sdk_create(&collection(n, token))).collect();
    for (result, (token, code, decline_code)) in running.sdk(&jobs).await.iter().zip(&expected) {
        let error = thrown(result);
        assert_eq!((&error["class"], &error["status"]), (&json!("StripeCardError"), &json!(402)), "{token}");
        assert_eq!((&error["code"], &error["decline_code"]), (&json!(code), decline_code), "{token}");
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method", "{token}");
        assert!(error["payment_intent"]["id"].as_str().unwrap().starts_with("pi_"), "{token}");
        assert!(error["request_id"].is_string(), "{token}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_card_that_wants_the_donor_gives_a_redirect() {
    let running = Running::new().await;
    let collection = collection(1, "pm_card_authenticationRequired");
    let results = running.sdk(&[sdk_create(&collection)]).await;
    let payment = answered(&results[0]);
    assert_eq!(payment["status"], "requires_action");
    let action = &payment["next_action"];
    assert_eq!(action["type"], "redirect_to_url");
    assert_eq!(action["redirect_to_url"]["return_url"], collection.return_url);
    assert!(action["redirect_to_url"]["url"].as_str().unwrap().starts_with(running.url()));
    let reason = json!({ "cancellation_reason": "abandoned" });
    let results = running.sdk(&[call("paymentIntents.cancel", json!([payment["id"], reason]))]).await;
    assert_eq!(answered(&results[0])["status"], "canceled");
    running.stop().await;
}

#[tokio::test]
async fn a_key_gives_the_same_answer_again_and_refuses_another_request() {
    let running = Running::new().await;
    let first = collection(1, CARD);
    let mut other = collection(1, CARD);
    other.amount = Money::from_minor(2_501, Currency::GBP).unwrap();
    let list = json!({ "do": "list", "method": "paymentIntents.list", "args": [{}] });
    let results = running.sdk(&[sdk_create(&first), sdk_create(&first), sdk_create(&other), list]).await;
    assert_eq!(answered(&results[0]), answered(&results[1]));
    let replayed = |place: usize| &results[place]["ok"]["headers"]["idempotent-replayed"];
    assert_eq!((replayed(0), replayed(1)), (&Value::Null, &json!("true")));
    let error = thrown(&results[2]);
    assert_eq!((&error["class"], &error["status"]), (&json!("StripeIdempotencyError"), &json!(400)));
    assert_eq!(results[3]["ok"].as_array().unwrap().len(), 1, "one payment was made");
    running.stop().await;
}

#[tokio::test]
async fn a_list_is_turned_to_its_end() {
    let running = Running::new().await;
    let jobs: Vec<Value> = (1..=5).map(|n| sdk_create(&collection(n, CARD))).collect();
    let mut made: Vec<Value> =
        running.sdk(&jobs).await.iter().map(|result| answered(result)["id"].clone()).collect();
    let since = answered(&running.sdk(&[sdk_create(&collection(1, CARD))]).await[0])["created"].clone();
    let list = |parameters| json!({ "do": "list", "method": "paymentIntents.list", "args": [parameters] });
    let jobs = [
        list(json!({ "limit": 2, "created": { "gte": since } })),
        list(json!({ "created": { "lt": since } })),
    ];
    let results = running.sdk(&jobs).await;
    let found: Vec<Value> =
        results[0]["ok"].as_array().unwrap().iter().map(|payment| payment["id"].clone()).collect();
    made.reverse();
    assert_eq!(found, made, "newest first");
    assert_eq!(results[1]["ok"], json!([]));
    running.stop().await;
}

#[tokio::test]
async fn a_refund_gives_the_money_back_once() {
    let running = Running::new().await;
    let results = running.sdk(&[sdk_create(&collection(1, CARD))]).await;
    let payment = answered(&results[0])["id"].clone();
    let part = |amount| call("refunds.create", json!([{ "payment_intent": payment, "amount": amount }]));
    let events = json!({ "do": "list", "method": "events.list", "args": [{}] });
    let results = running.sdk(&[part(2_000), part(501), part(500), events]).await;
    assert_eq!(answered(&results[0])["status"], "succeeded");
    assert_eq!(thrown(&results[1])["class"], "StripeInvalidRequestError");
    assert_eq!(answered(&results[2])["amount"], 500);
    let kinds: Vec<&str> =
        results[3]["ok"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    for kind in ["payment_intent.succeeded", "charge.succeeded", "charge.refunded", "refund.created"] {
        assert!(kinds.contains(&kind), "{kind} is among {kinds:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn wrong_requests_are_refused_by_the_right_exception() {
    let running = Running::new().await;
    let right = json!({ "amount": 2500, "currency": "gbp" });
    let with = |name: &str, value: Value| {
        let mut wrong = right.clone();
        wrong[name] = value;
        call("paymentIntents.create", json!([wrong]))
    };
    let cases = [
        (
            call("paymentIntents.retrieve", json!(["pi_none"])),
            404,
            json!("resource_missing"),
            json!("intent"),
        ),
        (with("amonut", json!(1)), 400, json!("parameter_unknown"), json!("amonut")),
        (
            with("payment_method_types", json!(["card"])),
            400,
            json!("parameter_unknown"),
            json!("payment_method_types"),
        ),
        (with("amount", json!("many")), 400, json!("parameter_invalid_integer"), json!("amount")),
        (with("amount", Value::Null), 400, json!("parameter_invalid_empty"), json!("amount")),
        (with("amount", json!(5)), 400, json!("amount_too_small"), json!("amount")),
        (with("payment_method", json!("pm_none")), 400, json!("resource_missing"), json!("payment_method")),
    ];
    let jobs: Vec<Value> = cases.iter().map(|case| case.0.clone()).collect();
    for (result, (job, status, code, param)) in running.sdk(&jobs).await.iter().zip(&cases) {
        let error = thrown(result);
        assert_eq!(error["class"], "StripeInvalidRequestError", "{job}");
        assert_eq!(
            (&error["status"], &error["code"], &error["param"]),
            (&json!(status), code, param),
            "{job}"
        );
    }
    let jobs = [call("balance.retrieve", json!([]))];
    let results = node_against(Some(running.url()), "sk_test_another", &jobs).await;
    assert_eq!(thrown(&results[0])["class"], "StripeAuthenticationError");
    assert!(answered(&running.sdk(&jobs).await[0])["available"].is_array());
    running.stop().await;
}
