use serde_json::Value;

use crate::client::{form, send};
use crate::fixtures::start;

#[tokio::test]
async fn a_wrong_key_is_refused_and_never_repeated() {
    let sandbox = start().await;
    let url = format!("{}/v1/payment_intents", sandbox.url);
    let request = || sandbox.anonymous().post(&url).form(&form(2_500, "pm_card_visa"));
    let wrong = ["Bearer sk_test_other", "Basic c2tfdGVzdF9vdGhlcjo=", "Bearer", "Digest sk_test_example"];
    for header in wrong {
        let answer = send(request().header("authorization", header)).await;
        assert_eq!(answer.error(401)["type"], "invalid_request_error", "{header}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"Stripe\""));
        assert!(!String::from_utf8(answer.body).unwrap().contains("sk_test_other"));
    }
    send(request()).await.error(401);
    assert!(sandbox.list("/v1/payment_intents").await.is_empty());
    send(request().basic_auth("sk_test_example", None::<&str>)).await.ok();
}

/// What is added to, or put in the place of, the connector's parameters; `code` and `param` of the refusal.
const WRONG: [(&str, &str, Option<&str>, &str); 19] = [
    ("payment_method_types[]", "card", Some("parameter_unknown"), "payment_method_types"),
    ("colour", "green", Some("parameter_unknown"), "colour"),
    (
        "automatic_payment_methods[often]",
        "true",
        Some("parameter_unknown"),
        "automatic_payment_methods[often]",
    ),
    ("customer", "cus_example", None, "customer"),
    ("capture_method", "manual", None, "capture_method"),
    ("amount", "29", Some("amount_too_small"), "amount"),
    ("amount", "100000000", Some("amount_too_large"), "amount"),
    ("amount", "25.00", Some("parameter_invalid_integer"), "amount"),
    ("amount", "+2500", Some("parameter_invalid_integer"), "amount"),
    ("amount", "-2500", Some("parameter_invalid_integer"), "amount"),
    ("amount", "", Some("parameter_invalid_empty"), "amount"),
    ("currency", "GBP", None, "currency"),
    ("currency", "xyz", None, "currency"),
    ("confirm", "yes", None, "confirm"),
    ("payment_method", "pm_1Unknown", Some("resource_missing"), "payment_method"),
    ("return_url", "javascript:alert(1)", Some("url_invalid"), "return_url"),
    ("metadata[donation_id][deeper]", "1", None, "metadata[donation_id]"),
    ("statement_descriptor_suffix", "1234", None, "statement_descriptor_suffix"),
    ("expand[]", "latest_colour", None, "expand"),
];

#[tokio::test]
async fn a_wrong_parameter_is_named_and_nothing_is_done() {
    let sandbox = start().await;
    for (name, value, code, param) in WRONG {
        let mut fields = form(2_500, "pm_card_visa");
        fields.retain(|(known, _)| {
            *known != name && !(name.starts_with("metadata") && known.starts_with("metadata"))
        });
        fields.push((name, value.to_owned()));
        let error = send(sandbox.post("/v1/payment_intents").form(&fields)).await.error(400);
        assert_eq!(error["type"], "invalid_request_error", "{name}={value}");
        assert_eq!(error["code"].as_str(), code, "{name}={value}: {error}");
        assert_eq!(error["param"], param, "{name}={value}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{name}={value}");
    }
    assert!(sandbox.list("/v1/payment_intents").await.is_empty());
    assert!(sandbox.list("/v1/events").await.is_empty());
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let sandbox = start().await;
    for (name, code, param) in [
        ("amount", Some("parameter_missing"), "amount"),
        ("currency", Some("parameter_missing"), "currency"),
        ("payment_method", Some("parameter_missing"), "payment_method"),
        ("confirm", None, "return_url"),
        (
            "automatic_payment_methods[enabled]",
            Some("parameter_missing"),
            "automatic_payment_methods[enabled]",
        ),
    ] {
        let mut fields = form(2_500, "pm_card_visa");
        fields.retain(|(known, _)| *known != name);
        let error = send(sandbox.post("/v1/payment_intents").form(&fields)).await.error(400);
        assert_eq!((error["code"].as_str(), error["param"].as_str()), (code, Some(param)), "without {name}");
    }
}

#[tokio::test]
async fn redirects_want_a_way_back() {
    let sandbox = start().await;
    let mut fields = form(2_500, "pm_card_visa");
    fields.retain(|(name, _)| *name != "return_url" && !name.starts_with("automatic"));
    let error = send(sandbox.post("/v1/payment_intents").form(&fields)).await.error(400);
    assert_eq!(error["param"], "return_url");
    fields.push(("automatic_payment_methods[enabled]", "true".to_owned()));
    fields.push(("automatic_payment_methods[allow_redirects]", "never".to_owned()));
    send(sandbox.post("/v1/payment_intents").form(&fields)).await.ok();
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let sandbox = start().await;
    let unknown = sandbox.get("/v1/payment_intents/pi_nobody").await.error(404);
    assert_eq!(unknown["code"], "resource_missing");
    assert_eq!(sandbox.get("/v1/customers").await.error(404)["code"], Value::Null);
    sandbox.get("/v1/payment_intents/").await.error(404);
    sandbox.get("/v2/core/events").await.error(404);
    sandbox.submit("/v1/payment_intents/pi_nobody/capture", &[]).await.error(404);
}

#[tokio::test]
async fn only_its_own_api_version_and_form_bodies_are_understood() {
    let sandbox = start().await;
    let request = || sandbox.post("/v1/payment_intents");
    send(request().header("stripe-version", "2024-06-20").form(&form(2_500, "pm_card_visa")))
        .await
        .error(400);
    send(request().header("content-type", "application/json").body("{\"amount\":2500}")).await.error(400);
    send(request().header("content-type", "application/x-www-form-urlencoded").body("amount[=1"))
        .await
        .error(400);
    let long = send(request().body("a".repeat(64 * 1024 + 1))).await;
    assert_eq!(long.status, 413);
    send(request().header("stripe-version", "2026-10-28.endive").form(&form(2_500, "pm_card_visa")))
        .await
        .ok();
}
