//! SIGKILL in the middle of the work: whatever was answered is there afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use aws_local::AwsLocal;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sesv2::{
    primitives::Blob,
    types::{EmailContent, RawMessage},
};
use aws_sdk_sns::types::MessageAttributeValue;
use tokio::task::JoinSet;

use crate::{
    process::Process,
    setup::{Clients, TOPIC, start_again},
};

const WRITERS: usize = 8;
/// Answers to wait for before the process is killed.
const ANSWERS: usize = 200;

/// What the endpoints have answered with success.
#[derive(Default)]
struct Answered {
    published: Mutex<BTreeSet<String>>,
    items: Mutex<BTreeSet<String>>,
    mails: Mutex<BTreeSet<String>>,
    count: AtomicUsize,
    killed: AtomicBool,
}

async fn publish(clients: &Clients, name: &str) -> Result<(), String> {
    let kind = MessageAttributeValue::builder().data_type("String").string_value("payment.captured.v1");
    let publish = clients.sns.publish().topic_arn(TOPIC).message(name);
    let publish = publish.message_attributes("type", kind.build().unwrap());
    publish.send().await.map(drop).map_err(|error| format!("{error:?}"))
}

async fn put(clients: &Clients, name: &str) -> Result<(), String> {
    let put = clients.dynamodb.put_item().table_name("donations");
    let put = put.item("id", AttributeValue::S(name.to_owned()));
    put.send().await.map(drop).map_err(|error| format!("{error:?}"))
}

async fn mail(clients: &Clients, name: &str) -> Result<String, String> {
    let text =
        format!("From: receipts@charity.example\r\nTo: ada@example.org\r\nSubject: {name}\r\n\r\nThanks\r\n");
    let raw = RawMessage::builder().data(Blob::new(text)).build().unwrap();
    let send = clients.ses.send_email().content(EmailContent::builder().raw(raw).build());
    send.send().await.map(|sent| sent.message_id.unwrap()).map_err(|error| format!("{error:?}"))
}

/// Writes until the process is gone, and notes what was answered.
async fn write(clients: Clients, writer: usize, answered: Arc<Answered>) {
    for number in 0.. {
        let name = format!("w{writer}-{number}");
        let outcome = match number % 3 {
            0 => publish(&clients, &name).await.map(|()| answered.published.lock().unwrap().insert(name)),
            1 => put(&clients, &name).await.map(|()| answered.items.lock().unwrap().insert(name)),
            _ => mail(&clients, &name).await.map(|id| answered.mails.lock().unwrap().insert(id)),
        };
        match outcome {
            Ok(_) => answered.count.fetch_add(1, SeqCst),
            Err(_) if answered.killed.load(SeqCst) => return,
            Err(error) => panic!("{error}"),
        };
    }
}

/// Bodies in a queue and how often each is there.
async fn drain(aws: &AwsLocal, queue: &str) -> BTreeMap<String, usize> {
    let mut bodies = BTreeMap::new();
    loop {
        let received = aws.queues().receive(queue, 10, Duration::ZERO).await.unwrap();
        if received.is_empty() {
            return bodies;
        }
        for message in received {
            *bodies.entry(message.message.body.clone()).or_default() += 1;
        }
    }
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_had_answered() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path());
    let answered = Arc::new(Answered::default());
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(process.clients.clone(), writer, Arc::clone(&answered)));
    }
    while answered.count.load(SeqCst) < ANSWERS {
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!(writers.len(), WRITERS);
    }
    answered.killed.store(true, SeqCst);
    process.kill();
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    let aws = start_again(data.path()).await;
    let (ledger, receipts) = (drain(&aws, "ledger").await, drain(&aws, "receipts").await);
    assert_eq!(ledger, receipts, "a publication reaches both of its queues or none");
    assert!(ledger.values().all(|copies| *copies == 1));
    let published = answered.published.lock().unwrap().clone();
    assert!(published.len() > ANSWERS / 6, "{}", published.len());
    assert!(published.iter().all(|name| ledger.contains_key(name)), "a publication is lost");
    let clients = Clients::of(aws.endpoint_url(), aws.s3_endpoint_url());
    let items = answered.items.lock().unwrap().clone();
    for name in &items {
        let get =
            clients.dynamodb.get_item().table_name("donations").key("id", AttributeValue::S(name.clone()));
        assert!(get.send().await.unwrap().item.is_some(), "{name} is lost");
    }
    let listed: BTreeSet<String> = aws.mails().unwrap().into_iter().map(|mail| mail.message_id).collect();
    let mails = answered.mails.lock().unwrap().clone();
    assert!(mails.is_subset(&listed), "an e-mail is lost");
    let files = std::fs::read_dir(data.path().join("mail")).unwrap();
    let files: BTreeSet<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap().replace(".eml", "")).collect();
    assert_eq!(files, listed, "the list of e-mails and the folder agree");
}

#[tokio::test]
async fn a_process_killed_again_and_again_gives_no_id_twice() {
    let data = tempfile::tempdir().unwrap();
    let mut ids = BTreeSet::new();
    for round in 0..5 {
        let process = Process::start(data.path());
        for number in 0..20 {
            let message = process.clients.sqs.send_message().message_body(format!("{round}-{number}"));
            let message = message.queue_url(process.clients.queue_url("notifications"));
            let id = message.send().await.unwrap().message_id.unwrap();
            assert!(ids.insert(id), "an id was given twice");
        }
        process.kill();
    }
    let aws = start_again(data.path()).await;
    assert_eq!(drain(&aws, "notifications").await.len(), 100);
}
