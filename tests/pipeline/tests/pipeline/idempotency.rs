//! The same request many times.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use crate::stack::api::send;
use crate::stack::{Offer, Stack};

const SETTLED_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn sixty_four_identical_requests_at_once_make_one_donation_one_charge_one_entry_and_one_receipt() {
    let stack = Stack::start().await;
    let offer = Offer::of("25.00");
    let mut sending = JoinSet::new();
    for _ in 0..64 {
        sending.spawn(send(stack.offering(&offer)));
    }
    let answers = sending.join_all().await;
    assert!(answers.iter().all(|answer| answer.status == 202), "{answers:?}\n{}", stack.tail());
    let locations: BTreeSet<&str> = answers.iter().map(|answer| answer.header("location")).collect();
    assert_eq!(locations.len(), 1, "{locations:?}");
    let first_ones = answers.iter().filter(|answer| answer.header("idempotent-replayed") != "true").count();
    assert!(first_ones <= 1, "{first_ones} requests were told that they made the donation");

    let accepted = stack.accepted(&offer).await;
    assert_eq!(Some(&accepted.status_url.as_str()), locations.first());
    stack.until_settled(std::slice::from_ref(&accepted), SETTLED_WITHIN).await;
    stack.assert_captured_once(&accepted).await;
    assert_eq!(stack.all("stored/donations").await.len(), 1);
    assert_eq!(stack.all("payments").await.len(), 1);
    assert_eq!(stack.local("mails").await.as_array().unwrap().len(), 1);
    assert_eq!(stack.all("stored/entries").await.len(), 1);

    let other_amount = offer.clone().with("/amount", json!("26.00"));
    stack.offer(&other_amount).await.assert_problem(422, "key-reused", Some("Idempotency-Key"));
    let same_in_other_words = offer.clone().with("/amount", json!("25"));
    assert_eq!(stack.accepted(&same_in_other_words).await.id, accepted.id);
    assert_eq!(stack.all("stored/donations").await.len(), 1);
    stack.assert_proven(&[]).await;
}

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
