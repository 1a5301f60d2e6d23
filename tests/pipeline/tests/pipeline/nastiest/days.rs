//! What comes hours and days late.

use serde_json::json;

use super::answers::struck_before_the_key_is_too_old;
use super::{
    PATIENCE, PUT_ITEM, assert_in_doubt, looks_through_list, replay_parked, settled, until_settled,
    without_completer,
};
use crate::stack::door::{Door, Side};
use crate::stack::{Accepted, Offer, Stack};

/// Given a request that is held up for nine minutes on its way, sent shortly before its key is too old to be used.
/// When the provider is asked a minute after that and knows of nothing, and the request lands then.
/// Then nothing was tried anew in between: one key, one capture, which the next question finds.
#[tokio::test]
async fn scenario_02_late_landing() {
    let (stack, accepted) = struck_before_the_key_is_too_old("late=540000").await;
    let before = looks_through_list(&stack).await;
    stack.advance("90s").await;
    let looked = async || (looks_through_list(&stack).await > before).then_some(());
    stack.until("a look through the list", PATIENCE, looked).await;
    stack.until_queues_empty(PATIENCE).await;
    assert_in_doubt(&stack, &accepted).await;
    assert!(stack.captures_of(&accepted.id).await.is_empty(), "the request is still on its way");

    stack.advance("8m").await;
    stack
        .until("the request to land", PATIENCE, async || {
            (!stack.captures_of(&accepted.id).await.is_empty()).then_some(())
        })
        .await;
    stack.advance("1h").await;
    until_settled(&stack, &accepted).await;
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}

/// Given a capture whose answer was lost, and whose message lies among the dead letters.
/// When its webhook comes forty minutes later, and the message is sent back after that.
/// Then the webhook alone settles the donation, and the message finds nothing to do: the provider is not asked again.
#[tokio::test]
async fn scenario_04_webhook_only() {
    let (stack, _door, accepted) = taken_and_parked(1).await;
    let accepted = &accepted[0];
    stack.advance("40m").await;
    assert_in_doubt(&stack, accepted).await;
    stack.control("/_sandbox/storm", &json!({ "seed": 1, "times": 1 })).await;
    stack.until_status(accepted, "captured", PATIENCE).await;
    until_settled(&stack, accepted).await;
    let (before, asked) = (stack.stored(&accepted.id).await, stack.requests_of(&accepted.id).await);

    replay_parked(&stack, "payments").await;
    assert_eq!(stack.dead_letters().await, 0);
    assert_eq!(stack.stored(&accepted.id).await, before);
    assert_eq!(stack.requests_of(&accepted.id).await, asked);
    stack.assert_captured_once(accepted).await;
    stack.assert_proven(&[]).await;
}

/// Given a declined payment.
/// When the bank changes its mind three days later.
/// Then the donation is captured, with an entry and a receipt, and there never was another attempt.
#[tokio::test]
async fn scenario_05_decline_that_flips() {
    let stack = Stack::start().await;
    let accepted = settled(&stack, &Offer::of("35.00").token("pm_card_visa_chargeDeclined")).await;
    assert_eq!(stack.seen_by_donor(&accepted).await["status"], "declined");
    stack.advance("3d").await;
    assert!(stack.entries_of(&accepted.id).await.is_empty() && stack.mails_of(&accepted.id).await.is_empty());
    let charges = stack.charges_of(&accepted.id).await;
    let path = format!("/_sandbox/payment_intents/{}", charges[0]["payment_intent"].as_str().unwrap());
    stack.control(&path, &json!({ "flip": "succeeded" })).await;
    stack.until_status(&accepted, "captured", PATIENCE).await;
    until_settled(&stack, &accepted).await;
    stack.assert_captured_once(&accepted).await;
    assert_eq!(stack.charges_of(&accepted.id).await, charges);
    stack.assert_proven(&[]).await;
}

/// Given a capture whose answer was lost, and whose message lies among the dead letters.
/// When the message is sent back on the thirteenth day, long after the provider has forgotten the key.
/// Then the provider is asked and nothing is asked of it: the list tells of the capture, and there is no second one.
#[tokio::test]
async fn scenario_07_key_expired_in_the_dead_letters() {
    let (stack, _door, accepted) = taken_and_parked(1).await;
    let accepted = &accepted[0];
    stack.advance("13d").await;
    let (charges, looks) = (stack.charges_of(&accepted.id).await, looks_through_list(&stack).await);
    replay_parked(&stack, "payments").await;
    until_settled(&stack, accepted).await;
    assert_eq!(stack.charges_of(&accepted.id).await, charges, "nothing was asked for");
    assert!(looks_through_list(&stack).await > looks, "but what became of it");
    assert_eq!(stack.dead_letters().await, 0);
    stack.assert_captured_once(accepted).await;
    stack.reconcile().await;
    stack.assert_proven(&[]).await;
}

/// A stack on which nothing but messages moves, and so many donations whose money was taken, whose answers were lost,
/// and whose messages were parked because the function died with them.
pub(super) async fn taken_and_parked(count: usize) -> (Stack, Door, Vec<Accepted>) {
    let mut door = Door::of("take-payment").await;
    // Nobody reconciles here until a test has seen what it wants to see, which may be weeks later.
    let mut options = without_completer().bootstrap(door.bootstrap()).set("RECONCILE_HOURS", "480");
    options.topology["queues"]["payments"]["receive_count_max"] = json!(1);
    let stack = Stack::start_with(options).await;
    stack.no_webhooks().await;
    let mut accepted = Vec::new();
    for _ in 0..count {
        door.hold(Side::Before, &[PUT_ITEM, "unknown"]);
        let one = stack.accepted(&Offer::of("666.03")).await;
        door.until_struck().await;
        stack.kill_function("take-payment").await;
        door.open();
        assert_eq!(stack.captures_of(&one.id).await.len(), 1, "the money is taken");
        accepted.push(one);
    }
    stack.advance("1m").await;
    stack
        .until("the messages among the dead letters", PATIENCE, async || {
            (usize::try_from(stack.dead_letters().await).unwrap() == count).then_some(())
        })
        .await;
    (stack, door, accepted)
}
