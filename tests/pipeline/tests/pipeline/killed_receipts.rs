//! The mail service has no idempotency key, so a receipt whose sender died is shown and never sent again by
//! itself.

use std::time::Duration;

use serde_json::json;

use crate::stack::door::{Door, Side};
use crate::stack::{Offer, Options, Stack};

/// A claim is believed for a minute; the completer finds it dead at its second look.
const PATIENCE: Duration = Duration::from_secs(120);
/// Path of the mail service's call, in the signature's scope of service.
const SEND_EMAIL: &str = "/ses/aws4_request";

#[tokio::test]
async fn a_sender_killed_before_or_after_the_mail_leaves_at_most_one_mail_and_a_receipt_called_ambiguous() {
    let mut door = Door::of("send-receipt").await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    let mut accepted = Vec::new();
    for (side, mails) in [(Side::Before, 0), (Side::After, 1)] {
        door.hold(side, &[SEND_EMAIL]);
        let one = stack.accepted(&Offer::of("41.00")).await;
        door.until_struck().await;
        stack.kill_function("send-receipt").await;
        door.open();
        assert_eq!(stack.mails_of(&one.id).await.len(), mails, "{side:?}");
        accepted.push(one);
    }
    let untouched = stack.accepted(&Offer::of("42.00")).await;
    stack.until_settled(std::slice::from_ref(&untouched), PATIENCE).await;
    stack.assert_captured_once(&untouched).await;

    stack.until_settled(&accepted, PATIENCE).await;
    for (one, mails) in accepted.iter().zip([0, 1]) {
        assert_eq!(stack.stored(&one.id).await["receipt"]["state"], "ambiguous");
        assert_eq!(stack.mails_of(&one.id).await.len(), mails);
        assert_eq!(stack.entries_of(&one.id).await.len(), 1);
    }
    let (code, finding) = stack.proof(&[]).await;
    assert_eq!((code, &finding["differences"]), (0, &json!([])));
    let mut ambiguous: Vec<&str> = accepted.iter().map(|one| one.id.as_str()).collect();
    ambiguous.sort_unstable();
    let mut shown: Vec<&str> =
        finding["ambiguous_receipts"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    shown.sort_unstable();
    assert_eq!(shown, ambiguous, "the proof shows them to a person");
}
