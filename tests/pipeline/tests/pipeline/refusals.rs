//! Requests that are refused: each names what is wrong, as RFC 9457 has it, and nothing is stored.

use serde_json::{Value, json};

use crate::stack::api::send;
use crate::stack::{Offer, Stack};

#[tokio::test]
async fn a_request_that_cannot_be_taken_is_told_the_field_and_the_rule_and_nothing_is_stored() {
    let stack = Stack::start().await;
    refuses_headers(&stack).await;
    refuses_bodies(&stack).await;
    refuses_fields(&stack).await;
    assert!(stack.all("stored/donations").await.is_empty());
    assert!(stack.all("payments").await.is_empty());
    let queues = stack.local("queues").await;
    assert!(queues.as_array().unwrap().iter().all(|queue| queue["visible"] == 0 && queue["in_flight"] == 0));
}

async fn refuses_headers(stack: &Stack) {
    let offer = Offer::of("5.00");
    let url = format!("{}/donations", stack.url);
    let key = Some("Idempotency-Key");
    let unnamed = stack.http.post(&url).json(&offer.body);
    send(unnamed).await.assert_problem(400, "invalid-header", key);
    for bad in ["fifteen-charact", "a space is not visible", "\"unclosed-quoted-key", &"k".repeat(256)] {
        let request = stack.http.post(&url).header("idempotency-key", bad).json(&offer.body);
        send(request).await.assert_problem(400, "invalid-header", key);
    }
    let twice = stack.offering(&offer).header("idempotency-key", "a-second-key-beside-it");
    send(twice).await.assert_problem(400, "invalid-header", key);
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let request =
            stack.http.post(&url).header("idempotency-key", &offer.key).header("content-type", media_type);
        let answer = send(request.body(offer.body.to_string())).await;
        answer.assert_problem(415, "unsupported-media-type", Some("Content-Type"));
    }
}

async fn refuses_bodies(stack: &Stack) {
    let request = |body: String| {
        let request =
            stack.http.post(format!("{}/donations", stack.url)).header("content-type", "application/json");
        request.header("idempotency-key", "a-key-for-a-bad-body").body(body)
    };
    let body = Offer::of("5.00").body.to_string();
    let padded = format!("{body}{}", " ".repeat(17 * 1024 - body.len()));
    send(request(padded)).await.assert_problem(413, "body-too-large", None);
    for torn in ["", "{", "not json", &body[..body.len() - 1]] {
        send(request(torn.to_owned())).await.assert_problem(400, "malformed-body", None);
    }
    send(request("[]".to_owned())).await.assert_problem(400, "malformed-body", Some(""));
    let doubled = body.replacen('{', r#"{"amount":"6.00","#, 1);
    send(request(doubled)).await.assert_problem(400, "malformed-body", None);
}

async fn refuses_fields(stack: &Stack) {
    let malformed: [(&str, Value, &str); 5] = [
        ("/tip", json!("1.00"), "/tip"),
        ("/donor/phone", json!("invented"), "/donor/phone"),
        ("/donor", json!("Ada Example"), "/donor"),
        ("/amount", json!(5), "/amount"),
        ("/payment", json!({ "provider": "stripe" }), "/payment/token"),
    ];
    for (pointer, value, field) in malformed {
        let answer = stack.offer(&Offer::of("5.00").with(pointer, value)).await;
        answer.assert_problem(400, "malformed-body", Some(field));
    }
    let invalid: [(&str, Value, &str); 19] = [
        ("/amount", json!("0.00"), "/amount"),
        ("/amount", json!("-5.00"), "/amount"),
        ("/amount", json!("5.001"), "/amount"),
        ("/amount", json!("5e2"), "/amount"),
        ("/amount", json!("five"), "/amount"),
        ("/amount", json!("1000000.00"), "/amount"),
        ("/currency", json!("gbp"), "/currency"),
        ("/currency", json!("XQQ"), "/currency"),
        ("/currency", json!("JPY"), "/amount"),
        ("/appeal", json!("Not A Slug"), "/appeal"),
        ("/channel", json!("carrier-pigeon"), "/channel"),
        ("/payment/provider", json!("paypal"), "/payment/provider"),
        ("/payment/token", json!(""), "/payment/token"),
        ("/donor/name", json!("   "), "/donor/name"),
        ("/donor/name", json!("Ada\u{202e}elpmaxE"), "/donor/name"),
        ("/donor/email", json!("ada@example"), "/donor/email"),
        ("/donor/email", json!("ada@example.org\r\nBcc: eve@example.org"), "/donor/email"),
        (
            "/donor/address",
            json!({ "line_1": "1", "postal_code": "EX1", "country": "uk" }),
            "/donor/address/country",
        ),
        ("/gift_aid", json!({ "wording_version": "2026-01" }), "/donor/address"),
    ];
    for (pointer, value, field) in invalid {
        let answer = stack.offer(&Offer::of("5.50").with(pointer, value)).await;
        answer.assert_problem(422, "invalid-field", Some(field));
        assert!(!answer.body.to_string().contains("eve@"), "the value is not repeated: {answer:?}");
    }
}

#[tokio::test]
async fn a_route_that_does_not_exist_and_a_status_without_its_capability_are_not_found() {
    let stack = Stack::start().await;
    let (mine, theirs) = (stack.accepted(&Offer::of("5.00")).await, stack.accepted(&Offer::of("6.00")).await);
    let (address, capability) = mine.status_url.split_once("?capability=").unwrap();
    let other_capability = theirs.status_url.split_once('=').unwrap().1;
    for url in [
        address.to_owned(),
        format!("{address}?capability="),
        format!("{address}?capability=AAAAAAAAAAAAAAAAAAAAAA"),
        format!("{address}?capability={other_capability}"),
        format!("{address}?capability={}", &capability[..20]),
        format!("{address}?capability={capability}{capability}"),
        format!("{}/donations/aaaaaaaaaaaaaaaaaaaaaaaaaa?capability={capability}", stack.url),
        format!("{}/donations/not-an-id?capability={capability}", stack.url),
    ] {
        send(stack.http.get(&url)).await.assert_problem(404, "not-found", None);
    }
    assert_eq!(stack.seen_by_donor(&mine).await["donation_id"], mine.id);

    // API Gateway's HTTP APIs know no 405: a method without a route is a route that does not exist.
    let root = &stack.url;
    for request in [
        stack.http.get(format!("{root}/donations")),
        stack.http.delete(&mine.status_url),
        stack.http.put(format!("{root}/donations")).body("{}"),
        stack.http.get(format!("{root}/webhooks/stripe")),
        stack.http.post(format!("{root}/nowhere")).body("{}"),
    ] {
        let answer = send(request).await;
        assert_eq!((answer.status, &answer.body), (404, &json!({ "message": "Not Found" })));
    }
    let elsewhere = stack.http.get(format!("{root}/_local/health")).header("host", "charity.example");
    assert_eq!(
        send(elsewhere).await.status,
        421,
        "the operator's endpoints answer to this machine's names only"
    );
}
