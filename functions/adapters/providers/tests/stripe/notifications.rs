use adapters_providers::stripe::StripeNotifications;
use app::ports::{About, Effect, NotificationReader};
use domain::ids::{Provider, ProviderReference, RefundId};
use domain::payment::{DeclineReason, NextAction, PaymentOutcome};
use domain::takings::{DisputeNews, DisputeStatus, RefundNews, RefundStatus, Withdrawal};
use serde_json::{Value, json};

use crate::fixtures::{altered, created_at, donation, gbp, names, reference, text};

fn read(body: &str) -> Effect {
    StripeNotifications.read(Provider::STRIPE, body)
}

fn outcome(outcome: PaymentOutcome) -> Effect {
    Effect::Outcome { about: About::Donation(donation()), outcome }
}

fn unrecognised(what: &str) -> Effect {
    Effect::Unrecognised { what: what.to_owned() }
}

fn another_reference() -> ProviderReference {
    ProviderReference::parse("pi_3Example00000000000007").unwrap()
}

/// Minor units of the payout that is kept.
const PAYOUT: u64 = 2440;

fn payout() -> ProviderReference {
    ProviderReference::parse("po_1Example00000000000001").unwrap()
}

fn ours() -> RefundId {
    RefundId::parse("rf_0123456789abcdef01234567").unwrap()
}

fn refund(id: Option<RefundId>, status: RefundStatus) -> Effect {
    let refund = ProviderReference::parse("re_3Example00000000000001").unwrap();
    let (payment, amount) = (reference(), gbp(2500));
    let news = RefundNews { id, reference: refund, payment, amount, status };
    Effect::Refund { about: About::Payment(reference()), news }
}

fn dispute(status: DisputeStatus, withdrawn: Option<Withdrawal>, reinstated: Option<Withdrawal>) -> Effect {
    let dispute = ProviderReference::parse("du_1Example00000000000001").unwrap();
    let news = DisputeNews { reference: dispute, payment: reference(), status, withdrawn, reinstated };
    Effect::Dispute { about: About::Payment(reference()), news }
}

/// Every event that is kept, and what it says.
fn rows() -> Vec<(&'static str, Effect)> {
    let captured =
        PaymentOutcome::Captured { reference: reference(), amount: gbp(2500), created_at: created_at() };
    let reason = DeclineReason::InsufficientFunds;
    let declined = PaymentOutcome::Declined { reference: Some(reference()), reason };
    let client_secret = "pi_3Example00000000000001_secret_invented".to_owned();
    let action = NextAction::ProviderScript { client_secret };
    let action_required = PaymentOutcome::ActionRequired { reference: reference(), action };
    let withdrawn = Withdrawal { amount: gbp(2500), fee: Some(gbp(2000)) };
    let reinstated = Withdrawal { amount: gbp(2500), fee: None };
    vec![
        ("charge.dispute.closed.lost", dispute(DisputeStatus::Lost, Some(withdrawn), None)),
        ("charge.dispute.closed.won", dispute(DisputeStatus::Won, Some(withdrawn), None)),
        ("charge.dispute.created", dispute(DisputeStatus::Open, None, None)),
        ("charge.dispute.created.inquiry", dispute(DisputeStatus::Inquiry, None, None)),
        ("charge.dispute.funds_reinstated", dispute(DisputeStatus::Won, Some(withdrawn), Some(reinstated))),
        ("charge.dispute.funds_withdrawn", dispute(DisputeStatus::Open, Some(withdrawn), None)),
        ("charge.refunded.partial", Effect::Nothing),
        ("charge.refunded.whole", Effect::Nothing),
        ("charge.succeeded", Effect::Nothing),
        ("payment_intent.canceled", outcome(PaymentOutcome::Cancelled { reference: reference() })),
        ("payment_intent.payment_failed", outcome(declined)),
        ("payment_intent.processing", outcome(PaymentOutcome::Processing { reference: reference() })),
        ("payment_intent.requires_action", outcome(action_required)),
        ("payment_intent.succeeded", outcome(captured)),
        (
            "payment_intent.succeeded.without_donation",
            Effect::Orphan { payment: another_reference(), amount: gbp(2500) },
        ),
        ("payout.failed", Effect::PayoutFailed { payout: payout(), amount: gbp(PAYOUT) }),
        ("payout.paid", Effect::Nothing),
        ("refund.created", refund(Some(ours()), RefundStatus::Pending)),
        ("refund.created.made_at_provider", refund(None, RefundStatus::Succeeded)),
        ("refund.failed", refund(None, RefundStatus::Failed)),
        ("refund.updated", refund(Some(ours()), RefundStatus::Succeeded)),
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
    let what = "payment_intent.succeeded with status succeeded: money was taken, but how much and when cannot be \
                read";
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
    for (name, path, value, what) in [
        ("refund.updated", "/data/object/amount", json!("2500"), "refund.updated with a refund"),
        ("refund.updated", "/data/object/status", json!("novel"), "refund.updated with a refund"),
        ("refund.failed", "/data/object/payment_intent", Value::Null, "refund.failed with a refund"),
        (
            "charge.dispute.created",
            "/data/object/status",
            json!("novel"),
            "charge.dispute.created with a dispute",
        ),
        (
            "charge.dispute.funds_withdrawn",
            "/data/object/balance_transactions/0/currency",
            json!("zzz"),
            "charge.dispute.funds_withdrawn with a dispute",
        ),
        ("payout.failed", "/data/object/amount", Value::Null, "payout.failed with a payout"),
    ] {
        let expected = unrecognised(&format!("{what} that cannot be read"));
        assert_eq!(read_with(name, path, value.clone()), expected, "{name} {path} {value}");
    }
}

#[test]
fn payments_that_name_no_donation_of_ours_are_left_alone_unless_money_came_in() {
    for name in ["payment_intent.canceled", "payment_intent.payment_failed"] {
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
    assert_eq!(effect, Effect::Orphan { payment: reference(), amount: gbp(2500) });
}

#[test]
fn every_type_that_the_endpoint_is_registered_for_means_something() {
    for kind in contracts::providers::STRIPE_EVENTS {
        let effect = read_with("payment_intent.succeeded", "/type", json!(kind));
        assert_ne!(effect, Effect::Nothing, "{kind} is stored and queued for nothing");
    }
}
