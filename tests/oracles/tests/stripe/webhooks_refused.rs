//! No webhook that was tampered with is believed, and none that an official SDK would not believe.

use app::ports::WebhookRefusal;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::fixtures::contract;
use crate::verifier::{NOW, OTHER, SECRET, accepted, both, ours, signed, verify};

fn event() -> String {
    contract("events", "payment_intent.succeeded")
}

/// Changes one byte to another.
fn changed(bytes: &[u8], place: usize, by: u8) -> Vec<u8> {
    let mut other = bytes.to_vec();
    other[place] ^= by;
    other
}

#[tokio::test]
async fn every_tampering_is_refused_by_us_and_by_the_official_sdks() {
    let body = event();
    let right = signed(&body, SECRET, NOW).await;
    let hex = right.split_once("v1=").unwrap().1;
    let foreign = signed(&body, OTHER, NOW).await.split_once("v1=").unwrap().1.to_owned();
    let elsewhere = signed(&format!("{body} "), SECRET, NOW).await;
    let old = signed(&body, SECRET, NOW - 301).await;
    let forged = body.replace("2500", "9500");
    assert_ne!(forged, body);
    let cases: Vec<(&str, &[u8], String)> = vec![
        ("another amount", forged.as_bytes(), right.clone()),
        ("a byte more", elsewhere.as_bytes(), right.clone()),
        ("a byte less", &body.as_bytes()[..body.len() - 1], right.clone()),
        ("an empty body", b"", right.clone()),
        ("the signature of another body", body.as_bytes(), elsewhere.clone()),
        ("another time", body.as_bytes(), format!("t={},v1={hex}", NOW - 1)),
        (
            "a newer time on an old signature",
            body.as_bytes(),
            old.replace(&(NOW - 301).to_string(), &NOW.to_string()),
        ),
        ("an old time", body.as_bytes(), old),
        ("no time", body.as_bytes(), format!("v1={hex}")),
        ("an empty time", body.as_bytes(), format!("t=,v1={hex}")),
        ("a time in words", body.as_bytes(), format!("t=now,v1={hex}")),
        ("the scheme v0", body.as_bytes(), format!("t={NOW},v0={hex}")),
        ("the scheme v2", body.as_bytes(), format!("t={NOW},v2={hex}")),
        ("a scheme in capitals", body.as_bytes(), format!("t={NOW},V1={hex}")),
        ("another secret", body.as_bytes(), format!("t={NOW},v1={foreign}")),
        (
            "several signatures, none right",
            body.as_bytes(),
            format!("t={NOW},v1={foreign},v1={foreign},v1=00"),
        ),
        ("a right v0 beside a wrong v1", body.as_bytes(), format!("t={NOW},v1={foreign},v0={hex}")),
        ("an empty signature", body.as_bytes(), format!("t={NOW},v1=")),
        ("half a signature", body.as_bytes(), format!("t={NOW},v1={}", &hex[..32])),
        ("a signature and more", body.as_bytes(), format!("t={NOW},v1={hex}00")),
        ("no signature", body.as_bytes(), format!("t={NOW}")),
        ("an empty header", body.as_bytes(), String::new()),
        ("a header of another form", body.as_bytes(), hex.to_owned()),
    ];
    let jobs: Vec<Value> = cases.iter().map(|(_, body, header)| verify(body, header, SECRET, NOW)).collect();
    let judged = both(&jobs).await;
    for (place, (name, body, header)) in cases.iter().enumerate() {
        assert!(ours(&[SECRET], body, &[header]).await.is_err(), "we believe {name}");
        for (sdk, results) in &judged {
            assert_eq!(accepted(&results[place]), None, "{sdk} believes {name}");
        }
    }
    assert!(ours(&[SECRET], body.as_bytes(), &[&right]).await.is_ok(), "the right one is believed");
}

#[tokio::test]
async fn a_header_that_is_missing_or_there_twice_is_refused() {
    let body = event();
    let right = signed(&body, SECRET, NOW).await;
    for signatures in [vec![], vec![right.as_str(), right.as_str()], vec!["", right.as_str()]] {
        let verdict = ours(&[SECRET], body.as_bytes(), &signatures).await;
        assert_eq!(verdict, Err(WebhookRefusal::MalformedSignature), "{signatures:?}");
    }
}

#[tokio::test]
async fn a_secret_that_differs_in_one_character_believes_nothing() {
    let body = event();
    let right = signed(&body, SECRET, NOW).await;
    for place in 0..SECRET.len() {
        let other = String::from_utf8(changed(SECRET.as_bytes(), place, 1)).unwrap();
        let verdict = ours(&[&other], body.as_bytes(), &[&right]).await;
        assert_eq!(verdict, Err(WebhookRefusal::WrongSignature), "{other}");
    }
}

#[tokio::test]
async fn every_single_byte_that_is_changed_in_the_body_is_noticed() {
    let body = event().into_bytes();
    let right = signed(&event(), SECRET, NOW).await;
    let mut runner = TestRunner::deterministic();
    for place in 0..body.len() {
        let by = (1_u8..=255).new_tree(&mut runner).unwrap().current();
        for by in [1, 0x20, 0x80, by] {
            let verdict = ours(&[SECRET], &changed(&body, place, by), &[&right]).await;
            assert_eq!(verdict, Err(WebhookRefusal::WrongSignature), "byte {place} by {by}");
        }
    }
}

#[tokio::test]
async fn every_single_character_that_is_changed_in_the_header_is_noticed() {
    let body = event();
    let right = signed(&body, SECRET, NOW).await;
    let mut tried = 0;
    for place in 0..right.len() {
        for by in 1..=127 {
            let header = String::from_utf8(changed(right.as_bytes(), place, by)).unwrap();
            assert!(ours(&[SECRET], body.as_bytes(), &[&header]).await.is_err(), "{header}");
            tried += 1;
        }
    }
    assert!(tried > 10_000, "{tried}");
}

/// Parts of headers, right and wrong, put together anyhow.
fn headers(right: &str, foreign: &str) -> impl Strategy<Value = String> + use<> {
    let parts = [
        format!("t={NOW}"),
        format!("t=0{NOW}"),
        format!("t={NOW}x"),
        format!("t={}", NOW + 1),
        format!("v1={right}"),
        format!("v1={right}"),
        format!("v1={}", right.to_uppercase()),
        format!(" v1={right}"),
        format!("v1={right}=x"),
        format!("v1={foreign}"),
        format!("v0={right}"),
        "v1".to_owned(),
        String::new(),
    ];
    let more = prop::collection::vec(prop::sample::select(parts.to_vec()), 0..4);
    let begin = prop::bool::weighted(0.7);
    (begin, more, prop::bool::weighted(0.5)).prop_map(move |(begin, more, shuffled)| {
        let mut all = if begin { parts[..1].to_vec() } else { Vec::new() };
        all.extend(more);
        if shuffled {
            all.reverse();
        }
        all.join(",")
    })
}

#[tokio::test]
async fn whatever_we_believe_the_official_sdks_believe() {
    let body = event();
    let of = async |secret| signed(&body, secret, NOW).await.split_once("v1=").unwrap().1.to_owned();
    let strategy = headers(&of(SECRET).await, &of(OTHER).await);
    let mut runner = TestRunner::deterministic();
    let headers: Vec<String> = (0..600).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    let jobs: Vec<Value> =
        headers.iter().map(|header| verify(body.as_bytes(), header, SECRET, NOW)).collect();
    let judged = both(&jobs).await;
    let mut believed = 0;
    for (place, header) in headers.iter().enumerate() {
        if ours(&[SECRET], body.as_bytes(), &[header]).await.is_err() {
            continue;
        }
        believed += 1;
        for (sdk, results) in &judged {
            assert!(accepted(&results[place]).is_some(), "{sdk} does not believe {header}, and we do");
        }
    }
    assert!((20..580).contains(&believed), "some are right and some are wrong: {believed}");
}
