//! `http/openapi.yaml` and the bodies that the functions read and write.

use std::collections::BTreeSet;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use contracts::http::{
    BODY_BYTES_MAX, DonationRequest, DonationStatus, MoneyTaken, NextAction, RefundAnswer, RefundRequest,
    ResolutionAnswer, ResolutionRequest, Status,
};
use contracts::topology::{Authorisation, Topology};
use domain::ids::IdempotencyKey;
use http::HeaderValue;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::files::{document, examples, names_in, text};
use crate::generated;
use crate::schemas::{assert_valid, validator};

const OPENAPI: &str = "http/openapi.yaml";
const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";
const CAPABILITY: &str = "Zm9vYmFyYmF6cXV4cXV1eA";

fn component(name: &str) -> String {
    format!("{OPENAPI}#/components/schemas/{name}")
}

/// Each kind of example with the reference of its schema.
const KINDS: [(&str, &str); 7] = [
    ("donation-request", "http/openapi.yaml#/components/schemas/DonationRequest"),
    ("donation-status", "http/openapi.yaml#/components/schemas/DonationStatus"),
    ("problem", "http/problems.yaml#/$defs/Problem"),
    ("refund-answer", "http/openapi.yaml#/components/schemas/RefundAnswer"),
    ("refund-request", "http/openapi.yaml#/components/schemas/RefundRequest"),
    ("resolution-answer", "http/openapi.yaml#/components/schemas/ResolutionAnswer"),
    ("resolution-request", "http/openapi.yaml#/components/schemas/ResolutionRequest"),
];

fn request(headers: &[(&'static str, &str)], body: &Value) -> ApiGatewayV2httpRequest {
    let mut request = ApiGatewayV2httpRequest::default();
    for (name, value) in headers {
        request.headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    request.body = Some(body.to_string());
    request
}

fn offered(body: &Value) -> Result<(), contracts::problem::Problem> {
    accept_donation::parse(&request(&[("content-type", "application/json"), ("idempotency-key", KEY)], body))
        .map(drop)
}

/// The value, read into its type and written again.
pub(crate) fn written_again<T: Serialize + DeserializeOwned>(name: &str, value: &Value) -> Value {
    let typed: T = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::to_value(typed).unwrap()
}

#[test]
fn every_kind_of_example_is_known() {
    let kinds: Vec<_> = KINDS.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    for folder in ["valid", "invalid"] {
        assert_eq!(names_in(&format!("http/examples/{folder}")), kinds, "{folder}");
    }
}

#[test]
fn every_valid_example_fits_its_schema_and_comes_back_as_it_was() {
    for (kind, reference) in KINDS {
        let schema = validator(reference);
        for (name, value) in examples(&format!("http/examples/valid/{kind}")) {
            assert_valid(&schema, &name, &value);
            let written = match kind {
                "donation-request" => written_again::<DonationRequest>(&name, &value),
                "donation-status" => written_again::<DonationStatus>(&name, &value),
                "refund-answer" => written_again::<RefundAnswer>(&name, &value),
                "refund-request" => written_again::<RefundRequest>(&name, &value),
                "resolution-answer" => written_again::<ResolutionAnswer>(&name, &value),
                "resolution-request" => written_again::<ResolutionRequest>(&name, &value),
                _ => written_again::<contracts::problem::Problem>(&name, &value),
            };
            assert_eq!(written, value, "{kind}/{name}");
        }
    }
}

#[test]
fn every_invalid_example_is_refused_by_its_schema() {
    for (kind, reference) in KINDS {
        let schema = validator(reference);
        for (name, value) in examples(&format!("http/examples/invalid/{kind}")) {
            assert!(!schema.is_valid(&value), "{kind}/{name} fits its schema");
        }
    }
}

#[test]
fn the_function_accepts_every_valid_request_and_refuses_every_invalid_one() {
    for (name, body) in examples("http/examples/valid/donation-request") {
        let problem = offered(&body).err().map(|problem| problem.detail);
        assert_eq!(problem, None, "{name}");
    }
    for (name, body) in examples("http/examples/invalid/donation-request") {
        let problem = offered(&body).err().unwrap_or_else(|| panic!("{name} is accepted"));
        assert!(matches!(problem.status, 400 | 422), "{name}: {}", problem.detail);
    }
}

#[test]
fn null_says_the_same_as_absence_in_schema_and_function() {
    let schema = validator(&component("DonationRequest"));
    let mut body = document("http/examples/valid/donation-request/gift-aid-with-address.json");
    body["donor"]["address"]["line_2"] = Value::Null;
    body["donor"]["address"]["town"] = Value::Null;
    assert_valid(&schema, "lines", &body);
    assert!(offered(&body).is_ok());
    body["donor"]["address"] = Value::Null;
    assert!(!schema.is_valid(&body) && offered(&body).is_err(), "Gift Aid needs an address");
    body["gift_aid"] = Value::Null;
    assert_valid(&schema, "gift aid", &body);
    assert!(offered(&body).is_ok());
}

#[test]
fn the_type_of_a_status_refuses_what_it_can() {
    // Rules between fields: the type is only ever made from a donation, and generated ones are checked below.
    let between_fields = [
        "action-after-the-end",
        "action-required-without-action",
        "captured-without-money",
        "declined-with-money",
        "disputed-with-money-returned",
        "partially-refunded-without-money",
        "refunded-with-money-kept",
        "status-url-without-capability",
    ];
    let read: BTreeSet<_> = examples("http/examples/invalid/donation-status")
        .into_iter()
        .filter(|(_, value)| serde_json::from_value::<DonationStatus>(value.clone()).is_ok())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(read, between_fields.map(str::to_owned).into());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_status_of_every_donation_fits_its_schema(donation in generated::donations()) {
        thread_local!(static SCHEMA: jsonschema::Validator = validator(&component("DonationStatus")));
        let url = format!("http://127.0.0.1:8080/donations/{}?capability={CAPABILITY}", donation.id);
        let status = serde_json::to_value(DonationStatus::of(&donation, url)).unwrap();
        SCHEMA.with(|schema| assert_valid(schema, "a generated status", &status));
        prop_assert_eq!(written_again::<DonationStatus>("a generated status", &status), status);
    }

    #[test]
    fn every_key_is_accepted_by_schema_and_function_alike(
        key in prop_oneof![
            "[!-~]{14,18}",
            "\"[!-~]{14,18}\"",
            "\"[a-z\\\\\" ]{15,20}\"",
            "[!-~]{254,257}",
            "[a-z0-9-]{254,257}",
            "[a-z ]{16,18}",
            "[a-z,]{16,18}",
        ],
    ) {
        thread_local!(static SCHEMA: jsonschema::Validator =
            validator("http/openapi.yaml#/components/parameters/IdempotencyKey/schema"));
        let body = document("http/examples/valid/donation-request/smallest.json");
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        let parsed = accept_donation::parse(&request(&headers, &body));
        // White space around a header's value is not part of it (RFC 9110, section 5.5).
        let accepted = SCHEMA.with(|schema| schema.is_valid(&json!(key.trim())));
        prop_assert_eq!(accepted, parsed.is_ok(), "{:?}", key);
        if let Ok(offer) = parsed {
            prop_assert!(IdempotencyKey::parse(offer.key.as_str()).is_ok());
        }
    }
}

fn names_of<T: Serialize>(values: &[T]) -> Value {
    serde_json::to_value(values).unwrap()
}

#[test]
fn every_enum_of_the_api_is_the_same_list_in_the_types() {
    // A new variant fails to compile here until the list has it.
    let statuses = [
        Status::Accepted,
        Status::InProgress,
        Status::ActionRequired,
        Status::Captured,
        Status::Declined,
        Status::UnderReview,
        Status::PartiallyRefunded,
        Status::Refunded,
        Status::Disputed,
        Status::DisputeLost,
    ];
    for status in statuses {
        match status {
            Status::Accepted
            | Status::InProgress
            | Status::ActionRequired
            | Status::Captured
            | Status::Declined
            | Status::UnderReview
            | Status::PartiallyRefunded
            | Status::Refunded
            | Status::Disputed
            | Status::DisputeLost => {}
        }
    }
    let answers = [MoneyTaken::No, MoneyTaken::NotKnownYet, MoneyTaken::Yes, MoneyTaken::Returned];
    for answer in answers {
        match answer {
            MoneyTaken::No | MoneyTaken::NotKnownYet | MoneyTaken::Yes | MoneyTaken::Returned => {}
        }
    }
    let schemas = &document(OPENAPI)["components"]["schemas"];
    assert_eq!(schemas["Status"]["enum"], names_of(&statuses));
    assert_eq!(schemas["MoneyTaken"]["enum"], names_of(&answers));

    let actions = [
        NextAction::Redirect { url: "https://bank.example/".to_owned() },
        NextAction::ProviderScript { client_secret: "secret".to_owned() },
    ];
    for action in &actions {
        match action {
            NextAction::Redirect { .. } | NextAction::ProviderScript { .. } => {}
        }
    }
    let described = schemas["NextAction"]["oneOf"].as_array().unwrap().iter();
    let described: Vec<_> = described.map(|shape| &shape["properties"]["type"]["const"]).collect();
    let spelt = names_of(&actions);
    let spelt: Vec<_> = spelt.as_array().unwrap().iter().map(|action| &action["type"]).collect();
    assert_eq!(described, spelt);
}

#[test]
fn every_field_of_a_body_is_described_and_every_described_field_exists() {
    let mut whole = document("http/examples/valid/donation-request/gift-aid-with-address.json");
    let mut status = document("http/examples/valid/donation-status/action-required-at-the-bank.json");
    let schemas = &document(OPENAPI)["components"]["schemas"];
    // Each type, written with every optional field, has just the fields that its schema describes.
    let request = written_again::<DonationRequest>("request", &whole);
    whole = request;
    status = written_again::<DonationStatus>("status", &status);
    for (schema, value) in [
        ("DonationRequest", &whole),
        ("PaymentRequest", &whole["payment"]),
        ("DonorRequest", &whole["donor"]),
        ("AddressRequest", &whole["donor"]["address"]),
        ("GiftAidRequest", &whole["gift_aid"]),
        ("DonationStatus", &status),
        ("RefundRequest", &document("http/examples/valid/refund-request/part-of-a-second-capture.json")),
        ("RefundAnswer", &document("http/examples/valid/refund-answer/requested.json")),
        ("ResolutionAnswer", &document("http/examples/valid/resolution-answer/captured.json")),
    ] {
        let described: BTreeSet<_> = schemas[schema]["properties"].as_object().unwrap().keys().collect();
        let written: BTreeSet<_> = value.as_object().unwrap().keys().collect();
        assert_eq!(described, written, "{schema}");
    }
}

#[test]
fn every_route_is_described_under_its_function_and_every_described_route_exists() {
    let described = document(OPENAPI);
    let mut paths = BTreeSet::new();
    for (path, operations) in described["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let function = operation["operationId"].as_str().unwrap().to_owned();
            // Who may call is said in both, and nowhere by default.
            let authorisation = match operation["security"].as_array().unwrap().as_slice() {
                [] => None,
                [one] => Some(one.as_object().unwrap().keys().next().unwrap().clone()),
                several => panic!("{path}: {several:?}"),
            };
            paths.insert((method.to_uppercase(), path.clone(), function, authorisation));
        }
    }
    let topology = Topology::shipped();
    let routes: BTreeSet<_> = topology
        .functions
        .iter()
        .flat_map(|(name, function)| {
            function.http.iter().map(|route| {
                let authorisation = route.authorisation.map(|Authorisation::Iam| "iam".to_owned());
                (route.method.clone(), route.path.clone(), name.clone(), authorisation)
            })
        })
        .collect();
    assert_eq!(paths, routes);
}

#[test]
fn every_bound_in_words_is_the_bound_in_code() {
    let text = text(OPENAPI);
    assert!(text.contains(&format!("At most {} bytes", grouped(BODY_BYTES_MAX as u64))));
    assert!(text.contains(&format!("at most {} bytes", grouped(receive_webhook::BODY_BYTES_MAX as u64))));
    for profile in contracts::providers::PROVIDERS {
        assert!(text.contains(&format!("{} minor units", grouped(profile.amount_minor_max))));
    }
}

/// A number with commas between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}
