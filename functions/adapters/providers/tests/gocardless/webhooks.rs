use adapters_providers::gocardless::GoCardlessWebhooks;
use app::ports::{Fault, SignedNotification, WebhookRefusal, Webhooks};
use data_encoding::HEXLOWER;
use domain::ids::Provider;
use domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::fixtures::{Known, names, text};

/// The signature has no time, so any will do.
const NOW: Timestamp = Timestamp::from_millis(0);
const OLD: &str = "invented-old-endpoint-secret";
const NEW: &str = "invented-new-endpoint-secret";

/// The id and the body of each event.
type Verdict = Result<Vec<(String, String)>, WebhookRefusal>;

fn body() -> String {
    text("notifications", "payments.confirmed")
}

fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

fn verify_with(secrets: Vec<&'static str>, body: &[u8], signatures: &[&str]) -> Result<Verdict, Fault> {
    let webhooks = GoCardlessWebhooks::new(Known(secrets));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let verdict = runtime.block_on(webhooks.verify(SignedNotification { body, signatures }, NOW))?;
    Ok(verdict.map(|events| events.into_iter().map(|event| (event.id.to_string(), event.body)).collect()))
}

fn verify(body: &[u8], signature: &str) -> Verdict {
    verify_with(vec![NEW, OLD], body, &[signature]).unwrap()
}

fn signed(body: &str) -> Verdict {
    verify(body.as_bytes(), &signature(NEW, body.as_bytes()))
}

fn ids(verdict: Verdict) -> Vec<String> {
    verdict.unwrap().into_iter().map(|(id, _)| id).collect()
}

#[test]
fn the_webhooks_are_gocardlesss_and_a_wrong_signature_is_answered_as_it_expects() {
    let webhooks = GoCardlessWebhooks::new(Known(vec![NEW]));
    assert_eq!(webhooks.provider(), Provider::of("gocardless"));
    assert_eq!(webhooks.signature_header(), "webhook-signature");
    assert_eq!(webhooks.wrong_signature_status(), 498);
}

#[test]
fn every_event_of_a_body_is_named_by_its_own_id_and_kept_as_it_was_written() {
    for name in names("notifications") {
        let body = text("notifications", &name);
        let events: Value = serde_json::from_str(&body).unwrap();
        let events = events["events"].as_array().unwrap();
        let found = signed(&body).unwrap();
        assert_eq!(found.len(), events.len(), "{name}");
        for ((id, found), event) in found.iter().zip(events) {
            assert_eq!(*id, format!("gocardless#{}", event["id"].as_str().unwrap()), "{name}");
            assert_eq!(&serde_json::from_str::<Value>(found).unwrap(), event, "{name}");
            assert!(body.contains(found), "{name}: not as it was written");
        }
    }
    assert_eq!(ids(signed(&text("notifications", "batch"))).len(), 6);
    assert_eq!(ids(signed("{\"events\":[],\"meta\":{\"webhook_id\":\"WB1\"}}")), Vec::<String>::new());
}

#[test]
fn an_event_without_a_usable_id_neither_holds_up_its_batch_nor_is_lost() {
    let long = "x".repeat(300);
    let events =
        json!([{ "id": "EV1" }, { "action": "novel" }, { "id": "E V" }, { "id": long }, 7, { "id": "EV2" }]);
    let body = json!({ "events": events }).to_string();
    let ids = ids(signed(&body));
    assert_eq!([ids[0].as_str(), ids[5].as_str()], ["gocardless#EV1", "gocardless#EV2"]);
    let mut digests = ids[1..5].to_vec();
    assert!(digests.iter().all(|id| id.starts_with("gocardless#digest-")), "{digests:?}");
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 4, "each has a name of its own");
    assert_eq!(ids, self::ids(signed(&body)), "and the same one every time");
}

#[test]
fn while_a_secret_is_rolled_either_may_sign() {
    let body = body();
    for secret in [OLD, NEW] {
        assert!(verify(body.as_bytes(), &signature(secret, body.as_bytes())).is_ok(), "{secret}");
    }
    let other = signature("invented-other-secret", body.as_bytes());
    assert_eq!(verify(body.as_bytes(), &other), Err(WebhookRefusal::WrongSignature));
}

#[test]
fn a_header_that_is_not_of_its_form_is_refused() {
    let body = body();
    let right = signature(NEW, body.as_bytes());
    let capitals = right.to_uppercase();
    for header in [
        "",
        "nonsense",
        &right[..62],
        &right[..63],
        &format!("{right}00"),
        &capitals,
        &format!(" {}", &right[1..]),
    ] {
        let refusal = Err(WebhookRefusal::MalformedSignature);
        assert_eq!(verify(body.as_bytes(), header), refusal, "{header}");
    }
    for signatures in [vec![], vec![right.as_str(), right.as_str()], vec![right.as_str(), ""]] {
        let verdict = verify_with(vec![NEW], body.as_bytes(), &signatures).unwrap();
        assert_eq!(verdict, Err(WebhookRefusal::MalformedSignature), "{signatures:?}");
    }
}

#[test]
fn a_signed_body_that_is_no_batch_of_events_is_refused() {
    let too_many = json!({ "events": vec![json!({ "id": "EV1" }); 251] }).to_string();
    let too_long = format!("{}{}", body(), " ".repeat(1024 * 1024));
    for body in ["", "[]", "{}", "events", "{\"events\":{}}", "{\"events\":null}", &too_many, &too_long] {
        assert_eq!(signed(body), Err(WebhookRefusal::NotAnEvent), "{body:.80}");
    }
    let most = json!({ "events": vec![json!({ "id": "EV1" }); 250] }).to_string();
    assert_eq!(ids(signed(&most)).len(), 250);
    let not_text = [b"{\"events\":[\"", &[0xff][..], b"\"]}"].concat();
    let verdict = verify(&not_text, &signature(NEW, &not_text));
    assert_eq!(verdict, Err(WebhookRefusal::NotAnEvent));
}

#[test]
fn a_body_that_was_written_anew_is_refused() {
    let compact = serde_json::from_str::<Value>(&body()).unwrap().to_string();
    let verdict = verify(compact.as_bytes(), &signature(NEW, body().as_bytes()));
    assert_eq!(verdict, Err(WebhookRefusal::WrongSignature));
}

#[test]
fn a_blank_secret_trusts_nobody() {
    let body = body();
    for secrets in [vec![], vec![""], vec![" \t", ""]] {
        let signed = signature(secrets.first().copied().unwrap_or(""), body.as_bytes());
        let fault = verify_with(secrets, body.as_bytes(), &[&signed]).unwrap_err();
        assert!(matches!(fault, Fault::Permanent { .. }));
    }
    let signed = signature("", body.as_bytes());
    let verdict = verify_with(vec!["", NEW], body.as_bytes(), &[&signed]).unwrap();
    assert_eq!(verdict, Err(WebhookRefusal::WrongSignature));
}

#[test]
fn every_byte_that_is_changed_in_the_body_is_noticed() {
    let body = body().into_bytes();
    let signed = signature(NEW, &body);
    for place in 0..body.len() {
        let mut other = body.clone();
        other[place] ^= 1;
        assert_eq!(verify(&other, &signed), Err(WebhookRefusal::WrongSignature), "byte {place}");
    }
}

#[test]
fn every_character_that_is_changed_in_the_header_is_noticed() {
    let body = body();
    let signed = signature(NEW, body.as_bytes());
    for place in 0..signed.len() {
        for bit in 0..7 {
            let mut other = signed.clone().into_bytes();
            other[place] ^= 1 << bit;
            let other = String::from_utf8(other).unwrap();
            assert!(verify(body.as_bytes(), &other).is_err(), "{other}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_header_and_no_body_makes_the_verifier_panic_or_trust(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        signature in "([0-9a-f]{64}|[0-9a-f]{0,80}|.{0,70})",
    ) {
        prop_assert!(verify(&body, &signature).is_err());
    }

    #[test]
    fn a_signed_body_is_never_refused_for_its_signature(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let verdict = verify(&body, &signature(OLD, &body));
        prop_assert_eq!(verdict, Err(WebhookRefusal::NotAnEvent));
    }
}
