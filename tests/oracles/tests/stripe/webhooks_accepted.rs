//! What the official SDKs sign is believed, and what our sandbox signs is believed by the official SDKs.

use std::time::Duration;

use app::ports::{PaymentProvider, WebhookRefusal};
use domain::payment::PaymentOutcome;
use serde_json::Value;

use crate::fixtures::{collection, connector, contract, contracts};
use crate::recorder::Recorder;
use crate::running::{CARD, Running};
use crate::verifier::{NOW, OTHER, SECRET, accepted, both, ours, ours_at, sign, signed, verify};

#[tokio::test]
async fn every_event_that_an_official_sdk_signs_is_believed() {
    let events = contracts("events");
    let jobs: Vec<Value> = events.iter().map(|(_, body)| sign(body, SECRET, NOW)).collect();
    for (sdk, results) in both(&jobs).await {
        for ((name, body), result) in events.iter().zip(results) {
            let header = result["ok"].as_str().unwrap();
            let verdict = ours(&[SECRET], body.as_bytes(), &[header]).await;
            if name.starts_with("thin.") {
                assert_eq!(verdict, Err(WebhookRefusal::NotAnEvent), "{sdk} {name}");
            } else {
                let event: Value = serde_json::from_str(body).unwrap();
                let id = format!("stripe#{}", event["id"].as_str().unwrap());
                assert_eq!(verdict.unwrap().as_str(), id, "{sdk} {name}");
            }
        }
    }
}

#[tokio::test]
async fn the_official_sdks_and_we_refuse_the_same_events_for_their_kind() {
    let events = contracts("events");
    let signatures = both(&events.iter().map(|(_, body)| sign(body, SECRET, NOW)).collect::<Vec<_>>()).await;
    let headers = signatures[0].1.iter().map(|result| result["ok"].as_str().unwrap());
    let pairs: Vec<_> = events.iter().zip(headers).collect();
    let jobs: Vec<Value> =
        pairs.iter().map(|((_, body), header)| verify(body.as_bytes(), header, SECRET, NOW)).collect();
    for (sdk, results) in both(&jobs).await {
        for (((name, body), header), result) in pairs.iter().zip(results) {
            let verdict = ours(&[SECRET], body.as_bytes(), &[header]).await;
            assert_eq!(verdict.is_ok(), accepted(&result).is_some(), "{sdk} {name}: {result}");
        }
    }
}

#[tokio::test]
async fn while_a_secret_is_rolled_either_may_sign() {
    let body = contract("events", "payment_intent.succeeded");
    let (one, other) = (signed(&body, SECRET, NOW).await, signed(&body, OTHER, NOW).await);
    let v1 = |header: &str| header.split_once(',').unwrap().1.to_owned();
    let header = |parts: &[String]| format!("t={NOW},{}", parts.join(","));
    for parts in [vec![v1(&one), v1(&other)], vec![v1(&other), v1(&one)], vec![v1(&one), "v0=00".to_owned()]]
    {
        let header = header(&parts);
        assert!(ours(&[SECRET], body.as_bytes(), &[&header]).await.is_ok(), "{header}");
        assert!(ours(&[OTHER, SECRET], body.as_bytes(), &[&header]).await.is_ok(), "{header}");
        for (sdk, results) in both(&[verify(body.as_bytes(), &header, SECRET, NOW)]).await {
            assert!(accepted(&results[0]).is_some(), "{sdk}: {header}");
        }
    }
}

#[tokio::test]
async fn a_signature_counts_for_as_long_as_with_the_official_sdks() {
    let body = contract("events", "payment_intent.succeeded");
    let ages = [0, 1, 299, 300, 301, 302, 86_400];
    let [(_, headers), _] = both(&ages.map(|age| sign(&body, SECRET, NOW - age))).await;
    let headers: Vec<&str> = headers.iter().map(|result| result["ok"].as_str().unwrap()).collect();
    let jobs: Vec<Value> =
        headers.iter().map(|header| verify(body.as_bytes(), header, SECRET, NOW)).collect();
    for (sdk, results) in both(&jobs).await {
        for ((age, header), result) in ages.iter().zip(&headers).zip(results) {
            let verdict = ours(&[SECRET], body.as_bytes(), &[header]).await;
            assert!(verdict.is_ok() || verdict == Err(WebhookRefusal::OutOfTolerance), "{age}: {verdict:?}");
            assert_eq!(verdict.is_ok(), accepted(&result).is_some(), "{sdk}: {age} s old");
        }
    }
}

#[tokio::test]
async fn what_the_sandbox_signs_is_believed_by_the_official_sdks_and_by_us() {
    let receiver = Recorder::answering(vec![(200, String::new())]).await;
    let running = Running::with_webhooks(&receiver.url, &[OTHER, SECRET]).await;
    let outcome = connector(running.url()).collect(&collection(1, CARD)).await.said.outcome;
    assert!(matches!(outcome, PaymentOutcome::Captured { .. }), "{outcome:?}");
    // payment_intent.created, charge.succeeded and payment_intent.succeeded.
    tokio::time::timeout(Duration::from_secs(20), receiver.wait_for(3)).await.expect("three events arrive");
    for delivery in receiver.take() {
        let header = delivery.header("stripe-signature").unwrap();
        let at: u64 = header[2..].split(',').next().unwrap().parse().unwrap();
        let secrets = [SECRET, OTHER];
        for (sdk, results) in both(&secrets.map(|secret| verify(&delivery.body, header, secret, at))).await {
            for (secret, result) in secrets.iter().zip(&results) {
                let verdict = ours_at(at, &[secret], &delivery.body, &[header]).await;
                let id = accepted(result).unwrap_or_else(|| panic!("{sdk}: {result}"));
                assert_eq!(verdict.unwrap().as_str(), format!("stripe#{id}"));
            }
        }
    }
    running.stop().await;
}
