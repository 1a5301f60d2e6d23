use adapters_providers::gocardless::{GoCardlessNotice, GoCardlessNotifications};
use domain::ids::ProviderReference;
use domain::payment::DeclineReason;
use serde_json::{Value, json};

use crate::fixtures::{donation, events, id, names, reference};

fn read(body: &str) -> GoCardlessNotice {
    GoCardlessNotifications.notice(body)
}

fn unrecognised(what: &str) -> GoCardlessNotice {
    GoCardlessNotice::Unrecognised { what: what.to_owned() }
}

fn moved() -> GoCardlessNotice {
    GoCardlessNotice::PaymentMoved { payment: reference(), donation: None }
}

fn failed(reason: DeclineReason, will_be_retried: bool) -> GoCardlessNotice {
    GoCardlessNotice::PaymentFailed { payment: reference(), donation: None, reason, will_be_retried }
}

fn refund() -> GoCardlessNotice {
    GoCardlessNotice::RefundMoved { refund: id("RF0EXAMPLE0001") }
}

/// Every webhook body that is kept and holds one event, and what the event says.
fn rows() -> Vec<(&'static str, GoCardlessNotice)> {
    let nothing = || GoCardlessNotice::Nothing;
    let (payment, donation) = (reference(), Some(donation()));
    let (charged_back, cancelled): (ProviderReference, _) = (reference(), reference());
    let payout = id("PO0EXAMPLE0001");
    let short = DeclineReason::InsufficientFunds;
    vec![
        ("creditors.bounced_payout", nothing()),
        ("mandates.active", nothing()),
        ("mandates.cancelled", nothing()),
        ("payments.cancelled", moved()),
        (
            "payments.chargeback_cancelled",
            GoCardlessNotice::ChargebackCancelled { payment: cancelled, donation: None },
        ),
        ("payments.chargeback_settled", nothing()),
        ("payments.charged_back", GoCardlessNotice::ChargedBack { payment: charged_back, donation: None }),
        ("payments.confirmed", moved()),
        ("payments.confirmed.with_donation", GoCardlessNotice::PaymentMoved { payment, donation }),
        ("payments.created", moved()),
        ("payments.customer_approval_denied", moved()),
        ("payments.customer_approval_granted", moved()),
        ("payments.failed", failed(short, false)),
        ("payments.failed.will_be_retried", failed(short, true)),
        ("payments.late_failure_settled", nothing()),
        ("payments.paid_out", moved()),
        ("payments.resubmission_requested", moved()),
        ("payments.submitted", moved()),
        ("payments.surcharge_fee_debited", nothing()),
        ("payouts.fx_rate_confirmed", nothing()),
        ("payouts.paid", GoCardlessNotice::PayoutPaid { payout }),
        ("payouts.tax_exchange_rates_confirmed", nothing()),
        ("refunds.created", refund()),
        ("refunds.failed", refund()),
        ("refunds.funds_returned", refund()),
        ("refunds.paid", refund()),
        ("refunds.refund_settled", nothing()),
        ("subscriptions.payment_created", nothing()),
    ]
}

#[test]
fn each_kept_event_means_what_it_says() {
    let rows = rows();
    let single: Vec<String> = names("notifications").into_iter().filter(|name| name != "batch").collect();
    assert_eq!(single, rows.iter().map(|row| row.0).collect::<Vec<_>>());
    for (name, expected) in rows {
        let events = events(name);
        assert_eq!(events.len(), 1, "{name}");
        assert_eq!(read(&events[0].to_string()), expected, "{name}");
    }
}

#[test]
fn the_events_of_a_batch_are_read_one_by_one() {
    let read: Vec<GoCardlessNotice> = events("batch").iter().map(|event| read(&event.to_string())).collect();
    let paid = GoCardlessNotice::PayoutPaid { payout: id("PO0EXAMPLE0001") };
    assert_eq!(read, [moved(), moved(), moved(), moved(), paid, GoCardlessNotice::Nothing]);
}

fn read_with(name: &str, path: &str, value: Value) -> GoCardlessNotice {
    let mut event = events(name).remove(0);
    *event.pointer_mut(path).unwrap() = value;
    read(&event.to_string())
}

#[test]
fn a_kind_that_nobody_has_taught_us_is_parked() {
    for (name, resource) in [
        ("payments.confirmed", "payments"),
        ("refunds.paid", "refunds"),
        ("payouts.paid", "payouts"),
        ("mandates.active", "mandates"),
        ("creditors.bounced_payout", "creditors"),
    ] {
        let notice = read_with(name, "/action", json!("novel"));
        assert_eq!(notice, unrecognised(&format!("{resource}.novel")));
        let notice = read_with(name, "/action", json!("Ada Example"));
        assert_eq!(notice, unrecognised(&format!("{resource}.(unprintable)")));
    }
    for resource in ["outbound_payments", "payment_account_transactions", "novel", "Payments"] {
        let notice = read_with("payments.confirmed", "/resource_type", json!(resource));
        assert_eq!(notice, unrecognised(&format!("{resource}.confirmed")));
    }
    for body in ["", "{}", "[]", "7", "{\"id\":\"EV1\",\"action\":7,\"resource_type\":\"payments\"}"] {
        assert_eq!(read(body), unrecognised("a body that is not an event"), "{body}");
    }
}

#[test]
fn an_event_about_nothing_is_parked() {
    for (name, what) in [
        ("payments.confirmed", "payments.confirmed"),
        ("payments.failed", "payments.failed"),
        ("payments.charged_back", "payments.charged_back"),
        ("refunds.created", "refunds.created"),
        ("payouts.paid", "payouts.paid"),
    ] {
        for links in [json!({}), Value::Null, json!({ "payment": "", "refund": "", "payout": "" })] {
            assert_eq!(read_with(name, "/links", links.clone()), unrecognised(what), "{links}");
        }
    }
}

#[test]
fn the_banks_cause_says_why_a_payment_failed() {
    for (cause, reason) in [
        ("insufficient_funds", DeclineReason::InsufficientFunds),
        ("daily_payment_limit_reached", DeclineReason::InsufficientFunds),
        ("bank_account_closed", DeclineReason::CardDetails),
        ("invalid_bank_details", DeclineReason::CardDetails),
        ("bank_account_transferred", DeclineReason::CardDetails),
        ("mandate_cancelled", DeclineReason::UnusableToken),
        ("authorisation_disputed", DeclineReason::Refused),
        ("other", DeclineReason::Refused),
        ("novel", DeclineReason::Refused),
    ] {
        assert_eq!(
            read_with("payments.failed", "/details/cause", json!(cause)),
            failed(reason, false),
            "{cause}"
        );
    }
    let without = read_with("payments.failed", "/details", Value::Null);
    assert_eq!(without, failed(DeclineReason::Refused, false));
}

#[test]
fn a_donation_that_is_not_ours_is_not_taken_for_one() {
    for metadata in [json!({}), Value::Null, json!({ "donation_id": "of-another-system" })] {
        let notice = read_with("payments.confirmed.with_donation", "/resource_metadata", metadata.clone());
        assert_eq!(notice, moved(), "{metadata}");
    }
}
