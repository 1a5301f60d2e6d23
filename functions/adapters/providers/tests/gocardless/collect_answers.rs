//! One row per answer: what it says about the money.

use app::ports::PaymentProvider;
use domain::currency::Currency;
use domain::money::Money;
use domain::payment::{DeclineReason, PaymentOutcome};
use serde_json::{Value, json};

use crate::fixtures::{
    CREATED_AT, altered, captured, collection, connector, names, processing, reference, status_of, text,
    unknown,
};
use crate::server::{Act, Server, answer, answering};

const NOT_A_PAYMENT: PaymentOutcome = unknown("the provider's answer cannot be read");
const STATE: PaymentOutcome = unknown("the provider objects to a state that is not known");

async fn outcome_of(status: u16, body: &str) -> PaymentOutcome {
    let server = answering(status, "", body);
    connector(&server.url).collect(&collection()).await.said.outcome
}

fn rejected(code: &str) -> PaymentOutcome {
    PaymentOutcome::Rejected { code: code.to_owned() }
}

fn unusable_mandate() -> PaymentOutcome {
    PaymentOutcome::Declined { reference: None, reason: DeclineReason::UnusableToken }
}

/// Every answer that is kept, and what it means to whoever asked for the payment.
fn rows() -> Vec<(&'static str, PaymentOutcome)> {
    let key = PaymentOutcome::NotExecuted { reason: "the provider refuses our API key" };
    let slower = PaymentOutcome::NotExecuted { reason: "the provider asks for fewer requests" };
    let cancelled = PaymentOutcome::Cancelled { reference: reference() };
    let refused = PaymentOutcome::Declined { reference: Some(reference()), reason: DeclineReason::Refused };
    let payments = vec![
        ("payment.cancelled", cancelled.clone()),
        ("payment.charged_back", captured(2500)),
        ("payment.confirmed", captured(2500)),
        ("payment.customer_approval_denied", cancelled),
        ("payment.failed", refused),
        ("payment.paid_out", captured(2500)),
        ("payment.pending_customer_approval", processing()),
        ("payment.pending_submission", processing()),
        ("payment.submitted", processing()),
    ];
    let errors = vec![
        ("error.400.link_not_found", unusable_mandate()),
        ("error.400.missing_version_header", rejected("invalid_api_usage.missing_version_header")),
        ("error.401.access_token_not_found", key.clone()),
        ("error.403.insufficient_permissions", key),
        ("error.404.resource_not_found", rejected("invalid_api_usage.resource_not_found")),
        (
            "error.409.idempotent_creation_conflict",
            unknown("the payment that the key made could not be read"),
        ),
        ("error.422.available_refund_amount_insufficient", STATE),
        ("error.422.cancellation_failed", STATE),
        ("error.422.mandate_is_inactive", unusable_mandate()),
        ("error.422.mandate_replaced", unusable_mandate()),
        ("error.422.total_amount_confirmation_invalid", STATE),
        ("error.422.validation_failed", rejected("validation_failed.amount")),
        ("error.429.rate_limit_exceeded", slower),
        ("error.500.internal_server_error", unknown("the provider failed")),
    ];
    let others = [
        "payments.list.empty",
        "payments.list.first_page",
        "payments.list.last_page",
        "payout_items.list.first_page",
        "payout_items.list.last_page",
        "payouts.list",
        "refund.bounced",
        "refund.cancelled",
        "refund.created",
        "refund.funds_returned",
        "refund.paid",
        "refund.pending_submission",
        "refund.submitted",
        "refunds.list",
        "refunds.list.empty",
    ];
    [errors, payments, others.map(|name| (name, NOT_A_PAYMENT)).to_vec()].concat()
}

#[tokio::test]
async fn each_kept_answer_means_what_it_says() {
    let rows = rows();
    assert_eq!(names("answers"), rows.iter().map(|row| row.0).collect::<Vec<_>>());
    for (name, expected) in rows {
        // One answer makes the connector ask a second time, and then nobody answers.
        let body = answer(status_of(name), "", &text("answers", name));
        let server = Server::acting([Act::WriteAndClose(body), Act::CloseUnread]);
        assert_eq!(connector(&server.url).collect(&collection()).await.said.outcome, expected, "{name}");
    }
}

async fn outcome_with(name: &str, path: &str, value: Value) -> PaymentOutcome {
    outcome_of(status_of(name), &altered("answers", name, path, value)).await
}

#[tokio::test]
async fn another_amount_is_reported_as_it_was_taken() {
    let name = "payment.confirmed";
    assert_eq!(outcome_with(name, "/payments/amount", json!(2400)).await, captured(2400));
    let euros = Money::from_minor(2500, Currency::from_code("EUR").unwrap()).unwrap();
    let expected = PaymentOutcome::Captured { reference: reference(), amount: euros, created_at: CREATED_AT };
    assert_eq!(outcome_with(name, "/payments/currency", json!("EUR")).await, expected);
}

#[tokio::test]
async fn a_success_without_a_readable_amount_or_time_is_unknown() {
    let unreadable = unknown("money was taken, but how much and when cannot be read");
    for (path, value) in [
        ("/payments/amount", json!(0)),
        ("/payments/amount", Value::Null),
        ("/payments/amount", json!(u64::MAX)),
        ("/payments/currency", json!("ZZZ")),
        ("/payments/currency", json!("gbp")),
        ("/payments/currency", Value::Null),
        ("/payments/created_at", json!("yesterday")),
        ("/payments/created_at", Value::Null),
    ] {
        let outcome = outcome_with("payment.paid_out", path, value.clone()).await;
        assert_eq!(outcome, unreadable, "{path} {value}");
    }
    for (path, value) in [
        ("/payments/amount", json!(-2500)),
        ("/payments/amount", json!("2500")),
        ("/payments/amount", json!(2500.5)),
        ("/payments/id", json!(7)),
    ] {
        let outcome = outcome_with("payment.paid_out", path, value.clone()).await;
        assert_eq!(outcome, NOT_A_PAYMENT, "{path} {value}");
    }
}

#[tokio::test]
async fn an_answer_about_another_donation_is_unknown() {
    let other = unknown("the provider's answer is about another donation");
    for name in ["payment.confirmed", "payment.cancelled", "payment.failed", "payment.submitted"] {
        for value in [json!("otherexampledonation222222"), json!("not an id"), Value::Null] {
            assert_eq!(outcome_with(name, "/payments/metadata/donation_id", value).await, other, "{name}");
        }
        assert_eq!(outcome_with(name, "/payments/metadata", json!({})).await, other, "{name}");
        assert_eq!(outcome_with(name, "/payments/metadata", Value::Null).await, other, "{name}");
    }
}

#[tokio::test]
async fn an_answer_short_of_success_about_another_amount_is_unknown() {
    let other = unknown("the provider's answer is about another amount");
    for name in ["payment.submitted", "payment.cancelled", "payment.failed"] {
        for (path, value) in [
            ("/payments/amount", json!(2501)),
            ("/payments/amount", Value::Null),
            ("/payments/currency", json!("EUR")),
        ] {
            assert_eq!(outcome_with(name, path, value).await, other, "{name} {path}");
        }
    }
}

#[tokio::test]
async fn a_status_that_nobody_has_taught_us_is_unknown() {
    for value in [json!("Confirmed"), json!("confirmed_twice"), json!(""), Value::Null] {
        let outcome = outcome_with("payment.confirmed", "/payments/status", value).await;
        assert_eq!(outcome, unknown("the payment's status is not known"));
    }
    let strange = outcome_with("payment.confirmed", "/payments/id", json!("é")).await;
    assert_eq!(strange, unknown("the payment's id is not of a known form"));
}

#[tokio::test]
async fn an_error_of_an_unknown_kind_is_unknown() {
    let doubt = unknown("the provider's error is not known");
    for (name, kind) in [
        ("error.422.validation_failed", json!("gocardless")),
        ("error.422.validation_failed", json!("novel_error")),
        ("error.422.mandate_is_inactive", json!("novel_error")),
        ("error.409.idempotent_creation_conflict", json!("novel_error")),
        ("error.400.missing_version_header", Value::Null),
    ] {
        assert_eq!(outcome_with(name, "/error/type", kind.clone()).await, doubt, "{name} {kind}");
    }
    let bare = outcome_of(400, "{\"error\":\"An invented message\"}").await;
    assert_eq!(bare, unknown("the provider's error cannot be read"));
}

#[tokio::test]
async fn an_objection_to_a_state_is_never_taken_for_proof_unless_it_is_known() {
    let name = "error.422.mandate_is_inactive";
    let path = "/error/errors/0/reason";
    for reason in ["mandate_is_expired", "bank_account_disabled"] {
        assert_eq!(outcome_with(name, path, json!(reason)).await, unusable_mandate(), "{reason}");
    }
    for reason in [json!("payment_made_before"), json!("MANDATE_IS_INACTIVE"), json!(""), Value::Null] {
        assert_eq!(outcome_with(name, path, reason.clone()).await, STATE, "{reason}");
    }
    assert_eq!(outcome_with(name, "/error/errors", json!([])).await, STATE);
}

#[tokio::test]
async fn an_error_code_that_could_hold_anything_is_not_repeated() {
    let name = "error.422.validation_failed";
    let field = outcome_with(name, "/error/errors/0/field", json!("Ada Example's account")).await;
    assert_eq!(field, rejected("validation_failed.(unprintable)"));
    assert_eq!(outcome_with(name, "/error/errors", json!([])).await, rejected("validation_failed"));
}
