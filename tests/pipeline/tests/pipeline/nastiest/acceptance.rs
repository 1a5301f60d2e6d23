//! A donation is accepted once, whatever happens on the way.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{ACCEPTANCE, PATIENCE, PUT_ITEM, until_settled};
use crate::stack::api::{Answer, send};
use crate::stack::door::{Door, Side};
use crate::stack::rules::Refusal;
use crate::stack::{Accepted, Offer, Options, Stack};

/// Given a write that makes the donation durable and whose answer is lost.
/// When the SDK sends it again by itself, and it fails on its own condition.
/// Then the donor is told of an accepted donation, and there is one.
#[tokio::test]
async fn scenario_11_accept_self_conflict() {
    let mut door = Door::of("accept-donation").await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    door.hold_once(Side::After, &[PUT_ITEM, ACCEPTANCE]);
    let offer = Offer::of("21.00");
    let answer = stack.offer(&offer).await;
    let told = (answer.status, answer.header("idempotent-replayed"));
    assert_eq!(told, (202, "true"), "{answer:?}\n{}", stack.tail());
    assert_eq!(stack.all("stored/donations").await.len(), 1);
    let accepted = stack.accepted(&offer).await;
    assert_eq!(answer.header("location"), accepted.status_url);
    door.open();
    until_settled(&stack, &accepted).await;
    stack.assert_captured_once(&accepted).await;
    stack.assert_proven(&[]).await;
}

/// Given a key that sixty-four requests carry at once with the same words, and one with another amount.
/// When all of them arrive together.
/// Then there is one donation: either the sixty-four all name it and the odd one is told that its key is taken, or the
/// other way round.
#[tokio::test]
async fn scenario_12_sixty_four_alike_and_one_that_differs() {
    let stack = Stack::start().await;
    let alike = Offer::of("25.00");
    let odd = alike.clone().with("/amount", json!("26.00"));
    let mut sending = JoinSet::new();
    for number in 0..65 {
        let is_odd = number == 32;
        let request = stack.offering(if is_odd { &odd } else { &alike });
        sending.spawn(async move { (is_odd, send(request).await) });
    }
    let (odd_ones, many): (Vec<_>, Vec<_>) =
        sending.join_all().await.into_iter().partition(|(is_odd, _)| *is_odd);
    let [(_, odd_one)] = &odd_ones[..] else { panic!("one differs") };
    let many: Vec<Answer> = many.into_iter().map(|(_, answer)| answer).collect();
    let (winner, loser, amount) = if odd_one.status == 202 {
        for answer in &many {
            answer.assert_problem(422, "key-reused", Some("Idempotency-Key"));
        }
        (odd, alike, 2_600)
    } else {
        odd_one.assert_problem(422, "key-reused", Some("Idempotency-Key"));
        let locations: BTreeSet<&str> = many.iter().map(|answer| answer.header("location")).collect();
        assert!(many.iter().all(|answer| answer.status == 202), "{many:?}\n{}", stack.tail());
        assert_eq!(locations.len(), 1, "{locations:?}");
        let first_ones = many.iter().filter(|answer| answer.header("idempotent-replayed") != "true").count();
        assert!(first_ones <= 1, "{first_ones} requests were told that they made the donation");
        (alike, odd, 2_500)
    };

    let accepted = stack.accepted(&winner).await;
    until_settled(&stack, &accepted).await;
    stack.assert_captured_once(&accepted).await;
    assert_eq!(stack.stored(&accepted.id).await["minor"], amount);
    assert_eq!(stack.all("stored/donations").await.len(), 1);
    assert_eq!(stack.all("payments").await.len(), 1);
    assert_eq!(stack.local("mails").await.as_array().unwrap().len(), 1);
    assert_eq!(stack.all("stored/entries").await.len(), 1);
    stack.offer(&loser).await.assert_problem(422, "key-reused", Some("Idempotency-Key"));
    let same_in_other_words = winner.with("/amount", json!((amount / 100).to_string()));
    assert_eq!(stack.accepted(&same_in_other_words).await.id, accepted.id);
    stack.assert_proven(&[]).await;
}

/// Given a topic that is away for two hours, and a function that dies between the write that makes a donation durable
/// and its announcement.
/// When nobody but the completer knows of either donation.
/// Then the one donor was told at once that the donation is accepted, the other finds it under the same key, and both
/// are taken up once the topic is back.
#[tokio::test]
async fn scenario_13_crash_before_the_announcement() {
    let mut door = Door::of_each(&["accept-donation", "resume-donations"]).await;
    let options = Options::default().bootstrap(door.bootstrap()).set("FIRST_CHECK_SECONDS", "600");
    let stack = Stack::start_with(options).await;
    stack.no_webhooks().await;
    door.hold(Side::After, &[PUT_ITEM, ACCEPTANCE]);
    let orphaned = Offer::of("34.00");
    let offering = tokio::spawn(send(stack.offering(&orphaned)));
    door.until_struck().await;
    stack.kill_function("accept-donation").await;
    let answer = offering.await.unwrap();
    assert!(answer.status >= 500, "who made it died, so the client is told nothing: {answer:?}");
    door.open();
    door.refuse(Refusal::TOPIC_AWAY, &["Action=Publish", "TopicArn"]);
    let unannounced = stack.accepted(&Offer::of("35.00")).await;
    assert_eq!(stack.all("stored/donations").await.len(), 2, "both are stored");

    stack.advance("2h").await;
    let refused = door.seen(&["Action=Publish", "donation.accepted.v1"]).len();
    stack
        .until("the completer to be refused twice", PATIENCE, async || {
            let now = door.seen(&["Action=Publish", "donation.accepted.v1"]).len();
            (now >= refused + 2).then_some(())
        })
        .await;
    let found = stack.accepted(&orphaned).await;
    let stored: Vec<Value> = stack.all("stored/donations").await;
    assert!(stored.len() == 2 && stored.iter().any(|one| one["id"] == *found.id), "{stored:?}");
    assert!(stack.all("payments").await.is_empty(), "nobody was told");

    door.open();
    for one in [&found, &unannounced] {
        until_settled(&stack, one).await;
        stack.assert_captured_once(one).await;
    }
    stack.assert_proven(&[]).await;
}

/// Writes a second that the table takes; a new one takes 4,000 in all.
const ACCEPTED_A_SECOND: u32 = 5;
const WRITTEN_A_SECOND: u32 = 60;
const OFFERS: usize = 40;
/// Most times that one donor's page sends its request.
const SENDS_MAX: usize = 40;

/// Given a table that is still as small as a new one is, and a crowd that gives at once.
/// When every write beyond what it takes is throttled, those of the index along with those of the table.
/// Then a donor is told to try again, or waits, or is told that the donation is accepted; and every one who was told so
/// is settled.
#[tokio::test]
async fn scenario_17_throttled_table_in_a_surge() {
    let writers =
        ["accept-donation", "take-payment", "post-journal-entry", "send-receipt", "resume-donations"];
    let mut door = Door::of_each(&writers).await;
    let stack = Stack::start_with(Options::default().bootstrap(door.bootstrap())).await;
    door.refuse_above(ACCEPTED_A_SECOND, Refusal::THROTTLED, &[PUT_ITEM, "owed_shard", ACCEPTANCE]);
    door.refuse_above(
        WRITTEN_A_SECOND,
        Refusal::THROTTLED,
        &[PUT_ITEM, "owed_shard", "!attribute_not_exists"],
    );
    let mut sending = JoinSet::new();
    for _ in 0..OFFERS {
        let offer = Offer::of("7.00");
        let sends: Vec<_> = (0..SENDS_MAX).map(|_| stack.offering(&offer)).collect();
        sending.spawn(until_accepted(offer.key, sends));
    }
    let (mut accepted, mut lines, mut turned_away) = (Vec::new(), Vec::new(), 0);
    for (key, answer, refusals) in sending.join_all().await {
        let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
        let one = Accepted { id: text("donation_id"), status_url: text("status_url") };
        let line = json!({
            "key": key, "status": 202, "donation_id": one.id, "latency_us": 1, "sends": refusals + 1,
        });
        lines.push(line.to_string());
        accepted.push(one);
        turned_away += refusals;
    }
    let stored: BTreeSet<String> = stack
        .all("stored/donations")
        .await
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(stored, accepted.iter().map(|one| one.id.clone()).collect(), "accepted is stored");
    assert!(turned_away > 0, "the table was too small for the crowd");
    let history = stack.folder().join("history.jsonl");
    std::fs::write(&history, lines.join("\n")).unwrap();
    door.open();
    settle_at_last(&stack, &accepted).await;
    stack.reconcile().await;
    let counts = stack.assert_proven(&["--history", history.to_str().unwrap()]).await;
    assert_eq!((&counts["accepted"], &counts["captured"]), (&json!(OFFERS), &json!(OFFERS)), "{counts}");
}

/// Messages whose writes were throttled come back once their time is up, and receipts whose claims nobody has ended are
/// called ambiguous: on a busy machine some of that takes more than one round.
async fn settle_at_last(stack: &Stack, accepted: &[Accepted]) {
    for _round in 0..6 {
        stack.advance("5m").await;
        for _look in 0..40 {
            let owed = stack.all("stored/owed").await;
            if !accepted.iter().any(|one| owed.contains(&one.id.as_str().into())) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
    stack.until_settled(accepted, PATIENCE).await;
}

/// Sends the same request until it is accepted, as long after each refusal as that asks for. Gives the answer, and how
/// many refusals there were.
async fn until_accepted(key: String, sends: Vec<reqwest::RequestBuilder>) -> (String, Answer, usize) {
    for (refusals, request) in sends.into_iter().enumerate() {
        let answer = send(request).await;
        if answer.status == 202 {
            return (key, answer, refusals);
        }
        answer.assert_problem(503, "try-again", None);
        let wait: u64 = answer.header("retry-after").parse().unwrap();
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
    panic!("{key} was refused {SENDS_MAX} times");
}
