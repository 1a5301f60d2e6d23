//! Webhooks from those who are not the provider.

use std::net::TcpListener;
use std::time::Duration;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{PATIENCE, settled, without_completer};
use crate::notifications::{events, until_delivered, until_idle};
use crate::stack::api::{Answer, send};
use crate::stack::{Offer, Stack};

const JSON: &str = "application/json";
const SIGNATURE: &str = "stripe-signature";
/// What a function looks at, and what API Gateway hands on at all.
const SIZES: [usize; 2] = [300 * 1024, 6 * 1024 * 1024];

/// Given webhooks with a time before all time, with two signatures, in bytes that are no text, of six megabytes, signed
/// with another endpoint's secret, and with a certificate's address that only looks like the provider's.
/// When they are delivered.
/// Then each is refused as the sender's mistake, nothing is fetched, no process dies, and nothing changes.
#[tokio::test]
async fn scenario_19_hostile_webhooks() {
    let stack = Stack::start_with(without_completer()).await;
    let captured = settled(&stack, &Offer::of("61.00")).await;
    until_delivered(&stack).await;
    let waiting = stack.accepted(&Offer::of("62.00").token("pm_card_threeDSecure2Required")).await;
    stack.until_status(&waiting, "action_required", PATIENCE).await;
    until_delivered(&stack).await;
    let real =
        events(&stack).await.into_iter().find(|event| event["type"] == "payment_intent.succeeded").unwrap();
    let mut lie = real.clone();
    lie["id"] = json!("evt_forged0000000000000001");
    lie["data"]["object"]["metadata"]["donation_id"] = json!(waiting.id);
    lie["data"]["object"]["amount_received"] = json!(6_200);
    let (real, lie) = (real.to_string(), lie.to_string());
    let before = (stack.stored(&waiting.id).await, stack.requests().await, pids(&stack).await);

    refuses_signatures(&stack, &real, &lie).await;
    refuses_bodies(&stack).await;
    refuses_other_providers(&stack, &lie).await;
    let now = jiff::Timestamp::now().as_second();
    // The same way in is open to what is signed: the refusals above are the signatures' doing.
    let signed = signature(&now.to_string(), real.as_bytes(), &stack.secret("webhook_secret"));
    let repeated = send(webhook(&stack, "stripe", JSON, real).header(SIGNATURE, signed)).await;
    assert_eq!(repeated.status, 200, "{repeated:?}");

    until_idle(&stack).await;
    assert_eq!(stack.stored(&waiting.id).await, before.0);
    assert_eq!(stack.requests().await, before.1, "nobody asked the provider anything");
    let pids_now = pids(&stack).await;
    assert!(before.2.iter().all(|pid| pids_now.contains(pid)), "{:?} {pids_now:?}: a process died", before.2);
    stack.assert_captured_once(&captured).await;
    assert_eq!(stack.dead_letters().await, 0);
    let counts = stack.assert_proven(&[]).await;
    assert_eq!((&counts["captured"], &counts["action_required"]), (&1.into(), &1.into()));
}

async fn refuses_signatures(stack: &Stack, real: &str, lie: &str) {
    let now = jiff::Timestamp::now().as_second();
    let secret = stack.secret("webhook_secret");
    let of = |time: &str, body: &str, secret: &str| signature(time, body.as_bytes(), secret);
    let other_endpoint = format!("gocardless webhook secret|{}", stack.secret("capability_key"));
    let other_endpoint = HEXLOWER.encode(&Sha256::digest(other_endpoint));
    let good = of(&now.to_string(), lie, &secret);
    for headers in [
        vec![of(&now.to_string(), lie, "whsec_of_somebody_else")],
        vec![of(&now.to_string(), lie, &other_endpoint)],
        vec![of(&now.to_string(), real, &secret)],
        vec![of(&(now - 301).to_string(), lie, &secret)],
        // Time for the request to arrive.
        vec![of(&(now + 330).to_string(), lie, &secret)],
        vec![of("-9223372036854775808", lie, &secret)],
        vec![of("9223372036854775807", lie, &secret)],
        vec![of("18446744073709551616", lie, &secret)],
        vec![of("", lie, &secret)],
        vec![of(&now.to_string(), lie, "")],
        vec![good.clone(), good.clone()],
        vec![good.clone(), of(&now.to_string(), lie, "whsec_of_somebody_else")],
        vec![format!("{good},{good}")],
        vec![good.replace("v1=", "v0=")],
        vec![String::new()],
        vec![format!("t={now},v1=")],
        vec![],
    ] {
        let request = webhook(stack, "stripe", JSON, lie.to_owned());
        let request = headers.iter().fold(request, |request, value| request.header(SIGNATURE, value));
        send(request).await.assert_problem(400, "unverified-webhook", Some(SIGNATURE));
    }
}

async fn refuses_bodies(stack: &Stack) {
    let now = jiff::Timestamp::now().as_second().to_string();
    let secret = stack.secret("webhook_secret");
    let no_text = vec![0xff_u8, 0xfe, b'{', b'}', 0x00];
    for body in [no_text, b"[]".to_vec(), b"{}".to_vec(), vec![]] {
        // API Gateway hands what is not declared as text on in base64.
        for kind in ["application/octet-stream", JSON] {
            let signed = signature(&now, &body, &secret);
            let request = webhook(stack, "stripe", kind, body.clone()).header(SIGNATURE, signed);
            send(request).await.assert_problem(400, "unverified-webhook", Some(SIGNATURE));
        }
    }
    for size in SIZES {
        let body = vec![b' '; size];
        let signed = signature(&now, &body, &secret);
        let answer = send(webhook(stack, "stripe", JSON, body).header(SIGNATURE, signed)).await;
        assert_eq!(answer.status, 413, "{size}: {answer:?}");
    }
}

/// PayPal has its webhooks verified with a certificate whose address is in a header; whoever fetches from there fetches
/// from anybody.
async fn refuses_other_providers(stack: &Stack, lie: &str) {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let certificate = format!("http://{}/paypal.com.evil.io/cert.pem", trap.local_addr().unwrap());
    for address in [certificate.as_str(), "https://paypal.com.evil.io/cert.pem"] {
        for (provider, status) in [("paypal", 404), ("stripe", 400), ("gocardless", 498)] {
            let request = webhook(stack, provider, JSON, lie.to_owned()).header("paypal-cert-url", address);
            let request = request.header("paypal-auth-algo", "SHA256withRSA").header(SIGNATURE, "t=1,v1=00");
            let answer: Answer = send(request.header("webhook-signature", "00".repeat(32))).await;
            assert_eq!(answer.status, status, "{provider}: {answer:?}");
        }
    }
    let fetched = trap.accept().map(|(_, peer)| peer);
    assert!(
        fetched.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
        "somebody came to fetch"
    );
}

fn webhook(
    stack: &Stack,
    provider: &str,
    content_type: &str,
    body: impl Into<reqwest::Body>,
) -> RequestBuilder {
    let request = stack.http.post(format!("{}/webhooks/{provider}", stack.url));
    request.header("content-type", content_type).timeout(Duration::from_secs(20)).body(body)
}

async fn pids(stack: &Stack) -> Vec<Value> {
    let functions = stack.local("functions").await;
    let receives = |one: &&Value| one["function"] == "receive-webhook";
    functions.as_array().unwrap().iter().find(receives).unwrap()["pids"].as_array().unwrap().clone()
}

/// `Stripe-Signature` as docs.stripe.com/webhooks/signature has it.
fn signature(time: &str, body: &[u8], secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.").as_bytes());
    mac.update(body);
    format!("t={time},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}
