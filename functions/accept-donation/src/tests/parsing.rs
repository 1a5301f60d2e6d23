use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use contracts::problem::Problem;
use serde_json::{Value, json};

use crate::parse;

pub(super) const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

pub(super) fn body() -> Value {
    json!({
        "amount": "25.00",
        "currency": "GBP",
        "appeal": "winter-appeal",
        "payment": { "provider": "stripe", "token": "pm_card_visa" },
        "donor": {
            "name": "Ada Example",
            "email": "ada@example.org",
            "address": { "line_1": "1 Test Street", "postal_code": "ZZ1 1ZZ", "country": "GB" }
        },
        "gift_aid": { "wording_version": "2026-01" },
        "channel": "web"
    })
}

pub(super) fn request(body: &str) -> ApiGatewayV2httpRequest {
    serde_json::from_value(json!({
        "version": "2.0",
        "headers": { "content-type": "application/json", "idempotency-key": KEY },
        "requestContext": { "http": { "method": "POST", "path": "/donations" } },
        "body": body,
        "isBase64Encoded": false
    }))
    .unwrap()
}

fn problem(body: &str) -> Problem {
    parse(&request(body)).unwrap_err()
}

/// The problem after the field at `pointer` is set to `value`; null takes the field away.
fn problem_with(pointer: &str, value: Value) -> Problem {
    let mut body = body();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name);
    } else {
        parent.insert(name.to_owned(), value);
    }
    problem(&body.to_string())
}

#[test]
fn a_whole_request_is_read() {
    let offer = parse(&request(&body().to_string())).unwrap();
    assert_eq!(offer.gift.amount.minor(), 2_500);
    assert_eq!(offer.donor.email.as_str(), "ada@example.org");
    assert_eq!(offer.gift_aid.unwrap().as_str(), "2026-01");
}

#[test]
fn a_body_in_base64_is_read_as_the_same_bytes() {
    let mut encoded = request(&data_encoding::BASE64.encode(body().to_string().as_bytes()));
    encoded.is_base64_encoded = true;
    assert_eq!(parse(&encoded), parse(&request(&body().to_string())));
    encoded.body = Some("not base64!".to_owned());
    assert_eq!(parse(&encoded).unwrap_err().status, 400);
}

#[test]
fn each_broken_rule_is_named_with_its_field() {
    let cases = [
        ("/amount", json!("25.001"), 422, "decimals"),
        ("/amount", json!("0.00"), 422, "more than zero"),
        ("/amount", json!("-5"), 422, "plain digits"),
        ("/amount", json!("1e3"), 422, "plain digits"),
        ("/amount", json!("1000000.00"), 422, "at most 99999999"),
        ("/amount", json!(25), 400, "JSON string"),
        ("/currency", json!("gbp"), 422, "ISO 4217"),
        ("/currency", json!("XXX"), 422, "ISO 4217"),
        ("/appeal", json!("Winter Appeal"), 422, "hyphen"),
        ("/payment/provider", json!("paypal"), 422, "stripe"),
        ("/payment/token", json!("no spaces here"), 422, "characters"),
        ("/payment/token", Value::Null, 400, "missing"),
        ("/donor/name", json!("   "), 422, "empty"),
        ("/donor/name", json!("Ada\nBcc: all@example.org"), 422, "control"),
        ("/donor/name", json!("x".repeat(101)), 422, "100"),
        ("/donor/email", json!("ada@example"), 422, "e-mail"),
        ("/donor/email", json!("ada@example.org, eve@example.org"), 422, "e-mail"),
        ("/donor/address", Value::Null, 422, "Gift Aid"),
        ("/donor/address/country", json!("gb"), 422, "3166"),
        ("/gift_aid/wording_version", json!("two words"), 422, "characters"),
        ("/channel", json!("fax"), 422, "telephone"),
        ("/surprise", json!("x"), 400, "no such field"),
        ("/donor/phone", json!("x"), 400, "no such field"),
        ("/donor", json!([]), 400, "JSON object"),
    ];
    for (pointer, value, status, words) in cases {
        let problem = problem_with(pointer, value.clone());
        assert_eq!(problem.status, status, "{pointer} = {value}: {problem:?}");
        assert_eq!(problem.field.as_deref(), Some(pointer), "{pointer} = {value}: {problem:?}");
        assert!(problem.detail.contains(words), "{pointer} = {value}: {problem:?}");
    }
}

#[test]
fn what_is_not_a_json_object_is_refused() {
    for text in ["", "{", "[]", "null", "\"x\"", "{\"amount\":\"1\",\"amount\":\"2\"}"] {
        assert_eq!(problem(text).status, 400, "{text}");
    }
    let twice = body().to_string().replacen('{', "{\"amount\":\"25.00\",", 1);
    assert!(problem(&twice).detail.contains("twice"));
}

#[test]
fn a_card_number_is_refused_wherever_it_stands_and_never_echoed() {
    let number = "4242 4242 4242 4242";
    for pointer in [
        "/amount",
        "/currency",
        "/appeal",
        "/channel",
        "/payment/provider",
        "/payment/token",
        "/donor/name",
        "/donor/email",
        "/donor/address/line_1",
        "/donor/address/postal_code",
        "/gift_aid/wording_version",
        "/note",
    ] {
        for spelling in [number.to_owned(), number.replace(' ', "-"), number.replace(' ', "")] {
            let problem = problem_with(pointer, json!(spelling));
            assert_eq!(problem.status, 422, "{pointer} = {spelling}: {problem:?}");
            assert!(problem.kind.ends_with("card-data-not-allowed"), "{pointer} = {spelling}: {problem:?}");
            assert!(!serde_json::to_string(&problem).unwrap().contains("4242"), "{pointer} echoes");
        }
    }
    let as_number = problem_with("/amount", json!(4_242_424_242_424_242_u64));
    assert!(as_number.kind.ends_with("card-data-not-allowed"));
    let as_field = problem_with("/4242424242424242", json!("x"));
    assert!(as_field.kind.ends_with("card-data-not-allowed"));
    assert!(!serde_json::to_string(&as_field).unwrap().contains("4242"));
    let card_object = problem_with("/payment/card", json!({ "cvc": "123" }));
    assert!(card_object.kind.ends_with("card-data-not-allowed"));
}

#[test]
fn the_media_type_and_the_size_are_checked() {
    let mut other = request(&body().to_string());
    other.headers.insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(parse(&other).unwrap_err().status, 415);
    other.headers.insert("content-type", "application/json; charset=utf-8".parse().unwrap());
    assert!(parse(&other).is_ok());
    assert_eq!(problem(&format!("{}{}", body(), " ".repeat(16 * 1024))).status, 413);
}

#[test]
fn a_missing_key_is_refused_before_the_body_is_looked_at() {
    let mut keyless = request("not even JSON");
    keyless.headers.remove("idempotency-key");
    let problem = parse(&keyless).unwrap_err();
    assert_eq!((problem.status, problem.field.as_deref()), (400, Some("Idempotency-Key")));
}
