use std::time::Duration;

use serde_json::json;

use crate::client::{Api, is_reset, send};
use crate::fixtures::{Hands, endpoint, eventually, start, start_with};
use crate::receiver::Receiver;

async fn is_out(sandbox: &Api) -> bool {
    let answered = sandbox.paying("key-0", 2_500, "pm_card_visa").send().await;
    answered.is_err_and(|error| is_reset(&error))
}

#[tokio::test]
async fn an_outage_of_a_day_resets_every_connection_until_it_is_over() {
    let hands = Hands::new();
    let receiver = Receiver::start().await;
    let sandbox = start_with(|settings| {
        settings.clock = hands.clock();
        settings.webhooks.push(endpoint("charity", &receiver.url));
    })
    .await;
    let asks = sandbox.pay("key-1", 2_500, "pm_card_authenticationRequired").await.ok();
    sandbox.pay("key-2", 2_500, "pm_sandbox_processing").await.ok();
    receiver.wait_for(4).await;
    let rule = sandbox.rule(&json!({ "name": "outage", "seconds": 86_400 })).await.ok();
    assert_eq!((&rule["data"][0]["on"], &rule["data"][0]["rate"]), (&json!("all"), &json!(100)));
    assert!(is_out(&sandbox).await);
    let bank = asks["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
    for url in [bank.to_owned(), format!("{}/v1/charges", sandbox.url)] {
        let error = sandbox.anonymous().get(url).send().await.unwrap_err();
        assert!(is_reset(&error), "{error:?}");
    }
    hands.advance(Duration::from_hours(23));
    assert!(is_out(&sandbox).await);
    // Meanwhile the other payment has settled, and nobody was told.
    let charges = async || {
        let log = sandbox.get("/_sandbox/requests?idempotency_key=key-0").await.ok();
        (log["data"].as_array().unwrap().len() == 2).then_some(log)
    };
    let log = eventually("both attempts in the log", charges).await;
    assert_eq!((&log["data"][0]["status"], &log["data"][0]["faults"]), (&json!(null), &json!("outage")));
    assert_eq!(receiver.in_the_end().await.len(), 4);
    hands.advance(Duration::from_hours(1));
    assert_eq!(sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok()["status"], "succeeded");
    receiver.wait_for(4 + 5).await;
    assert_eq!(sandbox.list("/v1/charges").await.len(), 2, "one that settled by itself, and one payment");
}

#[tokio::test]
async fn an_outage_may_be_silent_and_partial_and_can_be_ended() {
    let sandbox = start().await;
    let rule = json!({ "name": "outage=50", "path": "/v1/refunds", "on": "writes" });
    sandbox.rule(&rule).await.ok();
    let error = sandbox.post("/v1/refunds").form(&[("charge", "ch_1")]).send().await.unwrap_err();
    assert!(is_reset(&error), "{error:?}");
    sandbox.list("/v1/refunds").await;
    assert!(!is_out(&sandbox).await);
    send(sandbox.anonymous().delete(format!("{}/_sandbox/faults", sandbox.url))).await.ok();
    sandbox.submit("/v1/refunds", &[("charge", "ch_1")]).await.error(400);
}

#[tokio::test]
async fn a_limit_may_be_that_of_one_path_and_say_what_to_do() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    let limit = json!({ "name": "429", "above": 2, "path": "/v1/payment_intents", "should_retry": false });
    let shown = sandbox.rule(&limit).await.ok();
    assert_eq!(
        (&shown["data"][0]["path"], &shown["data"][0]["should_retry"]),
        (&limit["path"], &json!(false))
    );
    let intent = sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    sandbox.pay("key-1", 2_500, "pm_card_visa").await.ok();
    for _ in 0..5 {
        let path = format!("/v1/payment_intents/{}/cancel", intent["id"].as_str().unwrap());
        assert_eq!(sandbox.submit(&path, &[]).await.status, 400, "another path");
        sandbox.get("/v1/payment_intents").await.ok();
    }
    let limited = sandbox.pay("key-2", 2_500, "pm_card_visa").await;
    assert_eq!(limited.error(429)["code"], "rate_limit");
    assert_eq!(limited.header("stripe-rate-limited-reason"), Some("endpoint-rate"));
    assert_eq!(limited.header("stripe-should-retry"), Some("false"));
}

#[tokio::test]
async fn a_limit_says_which_one_it_is_and_whether_to_retry() {
    let sandbox = start().await;
    let struck = |fault| send(sandbox.paying("key-0", 2_500, "pm_card_visa").header("sandbox-fault", fault));
    let limited = struck("429=global-concurrency").await;
    assert_eq!(limited.header("stripe-rate-limited-reason"), Some("global-concurrency"));
    assert_eq!(limited.header("stripe-should-retry"), None);
    let locked = struck("429=lock_timeout,should-retry").await;
    assert_eq!(locked.error(429)["code"], "lock_timeout");
    assert_eq!(locked.header("stripe-rate-limited-reason"), None);
    assert_eq!(locked.header("stripe-should-retry"), Some("true"));
    let broken = struck("500-before,should-not-retry").await;
    assert_eq!((broken.status, broken.header("stripe-should-retry")), (500, Some("false")));
    struck("429=whim").await.error(400);
    let paid = struck("should-retry").await;
    assert_eq!((paid.status, paid.header("stripe-should-retry")), (200, Some("true")));
}

#[tokio::test]
async fn a_rule_about_a_path_that_is_none_is_refused() {
    let sandbox = start().await;
    let wrong = sandbox.rule(&json!({ "name": "429", "above": 1, "path": "v1/payment_intents" })).await;
    assert_eq!(wrong.error(400)["param"], "path");
    sandbox.rule(&json!({ "name": "outage", "seconds": 604_801 })).await.error(400);
    sandbox.rule(&json!({ "name": "reset-before" })).await.error(400);
}
