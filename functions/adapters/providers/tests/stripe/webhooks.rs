use adapters_providers::stripe::StripeWebhooks;
use app::ports::{Fault, SignedNotification, WebhookRefusal, Webhooks};
use data_encoding::HEXLOWER;
use domain::ids::NotificationId;
use domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::Sha256;

use crate::fixtures::{Known, text};

const OLD: &str = "whsec_invented_old_secret";
const NEW: &str = "whsec_invented_new_secret";
const NOW: u64 = 1_795_204_801;

type Verdict = Result<NotificationId, WebhookRefusal>;

fn event() -> String {
    text("events", "payment_intent.succeeded")
}

fn hex(secret: &str, time: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

fn header(secret: &str, time: u64, body: &[u8]) -> String {
    format!("t={time},v1={}", hex(secret, &time.to_string(), body))
}

fn verify_with(
    secrets: Vec<&'static str>,
    body: &[u8],
    signatures: &[&str],
    now: u64,
) -> Result<Verdict, Fault> {
    let webhooks = StripeWebhooks::new(Known(secrets));
    let now = Timestamp::from_millis(now.saturating_mul(1_000));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let verified = runtime.block_on(webhooks.verify(SignedNotification { body, signatures }, now))?;
    Ok(verified.map(|notifications| {
        let [one] = &notifications[..] else { panic!("a body is one event") };
        assert_eq!(one.body.as_bytes(), body, "it is kept as it came");
        one.id.clone()
    }))
}

fn verify(body: &[u8], header: &str, now: u64) -> Verdict {
    verify_with(vec![NEW, OLD], body, &[header], now).unwrap()
}

fn notification() -> NotificationId {
    NotificationId::parse("stripe#evt_3Example00000000000001").unwrap()
}

#[test]
fn a_notification_is_named_by_its_event() {
    let body = event();
    assert_eq!(verify(body.as_bytes(), &header(NEW, NOW, body.as_bytes()), NOW), Ok(notification()));
}

#[test]
fn while_a_secret_is_rolled_either_may_sign() {
    let body = event();
    let time = NOW.to_string();
    let (old, new) = (hex(OLD, &time, body.as_bytes()), hex(NEW, &time, body.as_bytes()));
    for header in [
        format!("t={time},v1={old}"),
        format!("t={time},v1={new},v1={old}"),
        format!("t={time},v1={},v1={old}", hex("whsec_other", &time, body.as_bytes())),
        format!("v1={old},t={time}"),
        format!("t={time},v1={old},v0=0123,v2=anything"),
        format!("t={time},v1=zz,v1={old}"),
    ] {
        assert_eq!(verify(body.as_bytes(), &header, NOW), Ok(notification()), "{header}");
    }
}

#[test]
fn a_wrong_signature_is_refused() {
    let body = event();
    let time = NOW.to_string();
    let right = hex(NEW, &time, body.as_bytes());
    for header in [
        header("whsec_other", NOW, body.as_bytes()),
        format!("t={time},v0={right}"),
        format!("t={time},v1="),
        format!("t={time},v1={}", &right[..62]),
        format!("t={time},v1={right}00"),
        format!("t={time},v1={}", right.to_uppercase()),
        format!("t=0{time},v1={right}"),
        format!("t={time}"),
    ] {
        let refusal = Err(WebhookRefusal::WrongSignature);
        assert_eq!(verify(body.as_bytes(), &header, NOW), refusal, "{header}");
    }
    let compact = serde_json::from_str::<serde_json::Value>(&body).unwrap().to_string();
    let refusal = Err(WebhookRefusal::WrongSignature);
    assert_eq!(verify(compact.as_bytes(), &header(NEW, NOW, body.as_bytes()), NOW), refusal);
}

#[test]
fn a_header_that_is_not_of_its_form_is_refused() {
    let body = event();
    let right = header(NEW, NOW, body.as_bytes());
    for header in [
        "",
        "t",
        "nonsense",
        &right.replace("t=", "t=+"),
        &right.replace("t=", "t=-"),
        &right.replace("t=", "t= "),
        &right.replace("t=", "t=1,t="),
        &right.replace("t=", "t=99999999999999999999"),
        &right.replace("t=", "x="),
        &format!("{right},"),
        &format!("{right},{}", "v1=00,".repeat(1_000)),
    ] {
        let refusal = Err(WebhookRefusal::MalformedSignature);
        assert_eq!(verify(body.as_bytes(), header, NOW), refusal, "{header}");
    }
}

#[test]
fn a_header_that_is_missing_or_there_twice_is_refused() {
    let body = event();
    let right = header(NEW, NOW, body.as_bytes());
    for signatures in [vec![], vec![right.as_str(), right.as_str()], vec![right.as_str(), ""]] {
        let verdict = verify_with(vec![NEW], body.as_bytes(), &signatures, NOW).unwrap();
        assert_eq!(verdict, Err(WebhookRefusal::MalformedSignature), "{signatures:?}");
    }
}

#[test]
fn a_signature_counts_for_five_minutes_either_way() {
    let body = event();
    let late = Err(WebhookRefusal::OutOfTolerance);
    for (time, expected) in [
        (NOW - 300, Ok(notification())),
        (NOW - 301, late.clone()),
        (NOW + 300, Ok(notification())),
        (NOW + 301, late.clone()),
        (0, late.clone()),
        (999_999_999_999, late),
    ] {
        assert_eq!(verify(body.as_bytes(), &header(NEW, time, body.as_bytes()), NOW), expected, "{time}");
    }
    let at_the_epoch = verify(body.as_bytes(), &header(NEW, NOW, body.as_bytes()), 0);
    assert_eq!(at_the_epoch, Err(WebhookRefusal::OutOfTolerance));
    let at_the_end = verify(body.as_bytes(), &header(NEW, NOW, body.as_bytes()), u64::MAX);
    assert_eq!(at_the_end, Err(WebhookRefusal::OutOfTolerance));
}

#[test]
fn a_signed_body_that_is_no_event_is_refused() {
    let thin = text("events", "thin.payment_intent.succeeded");
    let long_id = format!("{{\"object\":\"event\",\"type\":\"x\",\"id\":\"evt_{}\"}}", "x".repeat(300));
    let spaced_id = "{\"object\":\"event\",\"type\":\"x\",\"id\":\"evt 1\"}";
    let too_long = format!("{}{}", event(), " ".repeat(1024 * 1024));
    for body in [thin.as_str(), "", "[]", "{\"object\":\"event\"}", "event", &long_id, spaced_id, &too_long] {
        let verdict = verify(body.as_bytes(), &header(NEW, NOW, body.as_bytes()), NOW);
        assert_eq!(verdict, Err(WebhookRefusal::NotAnEvent), "{body:.80}");
    }
    let not_text = event().replace("evt_3", "evt_\u{fffd}").into_bytes();
    let cut: Vec<u8> = not_text.iter().copied().filter(|&byte| byte != 0xbf).collect();
    assert_eq!(verify(&cut, &header(NEW, NOW, &cut), NOW), Err(WebhookRefusal::NotAnEvent));
}

#[test]
fn a_blank_secret_trusts_nobody() {
    let body = event();
    for secrets in [vec![], vec![""], vec![" \t", ""]] {
        let signed = header(secrets.first().copied().unwrap_or(""), NOW, body.as_bytes());
        let fault = verify_with(secrets, body.as_bytes(), &[&signed], NOW).unwrap_err();
        assert!(matches!(fault, Fault::Permanent { .. }));
    }
    let signed = header("", NOW, body.as_bytes());
    let verdict = verify_with(vec!["", NEW], body.as_bytes(), &[&signed], NOW).unwrap();
    assert_eq!(verdict, Err(WebhookRefusal::WrongSignature));
}

#[test]
fn every_byte_that_is_changed_in_the_body_is_noticed() {
    let body = event().into_bytes();
    let signed = header(NEW, NOW, &body);
    for place in 0..body.len() {
        let mut other = body.clone();
        other[place] ^= 1;
        assert_eq!(verify(&other, &signed, NOW), Err(WebhookRefusal::WrongSignature), "byte {place}");
    }
}

#[test]
fn every_character_that_is_changed_in_the_header_is_noticed() {
    let body = event();
    let signed = header(NEW, NOW, body.as_bytes());
    for place in 0..signed.len() {
        for bit in 0..7 {
            let mut other = signed.clone().into_bytes();
            other[place] ^= 1 << bit;
            let other = String::from_utf8(other).unwrap();
            assert!(verify(body.as_bytes(), &other, NOW).is_err(), "{other}");
        }
    }
}

proptest! {
    #[test]
    fn no_header_and_no_body_makes_the_verifier_panic_or_trust(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        signature in "(t=[0-9+-]{0,20}|v1=[0-9a-f]{0,80}|[a-z]=.|,|=|.){0,6}",
        now in any::<u64>(),
    ) {
        prop_assert!(verify(&body, &signature, now).is_err());
    }

    #[test]
    fn a_signed_body_is_never_refused_for_its_signature(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let verdict = verify(&body, &header(OLD, NOW, &body), NOW);
        prop_assert_eq!(verdict, Err(WebhookRefusal::NotAnEvent));
    }
}
