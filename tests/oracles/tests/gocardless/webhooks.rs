//! Whatever webhook we believe the official SDKs believe, with the same events; and none that was tampered with.

use adapters_providers::gocardless::GoCardlessWebhooks;
use app::ports::{SignedNotification, WebhookRefusal, Webhooks};
use data_encoding::BASE64;
use domain::time::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::fixtures::{Known, contract, contracts};
use crate::sdks::{node, python};

const SECRET: &str = "invented-endpoint-secret";
const OTHER: &str = "invented-other-endpoint-secret";

/// What our verifier says of a body with these signature headers, with these live secrets: the id and the body of each
/// event.
async fn ours(
    secrets: &[&str],
    body: &[u8],
    signatures: &[&str],
) -> Result<Vec<(String, String)>, WebhookRefusal> {
    let secrets = secrets.iter().map(|&secret| secret.to_owned()).collect();
    let notification = SignedNotification { body, signatures };
    // The signature has no time, so any will do.
    let now = Timestamp::from_millis(0);
    let verdict = GoCardlessWebhooks::new(Known(secrets)).verify(notification, now).await.unwrap();
    verdict.map(|events| events.into_iter().map(|event| (event.id.to_string(), event.body)).collect())
}

/// The header for each body, made by Python's standard library: the SDKs verify and do not sign.
async fn signed(bodies: &[&str], secret: &str) -> Vec<String> {
    let jobs: Vec<Value> =
        bodies.iter().map(|body| json!({ "do": "sign", "payload": body, "secret": secret })).collect();
    let results = python(None, &jobs).await;
    results.iter().map(|result| result["ok"].as_str().unwrap().to_owned()).collect()
}

fn verify(body: &[u8], header: &str) -> Value {
    json!({ "do": "verify", "payload": BASE64.encode(body), "header": header, "secret": SECRET })
}

/// The same jobs done by the SDK for Node and by the SDK for Python.
async fn both(jobs: &[Value]) -> [(&'static str, Vec<Value>); 2] {
    let (node, python) = tokio::join!(node(None, jobs), python(None, jobs));
    [("node", node), ("python", python)]
}

/// The events in a result of `verify`; none where the SDK refuses.
fn believed(result: &Value) -> Option<&Vec<Value>> {
    assert!(result["ok"].is_array() != result["error"].is_object(), "{result}");
    result["ok"].as_array()
}

fn body() -> String {
    contract("notifications", "batch")
}

#[tokio::test]
async fn every_webhook_that_the_official_sdks_believe_is_believed_with_the_same_events() {
    let bodies = contracts("notifications");
    let texts: Vec<&str> = bodies.iter().map(|(_, body)| body.as_str()).collect();
    let headers = signed(&texts, SECRET).await;
    let jobs: Vec<Value> =
        texts.iter().zip(&headers).map(|(body, header)| verify(body.as_bytes(), header)).collect();
    for (sdk, results) in both(&jobs).await {
        for (((name, body), header), result) in bodies.iter().zip(&headers).zip(&results) {
            let theirs = believed(result).unwrap_or_else(|| panic!("{sdk} {name}: {result}"));
            for secrets in [vec![SECRET], vec![OTHER, SECRET], vec![SECRET, OTHER]] {
                let ours = ours(&secrets, body.as_bytes(), &[header]).await.unwrap();
                let events: Vec<Value> =
                    ours.iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect();
                assert_eq!(&events, theirs, "{sdk} {name}");
                for (event, (id, _)) in events.iter().zip(&ours) {
                    assert_eq!(*id, format!("gocardless#{}", event["id"].as_str().unwrap()));
                }
            }
        }
    }
}

#[tokio::test]
async fn every_tampering_is_refused_by_us_and_by_the_official_sdks() {
    let body = body();
    let longer = format!("{body} ");
    let [right, elsewhere] = signed(&[&body, &longer], SECRET).await.try_into().unwrap();
    let foreign = signed(&[&body], OTHER).await.remove(0);
    let compact = serde_json::from_str::<Value>(&body).unwrap().to_string();
    let forged = body.replace("confirmed", "cancelled");
    assert_ne!(forged, body);
    let cases: Vec<(&str, &[u8], String)> = vec![
        ("another action", forged.as_bytes(), right.clone()),
        ("a byte more", longer.as_bytes(), right.clone()),
        ("a byte less", &body.as_bytes()[..body.len() - 1], right.clone()),
        ("the same, written anew", compact.as_bytes(), right.clone()),
        ("an empty body", b"", right.clone()),
        ("the signature of another body", body.as_bytes(), elsewhere),
        ("another secret", body.as_bytes(), foreign.clone()),
        ("an empty header", body.as_bytes(), String::new()),
        ("half a signature", body.as_bytes(), right[..32].to_owned()),
        ("a signature and more", body.as_bytes(), format!("{right}00")),
        ("two signatures", body.as_bytes(), format!("{right},{foreign}")),
        ("another form", body.as_bytes(), format!("sha256={right}")),
    ];
    let jobs: Vec<Value> = cases.iter().map(|(_, body, header)| verify(body, header)).collect();
    let judged = both(&jobs).await;
    for (place, (name, body, header)) in cases.iter().enumerate() {
        assert!(ours(&[SECRET], body, &[header]).await.is_err(), "we believe {name}");
        for (sdk, results) in &judged {
            // The SDK for Node decodes hexadecimal as far as it goes, and passes over what follows.
            if (*sdk, *name) != ("node", "two signatures") {
                assert_eq!(believed(&results[place]), None, "{sdk} believes {name}");
            }
        }
    }
    assert!(ours(&[SECRET], body.as_bytes(), &[&right]).await.is_ok(), "the right one is believed");
}

#[tokio::test]
async fn every_single_byte_that_is_changed_in_body_header_or_secret_is_noticed() {
    let body = body();
    let right = signed(&[&body], SECRET).await.remove(0);
    let mut runner = TestRunner::deterministic();
    let changed = |bytes: &[u8], place: usize, by: u8| {
        let mut other = bytes.to_vec();
        other[place] ^= by;
        other
    };
    for place in 0..body.len() {
        let by = (1_u8..=255).new_tree(&mut runner).unwrap().current();
        for by in [1, 0x20, 0x80, by] {
            let verdict = ours(&[SECRET], &changed(body.as_bytes(), place, by), &[&right]).await;
            assert_eq!(verdict, Err(WebhookRefusal::WrongSignature), "byte {place} by {by}");
        }
    }
    for place in 0..right.len() {
        for by in 1..=127 {
            let header = String::from_utf8(changed(right.as_bytes(), place, by)).unwrap();
            assert!(ours(&[SECRET], body.as_bytes(), &[&header]).await.is_err(), "{header}");
        }
    }
    for place in 0..SECRET.len() {
        let other = String::from_utf8(changed(SECRET.as_bytes(), place, 1)).unwrap();
        let verdict = ours(&[&other], body.as_bytes(), &[&right]).await;
        assert_eq!(verdict, Err(WebhookRefusal::WrongSignature), "{other}");
    }
}

#[tokio::test]
async fn a_header_that_is_missing_or_there_twice_is_refused() {
    let body = body();
    let right = signed(&[&body], SECRET).await.remove(0);
    for signatures in [vec![], vec![right.as_str(), right.as_str()], vec!["", right.as_str()]] {
        let verdict = ours(&[SECRET], body.as_bytes(), &signatures).await;
        assert_eq!(verdict, Err(WebhookRefusal::MalformedSignature), "{signatures:?}");
    }
}

#[tokio::test]
async fn whatever_header_we_believe_the_official_sdks_believe() {
    let body = body();
    let right = signed(&[&body], SECRET).await.remove(0);
    let foreign = signed(&[&body], OTHER).await.remove(0);
    let parts =
        [right.clone(), foreign, right.to_uppercase(), right[..63].to_owned(), " ".to_owned(), String::new()];
    let strategy =
        prop::collection::vec(prop::sample::select(parts.to_vec()), 1..3).prop_map(|parts| parts.concat());
    let mut runner = TestRunner::deterministic();
    let headers: Vec<String> = (0..300).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    let jobs: Vec<Value> = headers.iter().map(|header| verify(body.as_bytes(), header)).collect();
    let judged = both(&jobs).await;
    let mut count = 0;
    for (place, header) in headers.iter().enumerate() {
        if ours(&[SECRET], body.as_bytes(), &[header]).await.is_err() {
            continue;
        }
        count += 1;
        for (sdk, results) in &judged {
            assert!(believed(&results[place]).is_some(), "{sdk} does not believe {header}, and we do");
        }
    }
    assert!((20..280).contains(&count), "some are right and some are wrong: {count}");
}
