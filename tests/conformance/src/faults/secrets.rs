//! Secrets that change, go away, or are not what they must be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use adapters_aws::{SecretsManagerCredentials, SecretsManagerKeys, SystemClock};
use app::ports::{CapabilityKeys, Clock, Fault, ProviderCredentials};
use data_encoding::BASE64;
use domain::time::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::calls::Service;
use super::server::{Act, Server, answer};
use crate::adapters::aws::connect_apart;
use crate::fixtures::NOON;
use crate::running::block_on;
use crate::suites::assert_permanent;

/// A clock that is set by hand.
#[derive(Clone)]
struct Hand(Arc<AtomicU64>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

fn secret(text: &str) -> Act {
    Act::Answer(answer(200, "", &json!({ "Name": "invented", "SecretString": text }).to_string()))
}

fn keys_text(byte: u8) -> String {
    json!({ "keys": [BASE64.encode(&[byte; 32])] }).to_string()
}

/// A server whose secret changes with every reading: the first reading gives a key of zeros, the next one of
/// ones, …. From the moment that `fails` is not 0, it answers that status instead.
async fn changing(fails: Arc<AtomicUsize>) -> Server {
    let act = move |earlier: usize, _: &_| match fails.load(Ordering::SeqCst) {
        0 => secret(&keys_text(u8::try_from(earlier).unwrap())),
        status if status >= 500 => Act::Answer(Service::Secrets.refusal(503, "ServiceUnavailable")),
        _ => Act::Answer(Service::Secrets.refusal(400, "ResourceNotFoundException")),
    };
    Server::acting(act).await
}

async fn first_byte(keys: &impl CapabilityKeys) -> Result<u8, Fault> {
    Ok(keys.keys().await?[0].expose_secret()[0])
}

#[test]
fn a_secret_is_at_most_five_minutes_old() {
    block_on(async {
        let server = changing(Arc::default()).await;
        let clock = Hand(Arc::new(AtomicU64::new(NOON.as_millis())));
        let keys = SecretsManagerKeys::new(&connect_apart(&server.url), "capability-key", clock.clone());
        for (millis_later, expected) in [(0, 0), (1, 0), (299_998, 0), (1, 1), (299_999, 1), (1, 2)] {
            clock.0.fetch_add(millis_later, Ordering::SeqCst);
            assert_eq!(first_byte(&keys).await.unwrap(), expected);
        }
        assert_eq!(server.requests().len(), 3);
    });
}

#[test]
fn many_who_ask_at_once_wait_for_one_reading() {
    block_on(async {
        let server = changing(Arc::default()).await;
        let keys = SecretsManagerKeys::new(&connect_apart(&server.url), "capability-key", SystemClock);
        let answers = futures_util::future::join_all((0..32).map(|_| first_byte(&keys))).await;
        assert!(answers.into_iter().all(|answer| answer.unwrap() == 0));
        assert_eq!(server.requests().len(), 1);
    });
}

#[test]
fn an_outage_leaves_the_last_value_for_fifteen_minutes_and_not_longer() {
    block_on(async {
        let fails = Arc::new(AtomicUsize::new(0));
        let server = changing(Arc::clone(&fails)).await;
        let clock = Hand(Arc::new(AtomicU64::new(NOON.as_millis())));
        let keys = SecretsManagerKeys::new(&connect_apart(&server.url), "capability-key", clock.clone());
        assert_eq!(first_byte(&keys).await.unwrap(), 0);
        fails.store(503, Ordering::SeqCst);
        for millis_later in [300_000, 9_999, 300_000, 290_000] {
            clock.0.fetch_add(millis_later, Ordering::SeqCst);
            assert_eq!(first_byte(&keys).await.unwrap(), 0);
        }
        clock.0.fetch_add(1, Ordering::SeqCst);
        let fault = first_byte(&keys).await.unwrap_err();
        assert!(matches!(fault, Fault::Transient { .. }), "{}", fault.chain());
        fails.store(0, Ordering::SeqCst);
        assert_ne!(first_byte(&keys).await.unwrap(), 0);
    });
}

#[test]
fn a_secret_that_somebody_took_away_is_not_used_any_longer() {
    block_on(async {
        let fails = Arc::new(AtomicUsize::new(0));
        let server = changing(Arc::clone(&fails)).await;
        let clock = Hand(Arc::new(AtomicU64::new(NOON.as_millis())));
        let keys = SecretsManagerKeys::new(&connect_apart(&server.url), "capability-key", clock.clone());
        assert_eq!(first_byte(&keys).await.unwrap(), 0);
        fails.store(400, Ordering::SeqCst);
        clock.0.fetch_add(300_000, Ordering::SeqCst);
        let fault = first_byte(&keys).await.unwrap_err();
        assert_permanent(&fault, &["capability-key", "ResourceNotFoundException"]);
    });
}

#[test]
fn capability_keys_that_break_a_rule_are_refused_by_the_rule_alone() {
    let good = BASE64.encode(&[1; 32]);
    let short = BASE64.encode(&[1; 31]);
    let rows: [(Value, &str); 9] = [
        (json!({ "keys": [] }), "1 to 4"),
        (json!({ "keys": [&good, &good, &good, &good, &good] }), "1 to 4"),
        (json!({ "keys": [&good, &short] }), "at least 32 bytes"),
        (json!({ "keys": ["canary-not-base64"] }), "base64"),
        (json!({ "keys": [&good[..40]] }), "base64"),
        (json!({ "keys": "canary" }), "must be a JSON object"),
        (json!({ "key": [&good] }), "must be a JSON object"),
        (json!({ "keys": [1] }), "must be a JSON object"),
        (json!("canary"), "must be a JSON object"),
    ];
    block_on(async {
        for (text, rule) in rows {
            let server = Server::always(secret(&text.to_string())).await;
            let aws = connect_apart(&server.url);
            let fault =
                SecretsManagerKeys::new(&aws, "capability-key", SystemClock).keys().await.unwrap_err();
            assert_permanent(&fault, &["capability-key", rule]);
            assert!(!fault.chain().contains("canary"), "{}", fault.chain());
        }
    });
}

#[test]
fn credentials_that_break_a_rule_are_refused_by_the_rule_alone() {
    let rows: [(Value, &str); 6] = [
        (json!({ "api_key": "", "webhook_secrets": ["canary"] }), "must have a text in `api_key`"),
        (json!({ "api_key": "canary", "webhook_secrets": [] }), "1 to 4"),
        (json!({ "api_key": "canary", "webhook_secrets": ["a", "b", "c", "d", "e"] }), "1 to 4"),
        (json!({ "api_key": "canary", "webhook_secrets": ["canary", ""] }), "1 to 4"),
        (json!({ "webhook_secrets": ["canary"] }), "must be a JSON object"),
        (json!(["canary"]), "must be a JSON object"),
    ];
    block_on(async {
        for (text, rule) in rows {
            let server = Server::always(secret(&text.to_string())).await;
            let aws = connect_apart(&server.url);
            let credentials = SecretsManagerCredentials::new(&aws, "provider-stripe", SystemClock);
            let fault = credentials.credentials().await.unwrap_err();
            assert_permanent(&fault, &["provider-stripe", rule]);
            assert!(!fault.chain().contains("canary"), "{}", fault.chain());
        }
    });
}

#[test]
fn a_secret_of_bytes_is_refused() {
    block_on(async {
        let bytes = answer(200, "", &json!({ "Name": "invented", "SecretBinary": "AAAA" }).to_string());
        let server = Server::always(Act::Answer(bytes)).await;
        let aws = connect_apart(&server.url);
        let fault = SecretsManagerKeys::new(&aws, "capability-key", SystemClock).keys().await.unwrap_err();
        assert_permanent(&fault, &["capability-key", "must be a text"]);
    });
}
