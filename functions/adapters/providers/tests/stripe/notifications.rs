use adapters_providers::stripe::StripeNotifications;
use app::ports::{Effect, NotificationReader};
use domain::payment::{DeclineReason, NextAction, PaymentOutcome};
use serde_json::{Value, json};

use crate::fixtures::{DONATION, altered, donation, gbp, names, reference, text};

fn read(body: &str) -> Effect {
    StripeNotifications.read(body)
}

fn outcome(outcome: PaymentOutcome) -> Effect {
    Effect::Outcome { donation: donation(), outcome }
}

fn unrecognised(what: &str) -> Effect {
    Effect::Unrecognised { what: what.to_owned() }
}

/// Every event that is kept, and what it says.
fn rows() -> Vec<(&'static str, Effect)> {
    let captured = PaymentOutcome::Captured { reference: reference(), amount: gbp(2500) };
    let reason = DeclineReason::InsufficientFunds;
    let declined = PaymentOutcome::Declined { reference: Some(reference()), reason };
    let client_secret = "pi_3Example00000000000001_secret_invented".to_owned();
    let action = NextAction::ProviderScript { client_secret };
    let action_required = PaymentOutcome::ActionRequired { reference: reference(), action };
    vec![
        ("charge.dispute.created", unrecognised("charge.dispute.created")),
        (
            "charge.refunded.partial",
            unrecognised(&format!("charge.refunded in part, of donation {DONATION}")),
        ),
        ("charge.refunded.whole", Effect::Returned { donation: donation(), reference: reference() }),
        ("charge.succeeded", Effect::Nothing),
        ("payment_intent.canceled", outcome(PaymentOutcome::Cancelled { reference: reference() })),
        ("payment_intent.payment_failed", outcome(declined)),
        ("payment_intent.processing", outcome(PaymentOutcome::Processing { reference: reference() })),
        ("payment_intent.requires_action", outcome(action_required)),
        ("payment_intent.succeeded", outcome(captured)),
        ("payment_intent.succeeded.without_donation", unrecognised("payment without donation")),
        ("payout.paid", Effect::Nothing),
        ("refund.failed", unrecognised("refund.failed")),
        ("thin.payment_intent.succeeded", unrecognised("v1.payment_intent.succeeded")),
    ]
}

#[test]
fn each_kept_event_means_what_it_says() {
    let rows = rows();
    assert_eq!(names("events"), rows.iter().map(|row| row.0).collect::<Vec<_>>());
    for (name, expected) in rows {
        assert_eq!(read(&text("events", name)), expected, "{name}");
    }
}

fn read_with(name: &str, path: &str, value: Value) -> Effect {
    read(&altered("events", name, path, value))
}

#[test]
fn the_payments_status_decides_and_not_the_events_name() {
    for name in
        ["payment_intent.payment_failed", "payment_intent.processing", "payment_intent.requires_action"]
    {
        let body = altered("events", "payment_intent.succeeded", "/type", json!(name));
        assert_eq!(read(&body), read(&text("events", "payment_intent.succeeded")), "{name}");
    }
}

#[test]
fn a_status_that_nobody_has_taught_us_is_parked() {
    let effect = read_with("payment_intent.succeeded", "/data/object/status", json!("novel"));
    let what = "payment_intent.succeeded with status novel: the payment's status is not known";
    assert_eq!(effect, unrecognised(what));
    let effect = read_with("payment_intent.succeeded", "/data/object/status", json!("Ada Example"));
    let what = "payment_intent.succeeded with status (unprintable): the payment's status is not known";
    assert_eq!(effect, unrecognised(what));
    let effect = read_with("payment_intent.succeeded", "/data/object/amount_received", json!(0));
    let what = "payment_intent.succeeded with status succeeded: money was taken, but how much cannot be read";
    assert_eq!(effect, unrecognised(what));
}

#[test]
fn a_type_that_nobody_has_taught_us_is_parked() {
    assert_eq!(read_with("payout.paid", "/type", json!("payout.novel")), unrecognised("payout.novel"));
    assert_eq!(read_with("payout.paid", "/type", json!("Ada Example")), unrecognised("(unprintable)"));
    assert_eq!(read("{}"), unrecognised("a body that is not an event"));
    assert_eq!(read(""), unrecognised("a body that is not an event"));
}

#[test]
fn an_object_that_cannot_be_read_is_parked() {
    let payment = read_with("payment_intent.succeeded", "/data/object", json!({ "id": 7 }));
    assert_eq!(payment, unrecognised("payment_intent.succeeded with a payment that cannot be read"));
    let charge = read_with("charge.refunded.whole", "/data/object/amount", json!("2500"));
    assert_eq!(charge, unrecognised("charge.refunded with a charge that cannot be read"));
}

#[test]
fn payments_that_name_no_donation_of_ours_are_left_alone_unless_money_came_in() {
    for name in ["payment_intent.canceled", "payment_intent.payment_failed", "charge.refunded.whole"] {
        for value in [json!({}), Value::Null, json!({ "donation_id": "of-another-system" })] {
            assert_eq!(
                read_with(name, "/data/object/metadata", value.clone()),
                Effect::Nothing,
                "{name} {value}"
            );
        }
    }
    let value = json!({ "donation_id": "of-another-system" });
    let effect = read_with("payment_intent.succeeded", "/data/object/metadata", value);
    assert_eq!(effect, unrecognised("payment without donation"));
}

#[test]
fn a_refund_that_contradicts_itself_is_parked() {
    let contradiction = format!("charge.refunded that contradicts itself, of donation {DONATION}");
    for (name, path, value) in [
        ("charge.refunded.whole", "/data/object/amount_refunded", json!(2499)),
        ("charge.refunded.whole", "/data/object/refunded", json!(false)),
        ("charge.refunded.whole", "/data/object/refunded", Value::Null),
        ("charge.refunded.whole", "/data/object/amount", Value::Null),
        ("charge.refunded.partial", "/data/object/refunded", json!(true)),
    ] {
        assert_eq!(
            read_with(name, path, value.clone()),
            unrecognised(&contradiction),
            "{name} {path} {value}"
        );
    }
    let without = read_with("charge.refunded.whole", "/data/object/payment_intent", Value::Null);
    assert_eq!(without, unrecognised(&format!("charge.refunded without a payment, of donation {DONATION}")));
}

#[test]
fn every_type_that_the_endpoint_is_registered_for_means_something() {
    for kind in contracts::providers::STRIPE_EVENTS {
        let effect = read_with("payment_intent.succeeded", "/type", json!(kind));
        assert_ne!(effect, Effect::Nothing, "{kind} is stored and queued for nothing");
    }
}
