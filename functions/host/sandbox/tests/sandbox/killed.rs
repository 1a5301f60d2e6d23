//! The sandbox in a process of its own, killed with SIGKILL in the middle of things.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use futures_util::StreamExt;
use futures_util::future::select;
use futures_util::stream::FuturesUnordered;
use serde_json::json;
use tempfile::TempDir;

use crate::client::{Api, send};
use crate::fixtures::{endpoint, start_in};
use crate::receiver::Receiver;

/// The example `serve` with a sandbox on a folder.
struct Process {
    serving: Serving,
    api: Api,
    folder: TempDir,
}

/// Killed at the latest when its test has ended, also by a panic.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Process {
    fn start(webhook: Option<&str>) -> Self {
        let folder = TempDir::new().unwrap();
        let tests = std::env::current_exe().unwrap();
        let serve = tests.parent().unwrap().parent().unwrap().join("examples/serve");
        assert!(serve.exists(), "build it first: cargo build -p sandbox --example serve");
        let child = Command::new(serve)
            .arg(folder.path().join("data"))
            .arg("sk_test_example")
            .args(webhook)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut serving = Serving(child);
        let mut url = String::new();
        BufReader::new(serving.0.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { api: Api::new(url.trim()), serving, folder }
    }

    fn kill(self) -> TempDir {
        drop(self.serving);
        self.folder
    }
}

#[tokio::test]
async fn a_charge_whose_answer_was_on_its_way_is_kept() {
    let process = Process::start(None);
    let stalled = process.api.paying("key-0", 2_500, "pm_card_visa").header("sandbox-fault", "stall=60000");
    let response = stalled.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let sandbox = start_in(process.kill(), |_| {}).await;
    response.bytes().await.unwrap_err();
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
    let retry = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    assert_eq!((&retry.ok()["status"], retry.replayed()), (&json!("succeeded"), true));
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}

#[tokio::test]
async fn a_request_that_was_not_worked_on_yet_leaves_nothing() {
    const SLOW: &str = "latency=60000";
    let process = Process::start(None);
    let slow =
        || Box::pin(process.api.paying("key-0", 2_500, "pm_card_visa").header("sandbox-fault", SLOW).send());
    // The one is refused because the other has the key, and is therefore being worked on.
    let (refused, other) = select(slow(), slow()).await.factor_first();
    assert_eq!(refused.unwrap().status(), 409);
    let sandbox = start_in(process.kill(), |_| {}).await;
    other.await.unwrap_err();
    assert!(sandbox.list("/v1/payment_intents").await.is_empty());
    let retry = sandbox.pay("key-0", 2_500, "pm_card_visa").await;
    assert_eq!((retry.status, retry.replayed()), (200, false));
}

#[tokio::test]
async fn a_surge_that_is_killed_loses_no_answered_charge_and_doubles_none() {
    const PAYMENTS: usize = 80;
    let process = Process::start(None);
    let api = process.api.clone();
    let pay = |number: usize| {
        let request = api.paying(&format!("key-{number}"), 2_500, "pm_card_visa");
        async move {
            let response = request.send().await.ok()?;
            assert_eq!(response.status(), 200);
            Some((number, response.bytes().await.ok()?.to_vec()))
        }
    };
    let mut payments: FuturesUnordered<_> = (0..PAYMENTS).map(pay).collect();
    let mut answered = Vec::new();
    while answered.len() < PAYMENTS / 4 {
        answered.extend(payments.next().await.unwrap());
    }
    let sandbox = start_in(process.kill(), |_| {}).await;
    answered.extend(payments.collect::<Vec<_>>().await.into_iter().flatten());
    assert!(answered.len() < PAYMENTS, "the kill came too late to prove anything");

    for (number, body) in &answered {
        let again = sandbox.pay(&format!("key-{number}"), 2_500, "pm_card_visa").await;
        assert_eq!((again.replayed(), &again.body), (true, body), "key-{number}");
    }
    for number in 0..PAYMENTS {
        send(sandbox.paying(&format!("key-{number}"), 2_500, "pm_card_visa")).await.ok();
    }
    let charges = sandbox.list("/v1/charges").await;
    assert_eq!((charges.len(), sandbox.list("/v1/payment_intents").await.len()), (PAYMENTS, PAYMENTS));
}

#[tokio::test]
async fn events_that_a_killed_run_still_owed_are_delivered_by_the_next() {
    let gone = Receiver::start().await.url.clone();
    let process = Process::start(Some(&gone));
    let intent = process.api.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let folder = process.kill();
    let receiver = Receiver::start().await;
    let sandbox =
        start_in(folder, |settings| settings.webhooks.push(endpoint("example", &receiver.url))).await;
    let told = receiver.wait_for_kind("payment_intent.succeeded").await;
    assert_eq!(told.event["data"]["object"]["id"], intent["id"]);
    assert_eq!(receiver.in_the_end().await.len(), 3);
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}
