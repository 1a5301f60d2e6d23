//! One row per event: what it leads to.

use adapters_providers::gocardless::GoCardlessNotifications;
use app::ports::{Effect, NotificationReader};
use domain::ids::Provider;
use serde_json::{Value, json};

use crate::fixtures::{events, id, names, reference};

fn effect(event: &Value) -> Effect {
    GoCardlessNotifications.read(Provider::of("gocardless"), &event.to_string())
}

fn unrecognised(what: &str) -> Effect {
    Effect::Unrecognised { what: what.to_owned() }
}

fn moved() -> Effect {
    Effect::PaymentMoved { payment: reference() }
}

fn taken_back() -> Effect {
    Effect::TakenBack { payment: reference() }
}

fn refund() -> Effect {
    Effect::RefundMoved { refund: id("RF0EXAMPLE0001") }
}

/// Every webhook body that is kept and holds one event, and what the event leads to.
fn rows() -> Vec<(&'static str, Effect)> {
    vec![
        // It does not say which payout; the list of those that bounced does, and reports them.
        ("creditors.bounced_payout", Effect::Nothing),
        ("mandates.active", Effect::Nothing),
        ("mandates.cancelled", Effect::Nothing),
        ("payments.cancelled", moved()),
        ("payments.chargeback_cancelled", taken_back()),
        ("payments.chargeback_settled", Effect::Nothing),
        ("payments.charged_back", taken_back()),
        ("payments.confirmed", moved()),
        ("payments.confirmed.with_donation", moved()),
        ("payments.created", moved()),
        ("payments.customer_approval_denied", moved()),
        ("payments.customer_approval_granted", moved()),
        ("payments.failed", taken_back()),
        // The provider asks the bank again by itself, and only the end of that is an answer.
        ("payments.failed.will_be_retried", Effect::Nothing),
        ("payments.late_failure_settled", Effect::Nothing),
        ("payments.paid_out", moved()),
        ("payments.resubmission_requested", moved()),
        ("payments.submitted", moved()),
        ("payments.surcharge_fee_debited", Effect::Nothing),
        ("payouts.fx_rate_confirmed", Effect::Nothing),
        ("payouts.paid", Effect::Nothing),
        ("payouts.tax_exchange_rates_confirmed", Effect::Nothing),
        ("refunds.created", refund()),
        ("refunds.failed", refund()),
        ("refunds.funds_returned", refund()),
        ("refunds.paid", refund()),
        ("refunds.refund_settled", Effect::Nothing),
        ("subscriptions.payment_created", Effect::Nothing),
    ]
}

#[test]
fn each_kept_event_leads_to_what_it_calls_for() {
    let rows = rows();
    let single: Vec<String> = names("notifications").into_iter().filter(|name| name != "batch").collect();
    assert_eq!(single, rows.iter().map(|row| row.0).collect::<Vec<_>>());
    for (name, expected) in rows {
        assert_eq!(effect(&events(name)[0]), expected, "{name}");
    }
}

#[test]
fn an_event_that_nobody_has_taught_us_changes_nothing_and_is_parked() {
    for (name, path, value, what) in [
        ("payments.confirmed", "/action", json!("novel"), "payments.novel"),
        ("payments.confirmed", "/resource_type", json!("novel"), "novel.confirmed"),
        ("payments.charged_back", "/links", json!({}), "payments.charged_back"),
        ("refunds.paid", "/links", Value::Null, "refunds.paid"),
        ("mandates.active", "/action", json!("Ada Example"), "mandates.(unprintable)"),
        ("payments.confirmed", "/action", json!(7), "a body that is not an event"),
    ] {
        let mut event = events(name).remove(0);
        *event.pointer_mut(path).unwrap() = value;
        assert_eq!(effect(&event), unrecognised(what), "{name}");
    }
}
