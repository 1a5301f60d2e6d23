//! What the sandbox says in GoCardless's name, judged by the types of GoCardless's SDKs: every field has to be one
//! of theirs, with a value that they know.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::payloads::{judge, known};
use crate::sandbox_running::{MANDATE, Running, answered};

/// Every member of a list, all pages of it, as one body in the list's envelope.
async fn all(running: &Running, method: &str, envelope: &str, filter: Value) -> Value {
    let listed = running.node("list", method, json!([filter])).await;
    let members = answered(&listed).clone();
    assert!(!members.as_array().unwrap().is_empty(), "{envelope}");
    let mut body = json!({});
    body[envelope] = members;
    body
}

#[tokio::test]
async fn every_resource_in_every_state_has_the_fields_and_values_of_gocardless_s() {
    let running = Running::new().await;
    // One after the other: what comes off must not keep a later payment from being paid out.
    let states = [
        (MANDATE, Some("paid_out")),
        ("MDrefundfailsADA", Some("paid_out")),
        ("MDdeclinedADA", Some("failed")),
        ("MDchargebackADA", Some("charged_back")),
        (MANDATE, None),
        (MANDATE, Some("paid_out")),
        ("MDlatepaidADA", Some("failed")),
    ];
    let mut ids = Vec::new();
    for (number, (mandate, status)) in states.iter().enumerate() {
        let id = running.pay(&format!("key-{number}"), mandate).await;
        if let Some(status) = status {
            running.becomes(&id, status).await;
        }
        ids.push(id);
    }
    for (number, id) in ids[..2].iter().enumerate() {
        let refund = json!({ "amount": 500, "total_amount_confirmation": 500, "links": { "payment": id } });
        answered(&running.node("call", "refunds.create", json!([refund, format!("refund-{number}")])).await);
    }
    // More comes in than has come off, so that a payout settles everything.
    let mut last = String::new();
    for number in 0..4 {
        last = running.pay(&format!("last-{number}"), MANDATE).await;
    }
    running.becomes(&last, "paid_out").await;
    let known = known().await;
    let (mut judged, mut kinds) = (0, BTreeSet::new());
    for (method, envelope) in [
        ("payments.all", "payments"),
        ("refunds.all", "refunds"),
        ("payouts.all", "payouts"),
        ("events.all", "events"),
    ] {
        let body = all(&running, method, envelope, json!({})).await;
        judged += body[envelope].as_array().unwrap().len();
        assert_eq!(judge(&known, envelope, &body), Vec::<String>::new());
        if envelope == "payouts" {
            for payout in body[envelope].as_array().unwrap() {
                let items =
                    all(&running, "payoutItems.all", "payout_items", json!({ "payout": payout["id"] })).await;
                judged += items["payout_items"].as_array().unwrap().len();
                assert_eq!(judge(&known, "payout_items", &items), Vec::<String>::new());
                let items = items["payout_items"].as_array().unwrap().iter();
                kinds.extend(items.map(|item| item["type"].as_str().unwrap().to_owned()));
            }
        }
    }
    assert!(judged > 50, "{judged}");
    let all_kinds = [
        "gocardless_fee",
        "payment_charged_back",
        "payment_failed",
        "payment_paid_out",
        "payment_refunded",
        "refund_funds_returned",
    ];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), all_kinds);
    running.stop().await;
}
