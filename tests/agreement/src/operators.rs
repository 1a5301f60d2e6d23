//! The bodies of the routes for the charity's own people.

use std::collections::BTreeSet;

use contracts::http::{
    RefundAnswer, RefundRequest, ResolutionAnswer, ResolutionAsked, ResolutionRequest, Status,
};
use contracts::problem::ProblemType;
use domain::donation::{Refusal, Resolution};
use domain::takings::{RefundReason, Takings};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::files::{document, examples};
use crate::generated;
use crate::http::written_again;
use crate::schemas::{assert_valid, validator};

fn component(name: &str) -> jsonschema::Validator {
    validator(&format!("http/openapi.yaml#/components/schemas/{name}"))
}

/// Names of the invalid examples of this kind that the type reads all the same.
fn read<T: DeserializeOwned>(kind: &str) -> BTreeSet<String> {
    let examples = examples(&format!("http/examples/invalid/{kind}")).into_iter();
    examples
        .filter(|(_, value)| serde_json::from_value::<T>(value.clone()).is_ok())
        .map(|(name, _)| name)
        .collect()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[test]
fn the_types_refuse_what_is_not_of_their_shape() {
    // What each text may be is for the function to say, field by field.
    let texts = names([
        "amount-empty",
        "amount-negative",
        "amount-zero",
        "asked-by-too-long",
        "asked-by-with-space",
        "payment-with-space",
        "reason-of-the-provider",
        "reason-unknown",
    ]);
    assert_eq!(read::<RefundRequest>("refund-request"), texts);
    let texts = names([
        "by-with-space",
        "look-up-with-space",
        "note-too-long",
        "note-too-short",
        "note-with-line-break",
        "nothing-asked",
        "resolution-unknown",
        "two-things-at-once",
    ]);
    assert_eq!(read::<ResolutionRequest>("resolution-request"), texts);
    let texts = names(["amount-with-one-decimal", "refund-id-of-an-entry", "state-unknown"]);
    assert_eq!(read::<RefundAnswer>("refund-answer"), texts);
    assert_eq!(read::<ResolutionAnswer>("resolution-answer"), names([]));
}

#[test]
fn null_says_the_same_as_absence() {
    let schema = component("RefundRequest");
    let whole = document("http/examples/valid/refund-request/whole.json");
    let mut nulls = whole.clone();
    nulls["amount"] = Value::Null;
    nulls["payment"] = Value::Null;
    assert_valid(&schema, "a refund", &nulls);
    assert_eq!(written_again::<RefundRequest>("a refund", &nulls), whole);

    let schema = component("ResolutionRequest");
    let look_up = document("http/examples/valid/resolution-request/look-up.json");
    let mut nulls = look_up.clone();
    nulls["resolution"] = Value::Null;
    assert_valid(&schema, "a look-up", &nulls);
    assert_eq!(written_again::<ResolutionRequest>("a look-up", &nulls), look_up);
}

#[test]
fn just_one_thing_is_asked_for_in_schema_and_type_alike() {
    let schema = component("ResolutionRequest");
    for resolution in [None, Some("not_taken")] {
        for look_up in [None, Some("pi_1Example")] {
            let body =
                json!({ "resolution": resolution, "look_up": look_up, "by": "ada.operator", "note": "Why." });
            let typed: ResolutionRequest = serde_json::from_value(body.clone()).unwrap();
            assert_eq!(schema.is_valid(&body), typed.asked().is_some(), "{body}");
            match typed.asked() {
                Some(ResolutionAsked::Decision(asked)) => assert_eq!(Some(asked), resolution),
                Some(ResolutionAsked::LookUp(asked)) => assert_eq!(Some(asked), look_up),
                None => assert_eq!(resolution.is_some(), look_up.is_some()),
            }
        }
    }
}

#[test]
fn every_field_of_a_resolution_is_described_and_there_are_examples_of_all_resolutions() {
    let described =
        &document("http/openapi.yaml")["components"]["schemas"]["ResolutionRequest"]["properties"];
    let described: BTreeSet<_> = described.as_object().unwrap().keys().cloned().collect();
    let examples = examples("http/examples/valid/resolution-request");
    let shown: BTreeSet<_> =
        examples.iter().flat_map(|(_, body)| body.as_object().unwrap().keys().cloned()).collect();
    assert_eq!(shown, described);
    let shown: BTreeSet<_> = examples.iter().filter_map(|(_, body)| body["resolution"].as_str()).collect();
    assert_eq!(shown, Resolution::ALL.map(Resolution::name).into());
}

#[test]
fn everything_but_what_the_provider_did_may_be_a_reason_for_a_refund() {
    let schema = component("RefundRequest");
    for reason in RefundReason::ALL {
        let body = json!({ "reason": reason.name(), "asked_by": "ada.operator" });
        assert_eq!(schema.is_valid(&body), reason != RefundReason::MadeAtProvider, "{}", reason.name());
    }
}

#[test]
fn every_refusal_that_an_operator_can_meet_is_answered_under_the_status_that_the_document_gives() {
    let api = document("http/openapi.yaml");
    let refusals = [
        ("/donations/{id}/refunds", Refusal::NothingToRefund),
        ("/donations/{id}/refunds", Refusal::RefundTooLarge),
        ("/donations/{id}/refunds", Refusal::MoneyDisputed),
        ("/donations/{id}/refunds", Refusal::TooMany),
        ("/donations/{id}/refunds", Refusal::RefundKeyReused),
        ("/donations/{id}/resolutions", Refusal::NothingToResolve),
        ("/donations/{id}/resolutions", Refusal::NoAttempt),
        ("/donations/{id}/resolutions", Refusal::TooMany),
    ];
    for (path, refusal) in refusals {
        let kind = ProblemType::from(refusal);
        let mut response = &api["paths"][path]["post"]["responses"][kind.status().to_string()];
        if let Some(reference) = response["$ref"].as_str() {
            response = api.pointer(reference.trim_start_matches('#')).unwrap();
        }
        let schema =
            kind.name().split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect::<String>();
        assert!(response.to_string().contains(&format!("#/$defs/{schema}\"")), "{path}: {refusal}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_answers_about_every_donation_fit_their_schemas(donation in generated::donations()) {
        thread_local! {
            static REFUND: jsonschema::Validator = component("RefundAnswer");
            static RESOLUTION: jsonschema::Validator = component("ResolutionAnswer");
        }
        let answer = ResolutionAnswer::of(&donation);
        prop_assert_eq!(answer.status, Status::of(&donation.payment));
        let answer = serde_json::to_value(answer).unwrap();
        RESOLUTION.with(|schema| assert_valid(schema, "a generated donation", &answer));
        for refund in donation.payment.takings().map(Takings::refunds).unwrap_or_default() {
            let answer = serde_json::to_value(RefundAnswer::of(&donation.id, refund)).unwrap();
            REFUND.with(|schema| assert_valid(schema, "a generated refund", &answer));
            prop_assert_eq!(written_again::<RefundAnswer>("a generated refund", &answer), answer);
        }
    }
}
