use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{Answer, form, is_reset, send};
use crate::fixtures::{Hands, Running, eventually, start, start_with};

const KEY: &str = "key-0";

/// Pays an amount that asks for a fault, which keeps the whole answer from coming.
async fn no_answer(sandbox: &Running, amount: i64) -> reqwest::Error {
    match sandbox.paying(KEY, amount, "pm_card_visa").send().await {
        Ok(response) => response.bytes().await.unwrap_err(),
        Err(error) => error,
    }
}

/// The retry of a payment that was made: the stored answer, and one charge.
async fn made_once(sandbox: &Running, amount: i64) {
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1, "the money was taken");
    let retry = sandbox.pay(KEY, amount, "pm_card_visa").await;
    assert_eq!((&retry.ok()["status"], retry.replayed()), (&json!("succeeded"), true));
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

/// The retry of a payment that was not made makes it.
async fn not_made(sandbox: &Running, amount: i64) {
    assert!(sandbox.list("/v1/charges").await.is_empty(), "no money was taken");
    let retry = sandbox.pay(KEY, amount, "pm_card_visa").await;
    assert_eq!((&retry.ok()["status"], retry.replayed()), (&json!("succeeded"), false));
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_charge_leaves_a_charge() {
    let sandbox = start().await;
    let error = no_answer(&sandbox, 66_603).await;
    assert!(is_reset(&error), "{error:?}");
    made_once(&sandbox, 66_603).await;
}

#[tokio::test]
async fn a_connection_that_is_reset_before_the_charge_leaves_nothing() {
    let sandbox = start().await;
    let error = no_answer(&sandbox, 66_602).await;
    assert!(is_reset(&error), "{error:?}");
    not_made(&sandbox, 66_602).await;
}

#[tokio::test]
async fn a_500_before_the_charge_leaves_nothing_and_the_key_free() {
    let sandbox = start().await;
    let answer = sandbox.pay(KEY, 66_604, "pm_card_visa").await;
    assert_eq!(answer.error(500)["type"], "api_error");
    not_made(&sandbox, 66_604).await;
}

/// A 500 that is stored: the key is burned, and only asking tells what happened.
async fn burned(sandbox: &Running, amount: i64, charges: usize) {
    let first = sandbox.pay(KEY, amount, "pm_card_visa").await;
    assert_eq!((first.error(500)["type"].as_str(), first.replayed()), (Some("api_error"), false));
    let retry = sandbox.pay(KEY, amount, "pm_card_visa").await;
    assert_eq!((retry.status, retry.replayed(), retry.body), (500, true, first.body));
    assert_eq!(sandbox.list("/v1/charges").await.len(), charges);
    assert_eq!(sandbox.list("/v1/payment_intents").await.len(), charges);
    assert_eq!(sandbox.list("/v1/events?type=payment_intent.succeeded").await.len(), charges);
}

#[tokio::test]
async fn a_500_after_the_charge_hides_a_charge_for_ever() {
    burned(&start().await, 66_606, 1).await;
}

#[tokio::test]
async fn a_stored_500_without_a_charge_leaves_nothing_behind() {
    let sandbox = start().await;
    burned(&sandbox, 66_605, 0).await;
    let log = sandbox.get("/_sandbox/requests").await.ok();
    assert_eq!(log["data"][0]["payment_intent"], json!(null), "the log names no intent that never was");
}

#[tokio::test]
async fn a_body_that_is_cut_short_hides_a_charge() {
    let sandbox = start().await;
    let response = sandbox.paying(KEY, 66_609, "pm_card_visa").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let error = response.bytes().await.unwrap_err();
    assert!(!error.is_timeout(), "{error:?}");
    made_once(&sandbox, 66_609).await;
}

#[tokio::test]
async fn a_body_that_stalls_hides_a_charge() {
    let sandbox = start().await;
    let hurried = sandbox.paying(KEY, 66_608, "pm_card_visa").timeout(Duration::from_millis(400));
    let response = hurried.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.unwrap_err().is_timeout());
    made_once(&sandbox, 66_608).await;
}

#[tokio::test]
async fn an_unreadable_answer_hides_a_charge() {
    let sandbox = start().await;
    let answer = sandbox.pay(KEY, 66_610, "pm_card_visa").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html")));
    assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
    made_once(&sandbox, 66_610).await;
}

#[tokio::test]
async fn a_slow_answer_is_a_whole_one() {
    let sandbox = start().await;
    let begun = Instant::now();
    let slow = sandbox.paying(KEY, 2_500, "pm_card_visa").header("sandbox-fault", "latency=400");
    assert_eq!(send(slow).await.ok()["status"], "succeeded");
    assert!(begun.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn a_donor_s_worker_that_hangs_up_does_not_undo_the_charge() {
    let sandbox = start().await;
    let slow = sandbox.paying(KEY, 2_500, "pm_card_visa").header("sandbox-fault", "latency=400");
    let error = slow.timeout(Duration::from_millis(150)).send().await.unwrap_err();
    assert!(error.is_timeout());
    tokio::time::sleep(Duration::from_millis(600)).await;
    made_once(&sandbox, 2_500).await;
}

#[tokio::test]
async fn the_limiter_refuses_before_anything_is_done() {
    let sandbox = start().await;
    let answer = sandbox.pay(KEY, 66_607, "pm_card_visa").await;
    assert_eq!(answer.error(429)["code"], "rate_limit");
    assert_eq!(answer.header("stripe-rate-limited-reason"), Some("endpoint-rate"));
    assert_eq!(answer.header("retry-after"), None, "Stripe sends none");
    not_made(&sandbox, 66_607).await;
}

#[tokio::test]
async fn a_forgotten_key_charges_a_second_time() {
    let sandbox = start().await;
    let first = sandbox.pay(KEY, 2_500, "pm_card_visa").await.ok();
    let expired = sandbox.paying(KEY, 2_500, "pm_card_visa").header("sandbox-fault", "forget-keys");
    let second = send(expired).await;
    assert!(!second.replayed());
    assert_ne!(second.ok()["id"], first["id"]);
    assert_eq!(sandbox.list("/v1/charges").await.len(), 2);
}

#[tokio::test]
async fn a_fault_in_the_metadata_strikes_once_per_key() {
    let sandbox = start().await;
    let mut fields = form(2_500, "pm_card_visa");
    fields.push(("metadata[sandbox_fault]", "500-before, 429".to_owned()));
    let pay = async |key: &str| -> Answer {
        send(sandbox.post("/v1/payment_intents").header("idempotency-key", key).form(&fields)).await
    };
    assert_eq!(pay(KEY).await.status, 500);
    assert_eq!(pay(KEY).await.status, 200);
    assert_eq!(pay("key-1").await.status, 500);
}

#[tokio::test]
async fn a_fault_in_the_header_strikes_a_replay_as_well() {
    let sandbox = start().await;
    sandbox.pay(KEY, 2_500, "pm_card_visa").await.ok();
    let lost = sandbox.paying(KEY, 2_500, "pm_card_visa").header("sandbox-fault", "capture-then-reset");
    assert!(is_reset(&lost.send().await.unwrap_err()));
    made_once(&sandbox, 2_500).await;
    let read =
        sandbox.anonymous().get(format!("{}/v1/charges", sandbox.url)).bearer_auth(crate::client::API_KEY);
    assert_eq!(send(read.header("sandbox-fault", "500-before")).await.status, 500);
}

#[tokio::test]
async fn a_fault_nobody_knows_is_refused_by_name() {
    let sandbox = start().await;
    let odd = sandbox.paying(KEY, 2_500, "pm_card_visa").header("sandbox-fault", "explode");
    let message = send(odd).await.error(400)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("capture-then-reset"), "{message}");
    not_made(&sandbox, 2_500).await;
}

#[tokio::test]
async fn a_slow_answer_is_whole_and_meanwhile_the_charge_is_there_and_the_key_is_free() {
    let sandbox = start().await;
    let rule = json!({ "name": "slow-answer=600000", "count": 1 });
    sandbox.rule(&rule).await.ok();
    let slow = tokio::spawn(send(sandbox.paying(KEY, 2_500, "pm_card_visa")));
    eventually("the charge", async || (sandbox.list("/v1/charges").await.len() == 1).then_some(())).await;
    assert!(sandbox.pay(KEY, 2_500, "pm_card_visa").await.replayed());
    assert!(!slow.is_finished());
    slow.abort();
    let answer =
        send(sandbox.paying("key-2", 2_500, "pm_card_visa").header("sandbox-fault", "slow-answer=1"));
    assert_eq!(answer.await.ok()["status"], "succeeded");
}

#[tokio::test]
async fn a_request_that_is_late_is_done_when_it_lands_whoever_gave_up_on_it() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    let error = no_answer(&sandbox, 66_620).await;
    assert!(is_reset(&error), "{error:?}");
    hands.advance(Duration::from_secs(59));
    assert!(sandbox.list("/v1/charges").await.is_empty(), "it is on its way");
    hands.advance(Duration::from_secs(1));
    eventually("the charge", async || (sandbox.list("/v1/charges").await.len() == 1).then_some(())).await;
    made_once(&sandbox, 66_620).await;
    let log = sandbox.get("/_sandbox/requests?idempotency_key=key-0").await.ok();
    let seen = |at: usize| (log["data"][at]["status"].clone(), log["data"][at]["faults"].clone());
    assert_eq!([seen(0), seen(1)], [(json!(null), json!("late")), (json!(null), json!("late"))]);
}

#[tokio::test]
async fn a_request_that_lands_after_its_retry_finds_the_retrys_answer() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    no_answer(&sandbox, 66_620).await;
    not_made(&sandbox, 66_620).await;
    hands.advance(Duration::from_mins(2));
    let landed = async || {
        let log = sandbox.get("/_sandbox/requests?idempotency_key=key-0").await.ok();
        log["data"].as_array().unwrap().iter().any(|one| one["replayed"] == true).then_some(())
    };
    eventually("the late request in the log", landed).await;
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

#[tokio::test]
async fn a_sandbox_stops_at_once_although_a_request_is_on_its_way() {
    let sandbox = start().await;
    no_answer(&sandbox, 66_620).await;
    let sandbox = sandbox.restart(|_| {}).await;
    assert!(sandbox.list("/v1/charges").await.is_empty(), "the network forgot it");
}
