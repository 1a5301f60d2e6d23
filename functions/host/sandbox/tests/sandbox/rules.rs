use serde_json::json;

use crate::client::{Api, send};
use crate::fixtures::{Hands, start, start_with};

async fn statuses(sandbox: &Api, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for number in 0..count {
        statuses.push(sandbox.pay(&format!("key-{number}"), 2_500, "pm_card_visa").await.status);
    }
    statuses
}

#[tokio::test]
async fn a_rule_strikes_the_next_writes_and_ends() {
    let sandbox = start().await;
    let rules = sandbox.rule(&json!({ "name": "500-before", "count": 2 })).await.ok();
    assert_eq!(rules["data"][0]["count"], 2);
    sandbox.get("/v1/charges").await.ok();
    assert_eq!(statuses(&sandbox, 4).await, [500, 500, 200, 200]);
    assert_eq!(sandbox.get("/_sandbox/faults").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn writes_beyond_the_rate_limit_are_refused_until_the_next_second() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    sandbox.rule(&json!({ "name": "429", "above": 3 })).await.ok();
    assert_eq!(statuses(&sandbox, 5).await, [200, 200, 200, 429, 429]);
    hands.advance(std::time::Duration::from_secs(1));
    assert_eq!(sandbox.pay("key-4", 2_500, "pm_card_visa").await.status, 200, "the same key gets through");
    assert_eq!(sandbox.list("/v1/charges").await.len(), 4);
}

#[tokio::test]
async fn a_rule_may_be_about_reads_and_may_be_ended() {
    let sandbox = start().await;
    sandbox.rule(&json!({ "name": "unreadable", "rate": 100, "on": "reads", "seconds": 60 })).await.ok();
    assert_eq!(sandbox.get("/v1/charges").await.header("content-type"), Some("text/html"));
    assert_eq!(statuses(&sandbox, 1).await, [200]);
    let ended = sandbox.anonymous().delete(format!("{}/_sandbox/faults", sandbox.url));
    assert_eq!(send(ended).await.ok()["data"], json!([]));
    sandbox.get("/v1/charges").await.ok();
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused() {
    let sandbox = start().await;
    for rule in [
        json!({ "name": "explode", "count": 1 }),
        json!({ "name": "429" }),
        json!({ "name": "429", "count": 0 }),
        json!({ "name": "429", "rate": 101 }),
        json!({ "name": "429", "count": 1, "rate": 1 }),
        json!({ "name": "429", "count": 1, "seconds": 0 }),
        json!({ "name": "429", "count": 1, "on": "sundays" }),
        json!({ "name": "429", "count": 1, "colour": "green" }),
    ] {
        assert_eq!(sandbox.rule(&rule).await.status, 400, "{rule}");
    }
    // What a foreign web page could make a browser send.
    let forged = sandbox.anonymous().post(format!("{}/_sandbox/faults", sandbox.url));
    assert_eq!(send(forged.body("{\"name\":\"429\",\"count\":1}")).await.status, 400);
    assert_eq!(statuses(&sandbox, 1).await, [200]);
}

#[tokio::test]
async fn the_log_tells_what_became_of_each_request_and_holds_no_secret() {
    let sandbox = start().await;
    sandbox.pay("key-0", 66_604, "pm_card_visa").await.error(500);
    let intent = sandbox.pay("key-0", 66_604, "pm_card_visa").await.ok();
    sandbox.pay("key-0", 66_604, "pm_card_visa").await.ok();
    sandbox.pay("key-0", 2_501, "pm_card_visa").await.error(400);
    let id = intent["id"].as_str().unwrap();
    sandbox.get(&format!("/v1/payment_intents/{id}")).await.ok();
    let answer = sandbox.get("/_sandbox/requests?donation_id=adaexampledonation").await;
    let log = answer.ok()["data"].as_array().unwrap().clone();
    let told: Vec<_> = log
        .iter()
        .map(|line| {
            (
                line["method"].as_str(),
                line["status"].as_u64(),
                line["replayed"].as_bool(),
                line["faults"].as_str(),
            )
        })
        .map(|(method, status, replayed, faults)| {
            (method.unwrap(), status.unwrap(), replayed.unwrap(), faults)
        })
        .collect();
    let expected = [
        ("POST", 500, false, Some("500-before")),
        ("POST", 200, false, None),
        ("POST", 200, true, None),
        ("POST", 400, false, None),
        ("GET", 200, false, None),
    ];
    assert_eq!(told, expected);
    assert_eq!(log[1]["payment_intent"], id);
    let text = String::from_utf8(answer.body).unwrap();
    assert!(!text.contains("_secret_") && !text.contains(crate::client::API_KEY), "{text}");
    let about = sandbox.get(&format!("/_sandbox/requests?payment_intent={id}&limit=2")).await.ok();
    assert_eq!(about["data"].as_array().unwrap().len(), 2);
    sandbox.get("/_sandbox/requests?limit=0").await.error(400);
    sandbox.get("/_sandbox/secrets").await.error(404);
}
