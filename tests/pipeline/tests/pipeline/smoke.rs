//! The smoke test of a deployment, on a stack that is well and on ones that are not.

use std::time::Duration;

use tokio::process::Command;

use crate::stack::command::{Ended, end};
use crate::stack::{Options, Stack};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/smoke.mjs");

async fn smoke(arguments: &[&str]) -> Ended {
    let mut node = Command::new("node");
    node.arg(SCRIPT).args(arguments).kill_on_drop(true);
    let node =
        node.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    end(node, Duration::from_secs(240)).await
}

#[tokio::test]
async fn a_stack_that_takes_a_gift_passes_the_smoke_test_by_its_url_and_by_a_deployments_outputs() {
    let stack = Stack::start().await;
    let outputs = stack.folder().join("outputs.json");
    let of_a_deployment = serde_json::json!({ "outpour-release": {}, "outpour": { "HttpUrl": stack.url } });
    std::fs::write(&outputs, of_a_deployment.to_string()).unwrap();
    for target in [stack.url.as_str(), outputs.to_str().unwrap()] {
        let passed = smoke(&[target]).await;
        assert!(
            passed.code == Some(0) && passed.out.starts_with("captured: "),
            "{passed:?}\n{}",
            stack.tail()
        );
    }
    assert_eq!(stack.all("stored/donations").await.len(), 2);

    let declined = smoke(&[&stack.url, "pm_card_visa_chargeDeclined"]).await;
    assert_eq!(declined.code, Some(1), "{declined:?}");
    assert!(declined.err.contains("is declined, money taken: no"), "{declined:?}");
}

#[tokio::test]
async fn a_stack_that_refuses_gifts_or_is_not_there_fails_the_smoke_test() {
    let mut stack = Stack::start_with(Options::default().set("AMOUNT_MIN", "GBP=6.00")).await;
    let refused = smoke(&[&stack.url]).await;
    assert!(refused.code == Some(1) && refused.err.contains("422 instead of 202"), "{refused:?}");
    stack.stop().await;
    let away = smoke(&[&stack.url]).await;
    assert!(away.code == Some(1) && away.err.contains("smoke: fetch failed"), "{away:?}");
}
