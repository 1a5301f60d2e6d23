use reqwest::Method;
use serde_json::json;

use crate::client::{MANDATE, TOKEN, payment, send};
use crate::fixtures::start;

#[tokio::test]
async fn both_headers_are_needed_and_the_token_is_never_repeated() {
    let sandbox = start().await;
    let asked = || sandbox.bare(Method::GET, "/payments");
    let version = "gocardless-version";
    let reason = async |request, status| send(request).await.reason(status);
    assert_eq!(reason(asked().header(version, "2015-07-06"), 401).await, "missing_authorization_header");
    let basic = asked().header(version, "2015-07-06").basic_auth(TOKEN, None::<&str>);
    assert_eq!(reason(basic, 401).await, "invalid_authorization_header");
    let other = send(asked().header(version, "2015-07-06").bearer_auth("sandbox_other")).await;
    assert_eq!(other.reason(401), "access_token_not_found");
    assert!(!String::from_utf8_lossy(&other.body).contains("sandbox_other"));
    assert_eq!(reason(asked().bearer_auth(TOKEN), 400).await, "missing_version_header");
    let old = asked().bearer_auth(TOKEN).header(version, "2014-11-03");
    assert_eq!(reason(old, 400).await, "version_not_found");
}

#[tokio::test]
async fn an_error_is_in_gocardless_s_shape() {
    let sandbox = start().await;
    let answer = sandbox.get("/payments/PM000NOBODY").await;
    let request_id = answer.header("x-request-id").unwrap();
    let expected = json!({ "error": {
        "type": "invalid_api_usage",
        "code": 404,
        "message": "Resource not found",
        "errors": [{ "reason": "resource_not_found", "message": "Resource not found" }],
        "request_id": request_id,
        "documentation_url": "https://developer.gocardless.com/api-reference#resource_not_found",
    } });
    assert_eq!(answer.with(404), expected);
    for path in ["/payments/", "/events/EV1/what", "/payouts/PO1/actions/cancel"] {
        assert_eq!(sandbox.get(path).await.reason(404), "path_not_found", "{path}");
    }
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named() {
    let sandbox = start().await;
    let body = json!({ "payments": {
        "amount": "2500",
        "currency": "EUR",
        "charge_date": "2026-11-25",
        "description": "x".repeat(101),
        "reference": "ELEVENCHARS",
        "app_fee": 5,
        "metadata": { "a": "1", "b": "2", "c": "3", "d": "4" },
        "links": {},
    } });
    let error = sandbox.post("/payments", "key-0", &body).await.with(422)["error"].clone();
    assert_eq!(
        (&error["type"], &error["message"]),
        (&json!("validation_failed"), &json!("Validation failed"))
    );
    let errors = error["errors"].as_array().unwrap();
    let pointers: Vec<&str> = errors.iter().map(|error| error["request_pointer"].as_str().unwrap()).collect();
    for field in [
        "amount",
        "currency",
        "charge_date",
        "description",
        "reference",
        "metadata",
        "links/mandate",
        "app_fee",
    ] {
        let pointer = format!("/payments/{field}");
        assert!(pointers.contains(&pointer.as_str()), "{field}: {pointers:?}");
    }
    assert!(sandbox.list("/payments").await.is_empty());
}

#[tokio::test]
async fn metadata_has_three_keys_of_bounded_length() {
    let sandbox = start().await;
    let with = |metadata| {
        let mut body = payment(2_500, MANDATE);
        body["payments"]["metadata"] = metadata;
        body
    };
    let three = with(json!({ "a".repeat(50): "1", "b": "2".repeat(500), "c": "3" }));
    sandbox.post("/payments", "key-0", &three).await.created("payments");
    for wrong in [json!({ "a": 1 }), json!({ "a".repeat(51): "1" }), json!({ "a": "1".repeat(501) })] {
        let error = sandbox.post("/payments", "key-1", &with(wrong)).await.with(422)["error"].clone();
        assert_eq!(error["errors"][0]["field"], "metadata");
    }
}

#[tokio::test]
async fn a_body_is_json_in_its_envelope() {
    let sandbox = start().await;
    let post = |body: &'static str, kind: &'static str| {
        let bare = sandbox.bare(Method::POST, "/payments").bearer_auth(TOKEN);
        send(bare.header("gocardless-version", "2015-07-06").header("content-type", kind).body(body))
    };
    assert_eq!(post("{", "application/json").await.reason(400), "bad_request");
    for body in ["[]", "{}", "{\"payments\":[]}", "{\"payments\":{},\"refunds\":{}}"] {
        assert_eq!(post(body, "application/json").await.reason(400), "invalid_document_structure");
    }
    assert_eq!(
        post("amount=1", "application/x-www-form-urlencoded").await.reason(415),
        "unsupported_media_type"
    );
}

#[tokio::test]
async fn a_sandbox_without_an_account_speaks_no_gocardless() {
    let folder = tempfile::tempdir().unwrap();
    let settings = sandbox::Settings::new(folder.path(), "sk_test_example");
    let stripe = sandbox::start(settings).await.unwrap();
    let api = crate::client::Api::new(stripe.url());
    assert_eq!(api.get("/payments").await.status, 401, "Stripe's own refusal");
    stripe.stop().await;
}

#[tokio::test]
async fn settings_that_gocardless_could_not_have_are_refused() {
    use crate::fixtures::endpoint;
    use sandbox::{GoCardlessSettings, Settings, SettingsError, StartError};
    let folder = tempfile::tempdir().unwrap();
    let refused = async |gocardless: GoCardlessSettings| {
        let settings =
            Settings { gocardless: Some(gocardless), ..Settings::new(folder.path(), "sk_test_example") };
        match sandbox::start(settings).await {
            Err(StartError::Settings(error)) => error,
            _ => panic!("it started"),
        }
    };
    assert_eq!(refused(GoCardlessSettings::new("live_example")).await, SettingsError::AccessToken);
    let with = |change: fn(&mut sandbox::WebhookEndpoint)| {
        let mut endpoint = endpoint("charity", "http://127.0.0.1:9/webhooks");
        change(&mut endpoint);
        let mut settings = GoCardlessSettings::new(TOKEN);
        settings.webhooks.push(endpoint);
        settings
    };
    let wrong = SettingsError::GoCardlessEndpoint { id: "charity".to_owned() };
    assert_eq!(refused(with(|endpoint| endpoint.secrets.push("second".into()))).await, wrong);
    assert_eq!(
        refused(with(|endpoint| endpoint.enabled_events.push("payments.paid_out".into()))).await,
        wrong
    );
}
