//! Receipts whose end cannot be written down.

use serde_json::json;

use super::{PATIENCE, PUT_ITEM, happenings, until_settled};
use crate::stack::door::{Door, Side};
use crate::stack::rules::Refusal;
use crate::stack::{Accepted, Offer, Options, Stack};

/// Path of the mail service's call, in the signature's scope of service.
const SEND_EMAIL: &str = "/ses/aws4_request";
const SENT: &str = r#"{"S":"sent"}"#;
/// Not a claim, but what comes of one.
const NOT_SENDING: &str = r#"!{"S":"sending"}"#;

/// Given a mail that was handed over while the store takes no write that says so, and another that was refused while
/// the write that gives its claim back is held up.
/// When their messages come again, and the claim is given back only after somebody has called the receipt ambiguous.
/// Then nobody mails a second time, and both receipts stay what a person is shown: ambiguous.
#[tokio::test]
async fn scenario_16_receipt_without_an_end() {
    let mut door = Door::of("send-receipt").await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    door.refuse(Refusal::THROTTLED, &[PUT_ITEM, SENT]);
    let mailed = stack.accepted(&Offer::of("38.00")).await;
    door.until_struck().await;
    assert_eq!(stack.mails_of(&mailed.id).await.len(), 1);
    // The claim is younger than a minute: its message comes back, and its holder may still be at work.
    stack.advance("30").await;
    until_handled_again(&stack, &mailed).await;
    assert_receipt(&stack, &mailed, "sending", 1).await;
    stack.advance("2m").await;
    until_ambiguous_or_mailed_again(&stack, &mailed).await;
    assert_receipt(&stack, &mailed, "ambiguous", 1).await;
    until_settled(&stack, &mailed).await;

    door.open();
    door.refuse(Refusal::MAIL_REFUSED, &[SEND_EMAIL]);
    door.hold_one(Side::Before, &[PUT_ITEM, NOT_SENDING]);
    let refused = stack.accepted(&Offer::of("39.00")).await;
    // The mail, and at least one try of the write after it.
    door.until_struck().await;
    door.until_struck().await;
    stack.advance("2m").await;
    until_settled(&stack, &refused).await;
    assert_receipt(&stack, &refused, "ambiguous", 0).await;
    let before = stack.stored(&refused.id).await;
    let answers = door.land().await;
    assert!(!answers.is_empty());
    for (status, body) in answers {
        assert!(status == 400 && body.contains("ConditionalCheckFailedException"), "{status} {body}");
    }
    stack.advance("2h").await;
    stack.until_queues_empty(PATIENCE).await;
    assert_eq!(stack.stored(&refused.id).await, before, "what was flagged stays flagged");
    for (one, mails) in [(&mailed, 1), (&refused, 0)] {
        assert_receipt(&stack, one, "ambiguous", mails).await;
        assert_eq!(stack.entries_of(&one.id).await.len(), 1);
    }
    stack.reconcile().await;
    let (code, finding) = stack.proof(&[]).await;
    assert_eq!((code, &finding["differences"]), (0, &json!([])));
    assert_eq!(finding["ambiguous_receipts"].as_array().unwrap().len(), 2, "{finding}");
}

/// Waits until the receipt's message has come again and is done with, or has caused another mail.
async fn until_handled_again(stack: &Stack, accepted: &Accepted) {
    let done = async || {
        let received = happenings(stack, accepted, "sqs.received").await;
        let again = received.iter().any(|one| one.starts_with("receipts ") && one.ends_with("receive 2"));
        let deleted = happenings(stack, accepted, "sqs.deleted").await;
        let ended = deleted.iter().any(|one| one.starts_with("receipts "));
        ((again && ended) || stack.mails_of(&accepted.id).await.len() > 1).then_some(())
    };
    stack.until("the message handled again", PATIENCE, done).await;
}

async fn until_ambiguous_or_mailed_again(stack: &Stack, accepted: &Accepted) {
    let done = async || {
        let receipt = stack.stored(&accepted.id).await["receipt"].take();
        let mails = stack.mails_of(&accepted.id).await.len();
        (receipt["state"] == "ambiguous" || mails > 1).then_some(())
    };
    stack.until("the receipt called ambiguous", PATIENCE, done).await;
}

async fn assert_receipt(stack: &Stack, accepted: &Accepted, state: &str, mails: usize) {
    assert_eq!(stack.mails_of(&accepted.id).await.len(), mails, "{}", accepted.id);
    assert_eq!(stack.stored(&accepted.id).await["receipt"]["state"], state, "{}", stack.tail());
}
