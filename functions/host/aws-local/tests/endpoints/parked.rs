//! Dead letters in a person's hands: each deed and its account are there together, or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_local::{AwsLocal, Clock, DeadLetter, Deed, Note, Return, Settings};

use crate::setup::{Clients, Stack, settings, start_again};

const QUEUE: &str = "ledger";
const LETTERS: &str = "ledger-dead-letters";

async fn park(clients: &Clients, body: &str) -> String {
    let send = clients.sqs.send_message().queue_url(clients.queue_url(LETTERS)).message_body(body);
    send.send().await.unwrap().message_id().unwrap().to_owned()
}

fn letters(aws: &AwsLocal) -> Vec<DeadLetter> {
    aws.queues().dead_letters(QUEUE).unwrap()
}

fn note(why: &str) -> Note {
    Note { by: "Ada Example".to_owned(), why: why.to_owned(), reason: "of the tests".to_owned() }
}

fn back(id: &str) -> Return {
    Return { id: id.to_owned(), attributes: [].into(), note: note("mended") }
}

#[tokio::test]
async fn deeds_and_their_account_outlive_an_end_without_a_stop() {
    let Stack { aws, clients, data } = Stack::start().await;
    let (edited, discarded) = (park(&clients, "bad").await, park(&clients, "worse").await);
    let queues = aws.queues();
    queues.edit_dead_letter(QUEUE, &edited, "good".to_owned(), [].into(), note("a slip")).await.unwrap();
    let sent = queues.return_dead_letters(QUEUE, vec![back(&edited)]).await.unwrap();
    let new_id = sent[0].1.clone().unwrap();
    queues.discard_dead_letter(QUEUE, &discarded, note("nobody's")).await.unwrap();
    drop(aws);

    let aws = start_again(data.path()).await;
    assert!(letters(&aws).is_empty());
    let back = aws.queues().receive(QUEUE, 10, std::time::Duration::ZERO).await.unwrap();
    assert_eq!(
        (back.len(), back[0].message.id.as_str(), back[0].message.body.as_str()),
        (1, &*new_id, "good")
    );
    let rows = aws.parked_audit(0, 100).unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.deed, row.before.as_str(), row.after.as_deref())).collect();
    let expected = [
        (Deed::Edited, "bad", Some("good")),
        (Deed::Replayed, "good", None),
        (Deed::Discarded, "worse", None),
    ];
    assert_eq!(told, expected);
    assert_eq!(rows[0].note, note("a slip"));
    assert_eq!(aws.parked_audit(rows[1].number, 1).unwrap(), rows[2..]);
    assert_eq!(aws.parked_history(&new_id).unwrap(), rows[..2], "by the id that it has now");
}

#[tokio::test]
async fn of_two_who_send_the_same_message_back_one_does() {
    let Stack { aws, clients, data: _data } = Stack::start().await;
    let id = park(&clients, "x").await;
    let queues = aws.queues();
    let (first, second) = tokio::join!(
        queues.return_dead_letters(QUEUE, vec![back(&id), back("nobody")]),
        queues.return_dead_letters(QUEUE, vec![back(&id)]),
    );
    let sent = [first.unwrap(), second.unwrap()].concat();
    assert_eq!(sent.iter().filter(|(_, new_id)| new_id.is_some()).count(), 1, "{sent:?}");
    assert_eq!(aws.parked_audit(0, 100).unwrap().len(), 1);
}

#[tokio::test]
async fn what_sqs_would_not_carry_is_refused_and_nothing_is_written() {
    let Stack { aws, clients, data: _data } = Stack::start().await;
    let id = park(&clients, "x").await;
    let before = letters(&aws);
    let queues = aws.queues();
    for body in ["", "a \u{0} byte"] {
        queues.edit_dead_letter(QUEUE, &id, body.to_owned(), [].into(), note("")).await.unwrap_err();
    }
    let many = (0..11).map(|n| (format!("n{n}"), queue_model::Attribute::text("x"))).collect();
    let too_many = Return { attributes: many, ..back(&id) };
    queues.return_dead_letters(QUEUE, vec![too_many]).await.unwrap_err();
    queues.return_dead_letters("no-such-queue", vec![back(&id)]).await.unwrap_err();
    assert_eq!(letters(&aws), before);
    assert!(aws.parked_audit(0, 100).unwrap().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_moved_ends_waits_and_retention() {
    let data = tempfile::tempdir().unwrap();
    let now_ms = Arc::new(AtomicU64::new(1_795_204_800_000));
    let read = Arc::clone(&now_ms);
    let clock = Clock::from_fn(move || read.load(Ordering::SeqCst));
    let aws = aws_local::start(Settings { clock, ..settings(data.path()) }).await.unwrap();
    let clients = Clients::of(aws.endpoint_url(), aws.s3_endpoint_url());
    park(&clients, "x").await;
    let hold = || aws.queues().receive(LETTERS, 1, std::time::Duration::ZERO);
    assert_eq!(hold().await.unwrap().len(), 1);
    assert!(letters(&aws)[0].held && hold().await.unwrap().is_empty());
    now_ms.fetch_add(120_000, Ordering::SeqCst);
    assert!(!letters(&aws)[0].held);
    assert_eq!(hold().await.unwrap()[0].receives, 2);
    now_ms.fetch_add(14 * 86_400_000, Ordering::SeqCst);
    assert!(letters(&aws).is_empty());
    assert!(hold().await.unwrap().is_empty());
}
