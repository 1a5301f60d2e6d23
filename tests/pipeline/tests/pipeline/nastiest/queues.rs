//! Messages that come twice, cannot be worked on, or never arrive.

use serde_json::{Value, json};

use super::{PATIENCE, PUT_ITEM, happenings, until_settled, without_completer};
use crate::stack::door::{Door, Side};
use crate::stack::parked::Message;
use crate::stack::{Accepted, Offer, Options, Stack, topology};

/// Given a handler that has taken the money and is held up in writing that down, and a second one that is handed the
/// same message meanwhile, as a queue does when a message's time is up.
/// When the second has done everything, and the write of the first arrives after that, as often as it was tried.
/// Then both used one key, the late write fails on its condition each time, and nothing is undone.
#[tokio::test]
async fn scenario_14_two_handlers_alive() {
    let mut door = Door::of("take-payment").await;
    let stack = Stack::start_with(without_completer().bootstrap(door.bootstrap())).await;
    stack.no_webhooks().await;
    door.hold_one(Side::Before, &[PUT_ITEM, "captured"]);
    let accepted = stack.accepted(&Offer::of("36.00")).await;
    door.until_struck().await;
    stack.put("payments", &[Message::about(&accepted.id, "donation.accepted.v1")]).await;
    stack.until_status(&accepted, "captured", PATIENCE).await;
    until_settled(&stack, &accepted).await;
    let before = stack.stored(&accepted.id).await;
    let answers = door.land().await;
    assert!(!answers.is_empty());
    for (status, body) in answers {
        assert!(status == 400 && body.contains("ConditionalCheckFailedException"), "{status} {body}");
    }
    assert_eq!(stack.stored(&accepted.id).await, before);

    // The first handler's own message comes back once its time is up.
    stack.advance("1m").await;
    stack.until_queues_empty(PATIENCE).await;
    assert_eq!(stack.stored(&accepted.id).await, before);
    let charges = stack.charges_of(&accepted.id).await;
    assert_eq!(charges.iter().filter(|charge| charge["replayed"] == false).count(), 1, "{charges:?}");
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}

const BATCHES: usize = 100;
/// Of a donation's form, and nobody's.
const NOBODYS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Given batches of ten, in each of which one message can never succeed and another fails for now.
/// When each batch is handled as a whole.
/// Then the eight others are received once and done with, the one is parked with its reason, and the other alone comes
/// back, until its cause is gone.
#[tokio::test]
async fn scenario_15_poison_in_a_batch() {
    // A busy machine must not make messages come back that nothing is wrong with.
    let mut topology = topology::quick();
    topology["queues"]["ledger"]["visibility_timeout_seconds"] = json!(300);
    let stack = Stack::start_with(Options { topology, ..Options::default() }).await;
    let mut accepted = Vec::new();
    for _ in 0..9 {
        accepted.push(stack.accepted(&Offer::of("46.00")).await);
    }
    stack.until_settled(&accepted, PATIENCE).await;
    stack.until_queues_empty(PATIENCE).await;
    let failing = accepted.pop().unwrap();
    set_currency(&stack, &failing, "unreadable").await;
    let poison = [
        (Message::raw("payment.captured.v1", "not JSON"), "not a message of the expected type"),
        (Message::raw("payment.captured.v1", "{}"), "not a message of the expected type"),
        (Message::about(NOBODYS, "payment.minted.v1"), "not a message of the expected type"),
        (Message::about("Not An Id", "payment.captured.v1"), "donation_id is malformed"),
        (Message::about(NOBODYS, "payment.captured.v1"), "is not in the store"),
    ];
    let good = accepted.iter().map(|one| Message::about(&one.id, "payment.captured.v1"));
    let good: Vec<Message> = good.collect();
    let mut before = Vec::new();
    for one in &accepted {
        before.push(at_the_ledger(&stack, one).await);
    }
    let mut bad_ids = Vec::new();
    for batch in 0..BATCHES {
        let mut ten = good.clone();
        let place = batch % 9;
        ten.insert(place, poison[batch % poison.len()].0.clone());
        ten.insert((place + 3) % 10, Message::about(&failing.id, "payment.captured.v1"));
        let ids = stack.put("ledger", &ten).await;
        let poisoned = ten.iter().position(|one| one.body == poison[batch % poison.len()].0.body).unwrap();
        bad_ids.push(ids[poisoned].clone());
    }
    assert_eq!(in_flight_once_idle(&stack).await, BATCHES, "the failing ones are hidden, and no others");

    for (one, (received, deleted)) in accepted.iter().zip(before) {
        let (received_now, deleted_now) = at_the_ledger(&stack, one).await;
        let received_now = &received_now[received.len()..];
        let counts = (received_now.len(), deleted_now.len() - deleted.len());
        assert_eq!(counts, (BATCHES, BATCHES), "{}: {received_now:?}", one.id);
        assert!(received_now.iter().all(|detail| detail.ends_with("receive 1")), "{received_now:?}");
        stack.assert_captured_once(one).await;
    }
    let parked = stack.all("parked").await;
    assert_eq!(parked.len(), BATCHES);
    for (_, reason) in &poison {
        let of_reason = |one: &&Value| one["reason"].as_str().unwrap().contains(reason);
        assert!(parked.iter().filter(of_reason).count() >= BATCHES / poison.len(), "{reason}: {parked:?}");
    }
    for one in &parked {
        assert_eq!((&one["queue"], &one["receives"]), (&"ledger".into(), &0.into()), "{one}");
        assert!(!bad_ids.contains(&one["id"].as_str().unwrap().to_owned()), "a parked message is a new one");
    }
    set_currency(&stack, &failing, "GBP").await;
    stack.advance("301").await;
    stack.until_queues_empty(PATIENCE).await;
    let (received, deleted) = at_the_ledger(&stack, &failing).await;
    assert_eq!(received.iter().filter(|one| one.ends_with("receive 2")).count(), BATCHES);
    assert_eq!(deleted.len(), BATCHES + 1);
    stack.assert_captured_once(&failing).await;
}

/// Messages of the ledger's queue that are hidden, once for half a second nobody has been at work on any.
async fn in_flight_once_idle(stack: &Stack) -> usize {
    let mut quiet = 0;
    let look = async || {
        let (queues, functions) = (stack.local("queues").await, stack.local("functions").await);
        let named = |list: &Value, key: &str, name: &str| {
            list.as_array().unwrap().iter().find(|one| one[key] == name).unwrap().clone()
        };
        let (ledger, function) =
            (named(&queues, "queue", "ledger"), named(&functions, "function", "post-journal-entry"));
        let idle = ledger["visible"] == 0 && function["running"] == 0 && function["waiting"] == 0;
        quiet = if idle { quiet + 1 } else { 0 };
        (quiet > 5).then(|| usize::try_from(ledger["in_flight"].as_u64().unwrap()).unwrap())
    };
    stack.until("every message handled", 2 * PATIENCE, look).await
}

/// Makes a stored donation unreadable, or readable again.
async fn set_currency(stack: &Stack, accepted: &Accepted, currency: &str) {
    stack.tamper(&accepted.id, |item| item["currency"] = json!({ "S": currency })).await;
}

/// The ledger's receipts and deletions of a donation's messages, oldest first.
async fn at_the_ledger(stack: &Stack, accepted: &Accepted) -> (Vec<String>, Vec<String>) {
    let (mut received, mut deleted) =
        (happenings(stack, accepted, "sqs.received").await, happenings(stack, accepted, "sqs.deleted").await);
    received.retain(|detail| detail.starts_with("ledger "));
    deleted.retain(|detail| detail.starts_with("ledger "));
    (received, deleted)
}

/// Attributes that an announcement may have: raw delivery takes ten, and who adds too many is to be told before that.
const ATTRIBUTES_MAX: usize = 9;

/// Given a function that announces donations with nine attributes too many for raw delivery.
/// When the topic cannot deliver what it took.
/// Then the announcement lies among the dead letters and not in the queue, the completer settles the donation all the
/// same, and no announcement of ours has more than nine attributes.
#[tokio::test]
async fn scenario_18_raw_delivery_drop() {
    let mut door = Door::of_each(&["accept-donation", "take-payment", "resume-donations"]).await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    stack.no_webhooks().await;
    door.change(with_eleven_attributes, &["Action=Publish", "donation.accepted.v1", "app/accept-donation"]);
    let accepted = stack.accepted(&Offer::of("37.00")).await;
    stack
        .until("the announcement among the dead letters", PATIENCE, async || {
            (stack.dead_letters().await == 1).then_some(())
        })
        .await;
    assert!(happenings(&stack, &accepted, "sqs.received").await.is_empty(), "nobody was handed it");
    assert!(stack.requests_of(&accepted.id).await.is_empty());
    until_settled(&stack, &accepted).await;
    stack.assert_captured_once(&accepted).await;
    let (code, finding) = stack.proof(&[]).await;
    assert!(
        code == 1 && finding["differences"].to_string().contains("dead-letter queue of payments"),
        "{finding}"
    );
    let letter = stack.all("parked").await[0]["id"].as_str().unwrap().to_owned();
    let why = ["--by", "Ada Example", "--why", "the completer made up for it"];
    stack.parked_well(&[&["discard", &letter], &why[..]].concat()).await;
    stack.assert_proven(&[]).await;

    let published = door.seen(&["Action=Publish", "TopicArn", "donation_id"]);
    for kind in ["donation.accepted.v1", "payment.captured.v1"] {
        assert!(published.iter().any(|body| body.contains(kind)), "{kind}");
    }
    for body in published {
        let attributes = body.matches(".Name=").count();
        assert!((1..=ATTRIBUTES_MAX).contains(&attributes), "{attributes}: {body}");
    }
}

/// The form of a publication with attributes added until there are eleven.
pub(crate) fn with_eleven_attributes(form: &str) -> String {
    let added = (form.matches(".Name=").count() + 1..=11).map(|number| {
        let entry = format!("MessageAttributes.entry.{number}");
        format!("&{entry}.Name=a{number}&{entry}.Value.DataType=String&{entry}.Value.StringValue=v")
    });
    std::iter::once(form.to_owned()).chain(added).collect()
}
