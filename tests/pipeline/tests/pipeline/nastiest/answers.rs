//! The provider's answer is lost, late, or worth nothing.

use serde_json::json;

use super::{
    PATIENCE, PUT_ITEM, assert_in_doubt, happenings, looks_through_list, until_settled, until_spent,
    without_completer,
};
use crate::stack::door::{Door, Side};
use crate::stack::{Accepted, Offer, Options, Stack};

/// Given a provider that takes the money, whose answer is reset on its way or arrives at a function that dies before it
/// can write it down.
/// When the donation is taken up again, by its message or by the completer.
/// Then the provider is asked with the same key and says what it said: one capture, one entry, one receipt.
#[tokio::test]
async fn scenario_01_capture_then_silence() {
    let mut door = Door::of("take-payment").await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    stack.no_webhooks().await;
    stack.fault(json!({ "name": "capture-then-reset", "count": 1, "path": "/v1/payment_intents" })).await;
    for learnt in ["unknown", "captured"] {
        door.hold(Side::Before, &[PUT_ITEM, learnt]);
        let accepted = stack.accepted(&Offer::of("32.00")).await;
        door.until_struck().await;
        stack.kill_function("take-payment").await;
        assert_eq!(stack.captures_of(&accepted.id).await.len(), 1, "the money is taken");
        assert_in_doubt(&stack, &accepted).await;
        door.open();

        until_settled(&stack, &accepted).await;
        // The message of the function that died comes back as well.
        stack.advance("1m").await;
        stack.until_queues_empty(PATIENCE).await;
        stack.assert_captured_once(&accepted).await;
        let charges = stack.charges_of(&accepted.id).await;
        let again = charges.iter().any(|charge| charge["replayed"] == true);
        assert!(again, "the stored answer was had again: {charges:?}");
    }
    stack.assert_proven(&[]).await;
}

/// Given a provider that has taken the money and takes its time to say so.
/// When its webhook is applied first, and the answer comes after that.
/// Then there was one capture and one announcement of it, and the answer is no news: its message is done with.
#[tokio::test]
async fn scenario_03_webhook_first() {
    let stack = Stack::start_with(without_completer()).await;
    stack.fault(json!({ "name": "slow-answer=8000", "count": 1, "path": "/v1/payment_intents" })).await;
    let accepted = stack.accepted(&Offer::of("31.00")).await;
    stack.until_status(&accepted, "captured", PATIENCE).await;
    let queues = stack.local("queues").await;
    let payments = queues.as_array().unwrap().iter().find(|queue| queue["queue"] == "payments").unwrap();
    assert_eq!(payments["in_flight"], 1, "the answer is still to come");
    until_settled(&stack, &accepted).await;
    let before = stack.stored(&accepted.id).await;

    stack.until_queues_empty(PATIENCE).await;
    assert_eq!(stack.stored(&accepted.id).await, before, "the answer is no news");
    let received = happenings(&stack, &accepted, "sqs.received").await;
    let received: Vec<&String> = received.iter().filter(|one| one.starts_with("payments ")).collect();
    assert!(received.len() == 1 && received[0].ends_with("receive 1"), "{received:?}");
    let told = happenings(&stack, &accepted, "sns.published").await;
    let told = told.iter().filter(|one| one.contains("payment.captured.v1")).count();
    assert_eq!((told, stack.dead_letters().await), (1, 0));
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}

/// Given two payments whose key answers 500 for as long as it is kept: the one took the money, the other did not.
/// When they are tried again, from 22 hours on asked about, and from 25 hours on believed to be absent.
/// Then the list tells of the one that took the money, under its one key; the other alone gets a second attempt, and
/// not before 25 hours.
#[tokio::test]
async fn scenario_06_burned_key() {
    let stack = Stack::start().await;
    stack.no_webhooks().await;
    stack.fault(json!({ "name": "500-stored", "count": 1 })).await;
    let untaken = stack.accepted(&Offer::of("41.00")).await;
    until_charged(&stack, &untaken, 1).await;
    let taken = stack.accepted(&Offer::of("666.06")).await;
    for one in [&untaken, &taken] {
        until_charged(&stack, one, 2).await;
        assert_in_doubt(&stack, one).await;
    }

    let looks = looks_through_list(&stack).await;
    let handled = happenings(&stack, &untaken, "sqs.deleted").await.len();
    stack.advance("22h").await;
    let charges = [stack.charges_of(&untaken.id).await, stack.charges_of(&taken.id).await];
    assert!(charges.iter().flatten().all(|charge| charge["status"] == 500), "{charges:?}");
    // The provider's own list tells of the one that took the money. That it holds no other proves nothing
    // yet.
    until_settled(&stack, &taken).await;
    let asked = async || (happenings(&stack, &untaken, "sqs.deleted").await.len() > handled).then_some(());
    stack.until("the other one looked for as well", PATIENCE, asked).await;
    // One reading may have served both.
    assert!(looks_through_list(&stack).await > looks, "the list is asked");
    stack.assert_captured_once(&taken).await;
    assert_in_doubt(&stack, &untaken).await;
    let now = [stack.charges_of(&untaken.id).await, stack.charges_of(&taken.id).await];
    assert_eq!(now, charges, "a key that is too old is never used again");
    assert_eq!(stack.provider_keys_of(&untaken.id).await.len(), 1);

    stack.advance("3h").await;
    until_settled(&stack, &untaken).await;
    assert_eq!(stack.seen_by_donor(&untaken).await["money_taken"], "yes");
    assert_eq!(stack.captures_of(&untaken.id).await.len(), 1);
    assert_eq!(stack.provider_keys_of(&untaken.id).await.len(), 2, "another attempt, under a key of its own");
    stack.assert_captured_once(&taken).await;
    stack.reconcile().await;
    stack.assert_proven(&[]).await;
}

async fn until_charged(stack: &Stack, accepted: &Accepted, times: usize) {
    let asked = async || (stack.charges_of(&accepted.id).await.len() >= times).then_some(());
    stack.until("the payment asked for", PATIENCE, asked).await;
}

/// Given a capture whose answer is lost, a minute and a half before its key is too old to be used.
/// When the provider is asked what became of it, at a time when its search would not show it yet.
/// Then its list is asked, which shows it, and its search never: one capture, no further attempt.
#[tokio::test]
async fn scenario_08_search_lag() {
    let (stack, accepted) = struck_before_the_key_is_too_old("capture-then-reset").await;
    assert_eq!(stack.captures_of(&accepted.id).await.len(), 1);
    let before = questions(&stack).await.len();
    stack.advance("90s").await;
    let asked = async || (questions(&stack).await.len() > before).then_some(());
    stack.until("a question", PATIENCE, asked).await;
    let questions = questions(&stack).await.split_off(before);
    assert!(questions.iter().all(|path| path == "/v1/payment_intents"), "the list is asked: {questions:?}");
    until_settled(&stack, &accepted).await;
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}

/// The paths that were asked about payments, oldest first.
async fn questions(stack: &Stack) -> Vec<String> {
    let requests = stack.requests().await;
    let paths = requests.iter().filter(|one| one["method"] == "GET").map(|one| one["path"].as_str().unwrap());
    paths.filter(|path| path.starts_with("/v1/payment_intents")).map(str::to_owned).collect()
}

/// A stack without webhooks, and a donation whose provider is out until shortly before the first attempt's key is 22
/// hours old, and whose one request that gets through then meets this fault. A minute and a quarter is left.
pub(super) async fn struck_before_the_key_is_too_old(fault: &str) -> (Stack, Accepted) {
    let options = Options::default().set("FIRST_CHECK_SECONDS", "78900");
    let stack = Stack::start_with(options).await;
    stack.no_webhooks().await;
    stack.fault(json!({ "name": "outage", "seconds": 78_000, "path": "/v1/**" })).await;
    stack.fault(json!({ "name": fault, "count": 1, "path": "/v1/payment_intents" })).await;
    let accepted = stack.accepted(&Offer::of("33.00")).await;
    stack
        .until("the first answer to be lost", PATIENCE, async || {
            (stack.stored(&accepted.id).await["payment"]["state"] == "unknown").then_some(())
        })
        .await;
    stack.advance("79125").await;
    until_spent(&stack, fault).await;
    stack.until_queues_empty(PATIENCE).await;
    assert_in_doubt(&stack, &accepted).await;
    (stack, accepted)
}
