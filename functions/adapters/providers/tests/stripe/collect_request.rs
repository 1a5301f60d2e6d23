use std::pin::pin;

use app::ports::{Collection, PaymentProvider};
use contracts::telemetry::{Scope, TraceContext, within};
use domain::payment::PaymentOutcome;
use serde_json::{Value, json};

use crate::fixtures::{API_KEY, altered, collection, connector, text};
use crate::server::answering;

#[tokio::test]
async fn a_payment_is_asked_for_in_one_request_that_is_the_same_every_time() {
    let mut sent = Vec::new();
    for _ in 0..2 {
        let server = answering(200, "", &text("answers", "payment_intent.succeeded"));
        connector(&server.url).collect(&collection()).await;
        let requests = server.requests();
        assert_eq!(requests.len(), 1);
        sent.push(requests[0].replace(server.url.trim_start_matches("http://"), "HOST"));
    }
    assert_eq!(sent[0], sent[1]);
    let (head, body) = sent[0].split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    lines[1..].sort_unstable();
    let authorization = format!("authorization: Bearer {API_KEY}");
    let agent = concat!("user-agent: outpour/", env!("CARGO_PKG_VERSION"));
    let length = format!("content-length: {}", body.len());
    assert_eq!(
        lines,
        [
            "POST /v1/payment_intents HTTP/1.1",
            "accept: application/json",
            authorization.as_str(),
            length.as_str(),
            "content-type: application/x-www-form-urlencoded",
            "host: HOST",
            "idempotency-key: adaexampledonation22222222-1",
            "stripe-version: 2026-10-28.endive",
            agent,
        ]
    );
    assert_eq!(
        body,
        "amount=2500&currency=gbp&payment_method=pm_1Example00000000000000&confirm=true\
         &automatic_payment_methods%5Benabled%5D=true&automatic_payment_methods%5Ballow_redirects%5D=never\
         &return_url=https%3A%2F%2Fgive.example.org%2Fdonations%2Fadaexampledonation22222222%3Fcapability%3Dc2VhbA\
         %26a%3Db+c&metadata%5Bdonation_id%5D=adaexampledonation22222222&metadata%5Bappeal%5D=winter-example\
         &expand%5B0%5D=latest_charge"
    );
}

#[tokio::test]
async fn a_call_names_the_trace_of_the_work_that_makes_it() {
    let server = answering(200, "", &text("answers", "payment_intent.succeeded"));
    let (connector, trace) = (connector(&server.url), TraceContext::begin("a test"));
    let payment = collection();
    let work = pin!(connector.collect(&payment));
    within(Scope::new(trace), work).await;
    assert!(server.requests()[0].contains(&format!("\r\ntraceparent: {trace}\r\n")));
}

#[tokio::test]
async fn a_payment_that_is_stepped_up_asks_for_three_d_secure_and_for_nothing_else_besides() {
    let mut bodies = Vec::new();
    for step_up in [false, true] {
        let server = answering(200, "", &text("answers", "payment_intent.succeeded"));
        connector(&server.url).collect(&Collection { step_up, ..collection() }).await;
        let requests = server.requests();
        bodies.push(requests[0].split_once("\r\n\r\n").unwrap().1.to_owned());
    }
    let added = "&payment_method_options%5Bcard%5D%5Brequest_three_d_secure%5D=any";
    assert_eq!(bodies[1], format!("{}{added}", bodies[0]));
}

#[tokio::test]
async fn the_cards_fingerprint_is_read_where_the_answer_tells_it() {
    let charge = |fingerprint: Value| {
        let card = json!({ "card": { "fingerprint": fingerprint } });
        json!({ "id": "ch_3Example", "payment_method_details": card })
    };
    let captured = |charge| altered("answers", "payment_intent.succeeded", "/latest_charge", charge);
    let declined = |fingerprint: Value| {
        let card = json!({ "fingerprint": fingerprint });
        altered("answers", "error.402.stolen_card", "/error/payment_method/card", card)
    };
    let name = json!("Xt5EWLLDS7FJjR1c");
    for (status, body, card) in [
        (200, captured(charge(name.clone())), Some("Xt5EWLLDS7FJjR1c")),
        (402, declined(name), Some("Xt5EWLLDS7FJjR1c")),
        (200, text("answers", "payment_intent.succeeded"), None),
        (200, captured(charge(Value::Null)), None),
        (200, captured(charge(json!("not a name"))), None),
        (402, declined(json!("f".repeat(65))), None),
    ] {
        let server = answering(status, "", &body);
        let collected = connector(&server.url).collect(&collection()).await.said;
        assert_eq!(collected.card.as_deref(), card);
        let is_captured = matches!(collected.outcome, PaymentOutcome::Captured { .. });
        assert_eq!(is_captured, status == 200, "whatever is told of the card, the outcome stands");
    }
}
