//! One row per answer: what it says about the money.

use app::ports::PaymentProvider;
use domain::currency::Currency;
use domain::money::Money;
use domain::payment::{DeclineReason, NextAction, PaymentOutcome};
use serde_json::{Value, json};

use crate::fixtures::{altered, collection, connector, created_at, gbp, names, reference, status_of, text};
use crate::server::answering;

async fn outcome_of(status: u16, headers: &str, body: &str) -> PaymentOutcome {
    let server = answering(status, headers, body);
    connector(&server.url).collect(&collection()).await.said.outcome
}

fn captured(amount: Money) -> PaymentOutcome {
    PaymentOutcome::Captured { reference: reference(), amount, created_at: created_at() }
}

fn declined(reason: DeclineReason) -> PaymentOutcome {
    PaymentOutcome::Declined { reference: Some(reference()), reason }
}

fn action_required(action: NextAction) -> PaymentOutcome {
    PaymentOutcome::ActionRequired { reference: reference(), action }
}

fn rejected(code: &str) -> PaymentOutcome {
    PaymentOutcome::Rejected { code: code.to_owned() }
}

const fn unknown(reason: &'static str) -> PaymentOutcome {
    PaymentOutcome::Unknown { reason }
}

const fn not_executed(reason: &'static str) -> PaymentOutcome {
    PaymentOutcome::NotExecuted { reason }
}

fn script() -> NextAction {
    NextAction::ProviderScript { client_secret: "pi_3Example00000000000001_secret_invented".to_owned() }
}

/// Every answer that is kept, and what it means to whoever asked for the payment.
fn rows() -> Vec<(&'static str, PaymentOutcome)> {
    let busy = not_executed("the provider is busy with the same key or payment");
    let slower = not_executed("the provider asks for fewer requests");
    let key = not_executed("the provider refuses our API key");
    let bank = NextAction::Redirect { url: "https://bank.example.org/confirm/payatt_Example".to_owned() };
    let list = unknown("the provider's answer cannot be read");
    let other = unknown("the provider's answer is about another donation");
    let strange = unknown("the payment's status is not known");
    let elsewhere = unknown("the provider's answer is about another amount");
    let no_token = PaymentOutcome::Declined { reference: None, reason: DeclineReason::UnusableToken };
    vec![
        ("balance_transactions.list.empty", list.clone()),
        ("balance_transactions.list.first_page", list.clone()),
        ("balance_transactions.list.last_page", list.clone()),
        ("dispute.lost", other.clone()),
        ("dispute.needs_response", other.clone()),
        ("dispute.warning_needs_response", other.clone()),
        ("dispute.won", other),
        ("error.400.amount_too_small", rejected("amount_too_small")),
        ("error.400.charge_already_refunded", rejected("charge_already_refunded")),
        ("error.400.idempotency_error", unknown("the key was used before with another request")),
        ("error.400.payment_intent_unexpected_state", rejected("payment_intent_unexpected_state")),
        ("error.400.payment_method_missing", no_token),
        ("error.400.unknown_parameter", rejected("parameter_unknown")),
        ("error.401.api_key_invalid", key.clone()),
        ("error.402.expired_card", declined(DeclineReason::CardDetails)),
        ("error.402.insufficient_funds", declined(DeclineReason::InsufficientFunds)),
        ("error.402.stolen_card", declined(DeclineReason::Refused)),
        ("error.403.permission", key),
        ("error.404.dispute_missing", rejected("resource_missing")),
        ("error.404.no_such_path", rejected("invalid_request_error")),
        ("error.404.payment_intent_missing", rejected("resource_missing")),
        ("error.404.refund_missing", rejected("resource_missing")),
        ("error.409.idempotency_key_in_use", busy),
        ("error.429.lock_timeout", slower.clone()),
        ("error.429.rate_limit", slower),
        ("error.500.api_error", unknown("the provider failed")),
        ("payment_intent.canceled", PaymentOutcome::Cancelled { reference: reference() }),
        ("payment_intent.processing", PaymentOutcome::Processing { reference: reference() }),
        ("payment_intent.requires_action.redirect_to_url", action_required(bank)),
        ("payment_intent.requires_action.use_stripe_sdk", action_required(script())),
        ("payment_intent.requires_capture", unknown("the money is held but not taken")),
        ("payment_intent.requires_confirmation", unknown("the payment exists but was not tried")),
        ("payment_intent.requires_payment_method", declined(DeclineReason::AuthenticationFailed)),
        ("payment_intent.succeeded", captured(gbp(2500))),
        ("payment_intents.list.empty", list.clone()),
        ("payment_intents.list.first_page", list.clone()),
        ("payment_intents.list.last_page", list.clone()),
        ("refund.canceled", elsewhere),
        ("refund.failed", strange.clone()),
        ("refund.pending", strange),
        ("refund.requires_action", unknown("the bank asks for something that the provider does not name")),
        ("refund.succeeded", unknown("money was taken, but how much and when cannot be read")),
        ("refunds.list", list.clone()),
        ("refunds.list.empty", list),
    ]
}

#[tokio::test]
async fn each_kept_answer_means_what_it_says() {
    let rows = rows();
    assert_eq!(names("answers"), rows.iter().map(|row| row.0).collect::<Vec<_>>());
    for (name, expected) in rows {
        assert_eq!(outcome_of(status_of(name), "", &text("answers", name)).await, expected, "{name}");
    }
}

async fn outcome_with(name: &str, path: &str, value: Value) -> PaymentOutcome {
    outcome_of(status_of(name), "", &altered("answers", name, path, value)).await
}

#[tokio::test]
async fn another_amount_is_reported_as_it_was_taken() {
    let name = "payment_intent.succeeded";
    assert_eq!(outcome_with(name, "/amount_received", json!(2400)).await, captured(gbp(2400)));
    let euros = Money::from_minor(2500, Currency::from_code("EUR").unwrap()).unwrap();
    assert_eq!(outcome_with(name, "/currency", json!("eur")).await, captured(euros));
}

#[tokio::test]
async fn a_success_without_a_readable_amount_is_unknown() {
    let name = "payment_intent.succeeded";
    let unreadable = unknown("money was taken, but how much and when cannot be read");
    for (path, value) in [
        ("/amount_received", json!(0)),
        ("/amount_received", Value::Null),
        ("/amount_received", json!(u64::MAX)),
        ("/currency", json!("zzz")),
        ("/currency", Value::Null),
    ] {
        assert_eq!(outcome_with(name, path, value.clone()).await, unreadable, "{path} {value}");
    }
    for (path, value) in
        [("/amount_received", json!(-2500)), ("/amount_received", json!("2500")), ("/id", json!(7))]
    {
        let outcome = outcome_with(name, path, value.clone()).await;
        assert_eq!(outcome, unknown("the provider's answer cannot be read"), "{path} {value}");
    }
}

#[tokio::test]
async fn an_answer_about_another_donation_is_unknown() {
    let other = unknown("the provider's answer is about another donation");
    for name in
        ["payment_intent.succeeded", "payment_intent.canceled", "payment_intent.requires_payment_method"]
    {
        for value in [json!("otherexampledonation222222"), json!("not an id"), Value::Null] {
            assert_eq!(outcome_with(name, "/metadata/donation_id", value).await, other, "{name}");
        }
        assert_eq!(outcome_with(name, "/metadata", Value::Null).await, other, "{name}");
    }
}

#[tokio::test]
async fn an_answer_short_of_success_about_another_amount_is_unknown() {
    let other = unknown("the provider's answer is about another amount");
    for name in
        ["payment_intent.processing", "payment_intent.canceled", "payment_intent.requires_payment_method"]
    {
        for (path, value) in [("/amount", json!(2501)), ("/amount", Value::Null), ("/currency", json!("usd"))]
        {
            assert_eq!(outcome_with(name, path, value).await, other, "{name} {path}");
        }
    }
}

#[tokio::test]
async fn a_status_that_nobody_has_taught_us_is_unknown() {
    for value in [json!("Succeeded"), json!("succeeded_partially"), json!(""), Value::Null] {
        let outcome = outcome_with("payment_intent.succeeded", "/status", value).await;
        assert_eq!(outcome, unknown("the payment's status is not known"));
    }
    let untried =
        outcome_with("payment_intent.requires_payment_method", "/last_payment_error", Value::Null).await;
    assert_eq!(untried, unknown("the payment exists but was not tried"));
}

#[tokio::test]
async fn a_bank_page_in_clear_is_not_shown_to_the_donor() {
    let name = "payment_intent.requires_action.redirect_to_url";
    let path = "/next_action/redirect_to_url/url";
    for bad in ["http://bank.example.org/", "javascript:alert(1)", "/confirm", ""] {
        assert_eq!(outcome_with(name, path, json!(bad)).await, action_required(script()), "{bad}");
    }
    let local = NextAction::Redirect { url: "http://127.0.0.1:12111/confirm".to_owned() };
    let outcome = outcome_with(name, path, json!("http://127.0.0.1:12111/confirm")).await;
    assert_eq!(outcome, action_required(local));
    let name = "payment_intent.requires_action.use_stripe_sdk";
    let nothing = unknown("the bank asks for something that the provider does not name");
    assert_eq!(outcome_with(name, "/client_secret", Value::Null).await, nothing);
}

#[tokio::test]
async fn a_decline_that_its_payment_contradicts_is_unknown() {
    let name = "error.402.insufficient_funds";
    for status in ["succeeded", "processing", "requires_action", "novel"] {
        let outcome = outcome_with(name, "/error/payment_intent/status", json!(status)).await;
        assert_eq!(outcome, unknown("the decline and its payment contradict each other"), "{status}");
    }
    let other = json!("otherexampledonation222222");
    let outcome = outcome_with(name, "/error/payment_intent/metadata/donation_id", other).await;
    assert_eq!(outcome, unknown("the decline is about another donation"));
    let without = outcome_with(name, "/error/payment_intent", Value::Null).await;
    let reason = DeclineReason::InsufficientFunds;
    assert_eq!(without, PaymentOutcome::Declined { reference: None, reason });
}

#[tokio::test]
async fn the_issuers_code_decides_before_the_providers() {
    let name = "error.402.expired_card";
    assert_eq!(outcome_with(name, "/error/code", json!("novel")).await, declined(DeclineReason::Refused));
    let name = "error.402.insufficient_funds";
    for (code, reason) in [
        ("card_velocity_exceeded", DeclineReason::InsufficientFunds),
        ("incorrect_cvc", DeclineReason::CardDetails),
        ("authentication_required", DeclineReason::AuthenticationFailed),
        ("fraudulent", DeclineReason::Refused),
        ("novel_code", DeclineReason::Refused),
    ] {
        let body = altered("answers", name, "/error/code", json!("insufficient_funds"));
        let mut body: Value = serde_json::from_str(&body).unwrap();
        body["error"]["decline_code"] = json!(code);
        assert_eq!(outcome_of(402, "", &body.to_string()).await, declined(reason), "{code}");
    }
}

#[tokio::test]
async fn an_error_of_an_unknown_kind_is_unknown() {
    let doubt = unknown("the provider's error is not known");
    for (name, kind) in [
        ("error.400.amount_too_small", json!("api_error")),
        ("error.400.amount_too_small", json!("novel_error")),
        ("error.402.insufficient_funds", json!("novel_error")),
        ("error.400.amount_too_small", Value::Null),
    ] {
        assert_eq!(outcome_with(name, "/error/type", kind.clone()).await, doubt, "{name} {kind}");
    }
    let card_error = text("answers", "error.402.insufficient_funds");
    assert_eq!(outcome_of(400, "", &card_error).await, doubt);
}

#[tokio::test]
async fn what_the_provider_says_about_a_retry_never_makes_an_outcome_more_certain() {
    let small = text("answers", "error.400.amount_too_small");
    let failed = text("answers", "error.500.api_error");
    let again = unknown("the provider asks for a retry");
    assert_eq!(outcome_of(400, "stripe-should-retry: true\r\n", &small).await, again);
    assert_eq!(outcome_of(400, "stripe-should-retry: false\r\n", &small).await, rejected("amount_too_small"));
    assert_eq!(
        outcome_of(500, "stripe-should-retry: false\r\n", &failed).await,
        unknown("the provider failed")
    );
    let limit = text("answers", "error.429.rate_limit");
    let slower = not_executed("the provider asks for fewer requests");
    assert_eq!(outcome_of(429, "stripe-should-retry: false\r\n", &limit).await, slower);
}

#[tokio::test]
async fn a_stored_answer_that_is_replayed_means_the_same() {
    let replayed = "idempotent-replayed: true\r\n";
    let failed = text("answers", "error.500.api_error");
    let stored = unknown("the provider repeats a stored server error");
    assert_eq!(outcome_of(500, replayed, &failed).await, stored);
    let taken = text("answers", "payment_intent.succeeded");
    assert_eq!(outcome_of(200, replayed, &taken).await, captured(gbp(2500)));
}

#[tokio::test]
async fn an_error_code_that_could_hold_anything_is_not_repeated() {
    let name = "error.400.amount_too_small";
    let outcome = outcome_with(name, "/error/code", json!("Ada Example's card 4242")).await;
    assert_eq!(outcome, rejected("(unprintable)"));
    assert_eq!(outcome_with(name, "/error/code", Value::Null).await, rejected("invalid_request_error"));
}
