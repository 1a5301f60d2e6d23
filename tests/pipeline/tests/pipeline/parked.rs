//! `outpour parked`: what lies in the dead-letter queues, mended and sent back under audit.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stack::command::Ended;
use crate::stack::parked::Message;
use crate::stack::{Offer, Options, Stack, topology};

const PATIENCE: Duration = Duration::from_secs(90);
/// Of a donation's form, and nobody's.
const NOBODYS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
const BY: [&str; 2] = ["--by", "Ada Example"];

#[tokio::test]
async fn a_parked_message_is_shown_mended_and_sent_back_and_the_account_outlives_a_crash() {
    let mut stack = Stack::start().await;
    let accepted = stack.accepted(&Offer::of("47.00")).await;
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    let bad = Message::about(NOBODYS, "payment.captured.v1");
    stack.put("ledger", std::slice::from_ref(&bad)).await;
    let id = until_parked(&stack, 1).await.remove(0);
    let listed = stack.parked_well(&["list", "ledger"]).await;
    for word in [id.as_str(), "ledger", "payment.captured.v1", "is not in the store"] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    assert!(stack.parked_well(&["list", "payments"]).await.contains("no message is parked"));

    refuses_bad_edits(&stack, &id).await;
    let good = Message::about(&accepted.id, "payment.captured.v1").body;
    let edited = edit(&stack, &id, &good, &["--why", "the id was mistyped"]).await;
    assert_eq!(edited.code, Some(0), "{edited:?}");
    let dry = stack
        .parked_well(&[&["replay", "--reason", "NOT IN THE STORE", "--dry-run"], &BY[..]].concat())
        .await;
    assert!(dry.contains(&id) && dry.contains("1 messages would be sent back"), "{dry}");
    assert_eq!(stack.dead_letters().await, 1);
    let shown = stack.parked_well(&["show", &id]).await;
    for word in [&good, &bad.body, &accepted.id, "timeline", "the id was mistyped", "Ada Example"] {
        assert!(shown.contains(word.trim()), "{word}: {shown}");
    }

    stack.parked_well(&[&["replay", &id], &BY[..]].concat()).await;
    stack.until_queues_empty(PATIENCE).await;
    assert_eq!(stack.dead_letters().await, 0);
    stack.assert_captured_once(&accepted).await;
    let again = stack.parked(&[&["replay", &id], &BY[..]].concat()).await;
    assert!(again.code == Some(1) && again.err.contains("no parked message"), "{again:?}");
    let timeline = stack.local(&format!("donations/{}/timeline", accepted.id)).await;
    assert!(timeline.to_string().contains("parked.replayed"), "{timeline}");

    let audit = stack.parked_well(&["audit"]).await;
    assert!(audit.contains("edited") && audit.contains("replayed") && audit.contains(&bad.body), "{audit}");
    stack.kill_all().await;
    stack.start_again().await;
    assert_eq!(stack.parked_well(&["audit"]).await, audit);
    stack.assert_proven(&[]).await;
}

/// Edits that are refused with the field named, after each of which the message is as it was.
async fn refuses_bad_edits(stack: &Stack, id: &str) {
    let before = stack.local(&format!("parked/{id}")).await;
    let good: Value = serde_json::from_str(before["body"].as_str().unwrap()).unwrap();
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string()
    };
    let why: &[&str] = &["--why", "to see it refused"];
    for (body, more, field) in [
        ("not JSON".to_owned(), why, "body: must be JSON"),
        (with("type", json!("payment.minted.v1")), why, "/type"),
        // An event of another queue.
        (with("type", json!("donation.accepted.v1")), why, "/type"),
        (with("donation_id", json!("Ada")), why, "/donation_id"),
        (with("donor", json!({ "email": "ada@example.org" })), why, "/donor"),
        (with("donation_id", good["donation_id"].clone()), &["--why", " "], "why"),
    ] {
        let refused = edit(stack, id, &body, more).await;
        assert_eq!(refused.code, Some(1), "{body}: {refused:?}");
        assert!(refused.err.contains(field) && !refused.err.contains("ada@"), "{field}: {refused:?}");
    }
    assert_eq!(stack.local(&format!("parked/{id}")).await, before);
    assert!(stack.all("parked/audit").await.is_empty());
}

async fn edit(stack: &Stack, id: &str, body: &str, more: &[&str]) -> Ended {
    let file = stack.folder().join("body.json");
    std::fs::write(&file, format!("{body}\n")).unwrap();
    stack.parked(&[&["edit", id, "--body", file.to_str().unwrap()], &BY[..], more].concat()).await
}

#[tokio::test]
async fn a_message_that_failed_too_often_says_so_and_goes_through_once_the_cause_is_gone() {
    // The function is given less time than it asks for before it begins a message.
    let mut topology = topology::quick();
    topology["functions"]["post-journal-entry"]["timeout_seconds"] = json!(2);
    topology["queues"]["ledger"]["visibility_timeout_seconds"] = json!(2);
    topology["queues"]["ledger"]["receive_count_max"] = json!(2);
    let options = Options { topology, ..Options::default() };
    let mut stack = Stack::start_with(options).await;
    let accepted = stack.accepted(&Offer::of("48.00")).await;
    until_parked(&stack, 1).await;
    let listed = stack.parked_well(&["list"]).await;
    assert!(listed.contains("received 2 times without success"), "{listed}");
    assert!(stack.entries_of(&accepted.id).await.is_empty());

    stack.stop().await;
    stack.options.topology = topology::quick();
    stack.start_again().await;
    let sent_back = stack.parked_well(&[&["replay", "--all", "ledger"], &BY[..]].concat()).await;
    assert!(sent_back.contains("sent back to ledger"), "{sent_back}");
    stack.until_settled(std::slice::from_ref(&accepted), PATIENCE).await;
    stack.until_queues_empty(PATIENCE).await;
    stack.assert_captured_once(&accepted).await;
    assert_eq!(stack.dead_letters().await, 0);
    stack.assert_proven(&[]).await;
}

#[tokio::test]
async fn a_message_is_thrown_away_only_with_a_name_and_a_reason_and_its_body_is_kept() {
    let stack = Stack::start().await;
    stack.put("receipts", &[Message::raw("payment.captured.v1", "a stray sheet")]).await;
    let id = until_parked(&stack, 1).await.remove(0);
    for missing in [&["--by", "Ada Example"][..], &["--why", "stray"]] {
        let refused = stack.parked(&[&["discard", &id], missing].concat()).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
    }
    for empty in [["--by", "", "--why", "stray"], ["--by", "Ada", "--why", " "]] {
        let refused = stack.parked(&[&["discard", &id], &empty[..]].concat()).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    assert_eq!(stack.dead_letters().await, 1);
    stack.parked_well(&[&["discard", &id, "--why", "stray"], &BY[..]].concat()).await;
    assert_eq!(stack.dead_letters().await, 0);
    let rows = stack.all("parked/audit").await;
    assert_eq!(
        (rows.len(), &rows[0]["before"], &rows[0]["why"]),
        (1, &"a stray sheet".into(), &"stray".into())
    );
}

#[tokio::test]
async fn a_plain_redrive_is_accounted_for_too() {
    let stack = Stack::start().await;
    stack.put("ledger", &[Message::about(NOBODYS, "payment.captured.v1")]).await;
    let first = until_parked(&stack, 1).await.remove(0);
    let redriven = stack.run_command(&["redrive", "ledger"]).await;
    assert!(redriven.code == Some(0) && redriven.out.contains("1 messages"), "{redriven:?}");
    stack
        .until("parked again", PATIENCE, async || {
            stack.all("parked").await.iter().any(|one| one["id"] != first.as_str()).then_some(())
        })
        .await;
    let rows = stack.all("parked/audit").await;
    assert_eq!((rows.len(), &rows[0]["by"]), (1, &"outpour redrive".into()), "{rows:?}");
    let unknown = stack.run_command(&["redrive", "no-such-queue"]).await;
    assert!(unknown.code == Some(1) && unknown.err.contains("the queues are"), "{unknown:?}");
}

/// Waits until so many messages are parked, and gives their ids.
async fn until_parked(stack: &Stack, count: usize) -> Vec<String> {
    stack
        .until("parked messages", PATIENCE, async || {
            let parked = stack.all("parked").await;
            let ids = parked.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
            (parked.len() >= count).then_some(ids)
        })
        .await
}
