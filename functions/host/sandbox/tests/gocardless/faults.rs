use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{MANDATE, TOKEN, is_reset, payment, send};
use crate::fixtures::{Running, eventually, start};

/// The payments there are.
async fn made(sandbox: &Running) -> Vec<Value> {
    sandbox.list("/payments").await
}

/// A repetition of a creation that was done names it.
async fn conflicts(sandbox: &Running, amount: i64) {
    let payments = made(sandbox).await;
    assert_eq!(payments.len(), 1);
    let again = send(sandbox.paying("key-0", amount, MANDATE)).await.with(409);
    assert_eq!(again["error"]["errors"][0]["links"]["conflicting_resource_id"], payments[0]["id"]);
}

#[tokio::test]
async fn a_reset_comes_before_or_after_the_work() {
    let sandbox = start().await;
    let before = sandbox.paying("key-0", 66_602, MANDATE).send().await.unwrap_err();
    assert!(is_reset(&before), "{before:?}");
    assert!(made(&sandbox).await.is_empty());
    let after = sandbox.paying("key-0", 66_603, MANDATE).send().await.unwrap_err();
    assert!(is_reset(&after), "{after:?}");
    conflicts(&sandbox, 66_603).await;
}

#[tokio::test]
async fn a_500_leaves_nothing_unless_the_work_was_done() {
    let sandbox = start().await;
    for fault in ["500-before", "500-stored"] {
        let broken = send(sandbox.paying("key-0", 2_500, MANDATE).header("sandbox-fault", fault)).await;
        assert_eq!(broken.with(500)["error"]["type"], "gocardless");
        assert!(made(&sandbox).await.is_empty(), "{fault}");
        assert!(sandbox.list("/events").await.is_empty(), "{fault}");
    }
    let broken = sandbox.paying("key-0", 2_500, MANDATE).header("sandbox-fault", "capture-then-500");
    send(broken).await.with(500);
    conflicts(&sandbox, 2_500).await;
}

#[tokio::test]
async fn a_request_that_is_late_is_done_when_it_lands() {
    let sandbox = start().await;
    let late = sandbox.paying("key-0", 2_500, MANDATE).header("sandbox-fault", "late=60000").send().await;
    assert!(late.is_err_and(|error| is_reset(&error)));
    assert!(made(&sandbox).await.is_empty(), "it is on its way");
    sandbox.hands.advance(Duration::from_mins(1));
    eventually("the payment", async || (made(&sandbox).await.len() == 1).then_some(())).await;
    conflicts(&sandbox, 2_500).await;
}

#[tokio::test]
async fn an_answer_is_cut_stalled_or_unreadable_although_all_was_done() {
    let sandbox = start().await;
    for (number, fault) in ["truncate", "stall=50", "unreadable"].into_iter().enumerate() {
        let key = format!("key-{number}");
        let response =
            sandbox.paying(&key, 2_500, MANDATE).header("sandbox-fault", fault).send().await.unwrap();
        if fault == "unreadable" {
            assert_eq!(response.status(), 200);
            assert!(serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).is_err());
        } else {
            assert_eq!(response.status(), 201);
            response.bytes().await.unwrap_err();
        }
        send(sandbox.paying(&key, 2_500, MANDATE)).await.with(409);
    }
    assert_eq!(made(&sandbox).await.len(), 3);
}

#[tokio::test]
async fn the_limiter_refuses_before_anything_is_done() {
    let sandbox = start().await;
    let limited = send(sandbox.paying("key-0", 66_607, MANDATE)).await;
    assert_eq!(limited.reason(429), "rate_limit_exceeded");
    assert_eq!(limited.header("ratelimit-remaining"), Some("0"));
    assert_eq!(limited.header("ratelimit-reset"), Some("Mon, 23 Nov 2026 12:01:00 GMT"));
    assert!(made(&sandbox).await.is_empty());
    sandbox.pay("key-0", 66_607, MANDATE).await;
}

#[tokio::test]
async fn a_fault_in_the_metadata_strikes_once_per_key() {
    let sandbox = start().await;
    let mut body = payment(2_500, MANDATE);
    body["payments"]["metadata"]["sandbox_fault"] = json!("500-before");
    sandbox.post("/payments", "key-0", &body).await.with(500);
    sandbox.post("/payments", "key-0", &body).await.created("payments");
    let unknown = sandbox.paying("key-1", 2_500, MANDATE).header("sandbox-fault", "explode");
    assert_eq!(send(unknown).await.reason(400), "bad_request");
}

#[tokio::test]
async fn a_rule_strikes_gocardless_s_paths_and_leaves_stripe_s_alone() {
    let sandbox = start().await;
    let rule = json!({ "name": "500-before", "count": 1, "path": "/payments" });
    sandbox.control("faults", &rule).await.with(200);
    let stripe = sandbox.bare(reqwest::Method::POST, "/v1/payment_intents").bearer_auth("sk_test_example");
    assert_ne!(send(stripe.form(&[("amount", "2500")])).await.status, 500);
    send(sandbox.paying("key-0", 2_500, MANDATE)).await.with(500);
    sandbox.pay("key-0", 2_500, MANDATE).await;
}

#[tokio::test]
async fn an_outage_lets_nothing_in() {
    let sandbox = start().await;
    sandbox.control("faults", &json!({ "name": "outage=0", "seconds": 60 })).await.with(200);
    assert!(is_reset(&sandbox.paying("key-0", 2_500, MANDATE).send().await.unwrap_err()));
    let read = sandbox.bare(reqwest::Method::GET, "/payments").bearer_auth(TOKEN);
    assert!(is_reset(&read.send().await.unwrap_err()));
    sandbox.hands.advance(Duration::from_secs(60));
    assert!(made(&sandbox).await.is_empty());
    sandbox.pay("key-0", 2_500, MANDATE).await;
}

#[tokio::test]
async fn a_worker_that_hangs_up_does_not_undo_the_payment() {
    let sandbox = start().await;
    let slow = sandbox.paying("key-0", 2_500, MANDATE).header("sandbox-fault", "latency=300");
    assert!(slow.timeout(Duration::from_millis(50)).send().await.unwrap_err().is_timeout());
    let done = async || Some(made(&sandbox).await).filter(|payments| payments.len() == 1);
    eventually("the payment", done).await;
    conflicts(&sandbox, 2_500).await;
}
