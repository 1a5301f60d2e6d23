//! The same request many times.

use std::time::Duration;

use serde_json::json;

use crate::stack::{Offer, Stack};

const SETTLED_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_key_belongs_to_its_donation_after_a_restart_too() {
    let mut stack = Stack::start().await;
    let offer = Offer::of("10.00");
    let first = stack.accepted(&offer).await;
    stack.until_settled(std::slice::from_ref(&first), SETTLED_WITHIN).await;
    stack.stop().await;
    stack.start_again().await;
    let again = stack.offer(&offer).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (202, "true"));
    assert_eq!(again.header("location"), first.status_url);
    assert_eq!(again.body["status"], "captured", "a repetition is told what has become of it");
    let other = offer.with("/donor/name", json!("Grace Example"));
    stack.offer(&other).await.assert_problem(422, "key-reused", Some("Idempotency-Key"));
    stack.assert_captured_once(&first).await;
}
