//! A disk that runs full: what cannot be kept is an error, and nothing of it is there.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sesv2::{
    primitives::Blob,
    types::{EmailContent, RawMessage},
};

use crate::{
    process::Process,
    setup::{Clients, code, start_again},
};

const LIMIT_KIB: u32 = 2048;
const PART: usize = 100_000;
/// More than fits.
const TRIES: usize = 60;

fn body(number: usize) -> String {
    format!("{number:06}{}", "x".repeat(PART))
}

async fn visible(clients: &Clients) -> String {
    use aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages as Visible;
    let asked = clients.sqs.get_queue_attributes().queue_url(clients.queue_url("notifications"));
    let attributes = asked.attribute_names(Visible).send().await.unwrap().attributes.unwrap();
    attributes[&Visible].clone()
}

#[tokio::test]
async fn a_message_that_finds_no_room_is_an_error_and_those_before_it_stay() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start_bounded(data.path(), LIMIT_KIB);
    let mut accepted = BTreeSet::new();
    let mut failures = 0;
    for number in 0..TRIES {
        let send = process.clients.sqs.send_message().queue_url(process.clients.queue_url("notifications"));
        match send.message_body(body(number)).send().await {
            Ok(_) => assert!(accepted.insert(body(number))),
            Err(error) => {
                assert_eq!(code(&error), "InternalFailure");
                assert_eq!(error.raw_response().unwrap().status().as_u16(), 500, "the caller may try again");
                failures += 1;
            }
        }
    }
    assert!(accepted.len() > 5 && failures > 5, "{} accepted, {failures} failed", accepted.len());
    assert_eq!(visible(&process.clients).await, accepted.len().to_string());
    process.kill();
    let aws = start_again(data.path()).await;
    let mut kept = BTreeSet::new();
    loop {
        let received = aws.queues().receive("notifications", 10, Duration::ZERO).await.unwrap();
        if received.is_empty() {
            break;
        }
        kept.extend(received.into_iter().map(|message| message.message.body.clone()));
    }
    assert!(kept == accepted, "{} kept, {} accepted", kept.len(), accepted.len());
}

#[tokio::test]
async fn an_item_that_finds_no_room_is_an_error_and_is_not_there() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start_bounded(data.path(), LIMIT_KIB);
    let mut accepted = BTreeSet::new();
    for number in 0..TRIES {
        let put = process.clients.dynamodb.put_item().table_name("donations");
        let put = put.item("id", AttributeValue::S(number.to_string()));
        match put.item("note", AttributeValue::S(body(number))).send().await {
            Ok(_) => assert!(accepted.insert(number)),
            Err(error) => assert_eq!(error.raw_response().unwrap().status().as_u16(), 500, "{error:?}"),
        }
    }
    assert!(accepted.len() > 5 && accepted.len() < TRIES - 5, "{}", accepted.len());
    let there = async |clients: &Clients| {
        let mut there = BTreeSet::new();
        for number in 0..TRIES {
            let key = AttributeValue::S(number.to_string());
            let item = clients.dynamodb.get_item().table_name("donations").key("id", key).send().await;
            there.extend(item.unwrap().item.map(|_| number));
        }
        there
    };
    assert_eq!(there(&process.clients).await, accepted);
    process.kill();
    let aws = start_again(data.path()).await;
    assert_eq!(there(&Clients::of(aws.endpoint_url(), aws.s3_endpoint_url())).await, accepted);
}

#[tokio::test]
async fn an_e_mail_or_object_that_finds_no_room_is_an_error_and_leaves_no_trace() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start_bounded(data.path(), LIMIT_KIB);
    let Clients { ses, s3, .. } = &process.clients;
    let long = "x".repeat(3 * 1024 * 1024);
    let text = format!("From: receipts@charity.example\r\nTo: ada@example.org\r\n\r\n{long}\r\n");
    let raw = RawMessage::builder().data(Blob::new(text)).build().unwrap();
    let mail = ses.send_email().content(EmailContent::builder().raw(raw).build()).send().await.unwrap_err();
    assert_eq!(mail.raw_response().unwrap().status().as_u16(), 500, "{mail:?}");
    assert_eq!(std::fs::read_dir(data.path().join("mail")).unwrap().count(), 0);
    let put = |body: Vec<u8>| {
        s3.put_object().bucket("exports").key("ledger.csv").body(ByteStream::from(body)).send()
    };
    let get = || s3.get_object().bucket("exports").key("ledger.csv").send();
    put(long.clone().into_bytes()).await.unwrap_err();
    assert_eq!(code(&get().await.unwrap_err()), "NoSuchKey");
    put(b"short".to_vec()).await.unwrap();
    put(long.into_bytes()).await.unwrap_err();
    let kept = get().await.unwrap().body.collect().await.unwrap().to_vec();
    assert_eq!(kept, b"short", "what was there stays");
}
