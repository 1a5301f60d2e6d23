//! The sandbox's answers beside those that were kept of Stripe's: whatever Stripe sends, the sandbox sends.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::client::{form, send};
use crate::fixtures::{endpoint, start, start_with};
use crate::receiver::Receiver;

fn kept(folder: &str, name: &str) -> Value {
    let path = format!("../../../contracts/providers/stripe/{folder}/{name}.json");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Collects where `ours` lacks a field of `theirs`, or has another type of value there.
fn differences(place: &str, theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    match (theirs, ours) {
        // The caller's own words, and what only Stripe.js reads.
        (Value::Object(_), Value::Object(_))
            if place.ends_with(".metadata") || place.ends_with(".use_stripe_sdk") => {}
        (Value::Object(theirs), Value::Object(ours)) => {
            for (name, theirs) in theirs {
                let place = format!("{place}.{name}");
                match ours.get(name) {
                    Some(ours) => differences(&place, theirs, ours, found),
                    None => found.push(format!("{place} is missing")),
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            for (theirs, ours) in theirs.iter().zip(ours) {
                differences(&format!("{place}[]"), theirs, ours, found);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        _ if std::mem::discriminant(theirs) == std::mem::discriminant(ours) => {}
        _ => found.push(format!("{place} is {ours}, theirs is {theirs}")),
    }
}

#[track_caller]
fn alike(folder: &str, name: &str, ours: &Value) {
    let mut found = Vec::new();
    differences(name, &kept(folder, name), ours, &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn payments_look_like_stripe_s() {
    let sandbox = start().await;
    for (name, token) in [
        ("payment_intent.succeeded", "pm_card_visa"),
        ("payment_intent.requires_action.redirect_to_url", "pm_card_authenticationRequired"),
        ("payment_intent.processing", "pm_sandbox_processing"),
    ] {
        let ours = sandbox.pay(token, 2_500, token).await.ok();
        assert_eq!(ours["status"], kept("answers", name)["status"]);
        alike("answers", name, &ours);
    }
    alike("answers", "payment_intents.list.last_page", &sandbox.get("/v1/payment_intents").await.ok());
    let mut fields = form(2_500, "pm_card_visa");
    fields.retain(|(name, _)| !["confirm", "return_url"].contains(name));
    let ours = send(sandbox.post("/v1/payment_intents").form(&fields)).await.ok();
    alike("answers", "payment_intent.requires_confirmation", &ours);
    let cancel = format!("/v1/payment_intents/{}/cancel", ours["id"].as_str().unwrap());
    alike("answers", "payment_intent.canceled", &sandbox.submit(&cancel, &[]).await.ok());
}

#[tokio::test]
async fn errors_look_like_stripe_s() {
    let sandbox = start().await;
    for (name, token) in [
        ("error.402.insufficient_funds", "pm_card_visa_chargeDeclinedInsufficientFunds"),
        ("error.402.stolen_card", "pm_card_visa_chargeDeclinedStolenCard"),
        ("error.402.expired_card", "pm_card_chargeDeclinedExpiredCard"),
        ("error.400.payment_method_missing", "pm_1Unknown"),
    ] {
        let ours = sandbox.pay(token, 2_500, token).await.json();
        for field in ["type", "code", "decline_code"] {
            assert_eq!(ours["error"][field], kept("answers", name)["error"][field], "{field} of {name}");
        }
        alike("answers", name, &ours);
    }
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let faulty = |fault| send(sandbox.paying("key-1", 2_500, "pm_card_visa").header("sandbox-fault", fault));
    let url = format!("{}/v1/charges", sandbox.url);
    for (name, ours) in [
        ("error.400.amount_too_small", sandbox.pay("key-1", 29, "pm_card_visa").await),
        ("error.400.idempotency_error", sandbox.pay("key-0", 2_501, "pm_card_visa").await),
        ("error.400.unknown_parameter", sandbox.submit("/v1/refunds", &[("colour", "green")]).await),
        ("error.401.api_key_invalid", send(sandbox.anonymous().get(url).bearer_auth("sk_test_other")).await),
        ("error.404.payment_intent_missing", sandbox.get("/v1/payment_intents/pi_nobody").await),
        ("error.429.rate_limit", faulty("429").await),
    ] {
        let theirs = kept("answers", name);
        assert!(name.contains(&ours.status.to_string()), "{name}");
        let ours = ours.json();
        for field in ["type", "code"] {
            assert_eq!(ours["error"][field], theirs["error"][field], "{field} of {name}");
        }
        alike("answers", name, &ours);
    }
}

#[tokio::test]
async fn events_look_like_stripe_s() {
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| settings.webhooks.push(endpoint("charity", &receiver.url))).await;
    let intent = sandbox.pay("key-0", 2_500, "pm_card_refundFail").await.ok();
    sandbox.pay("key-1", 2_500, "pm_card_chargeDeclined").await.error(402);
    // Without a way back the bank's step belongs to Stripe.js.
    let mut fields = form(2_500, "pm_card_authenticationRequired");
    fields.retain(|(name, _)| *name != "return_url");
    send(sandbox.post("/v1/payment_intents").form(&fields)).await.ok();
    sandbox.pay("key-3", 2_500, "pm_sandbox_processing").await.ok();
    sandbox.submit("/v1/refunds", &[("payment_intent", intent["id"].as_str().unwrap())]).await.ok();
    for (name, kind) in [
        ("payment_intent.succeeded", "payment_intent.succeeded"),
        ("payment_intent.payment_failed", "payment_intent.payment_failed"),
        ("payment_intent.requires_action", "payment_intent.requires_action"),
        ("payment_intent.processing", "payment_intent.processing"),
        ("charge.succeeded", "charge.succeeded"),
        ("charge.refunded.whole", "charge.refunded"),
        ("refund.failed", "refund.failed"),
    ] {
        alike("events", name, &receiver.wait_for_kind(kind).await.event);
    }
}
