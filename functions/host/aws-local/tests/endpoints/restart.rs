//! Starting again on the same folder, after a stop in good order and after none.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sesv2::{
    primitives::Blob,
    types::{EmailContent, RawMessage},
};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as System};

use crate::setup::{Clients, Stack, start_again};

async fn send(clients: &Clients, body: &str) {
    let send = clients.sqs.send_message().queue_url(clients.queue_url("payments")).message_body(body);
    send.send().await.unwrap();
}

async fn receive(clients: &Clients, visibility_seconds: i32) -> Vec<Message> {
    let receive = clients.sqs.receive_message().queue_url(clients.queue_url("payments"));
    let receive = receive.visibility_timeout(visibility_seconds).max_number_of_messages(10);
    receive.message_system_attribute_names(System::All).send().await.unwrap().messages.unwrap_or_default()
}

fn receives(message: &Message) -> &str {
    message.attributes().unwrap()[&System::ApproximateReceiveCount].as_str()
}

/// One of everything that is kept.
async fn fill(clients: &Clients) {
    send(clients, "kept").await;
    let item = clients.dynamodb.put_item().table_name("donations");
    item.item("id", AttributeValue::S("d1".to_owned())).send().await.unwrap();
    let object = clients.s3.put_object().bucket("exports").key("a.csv").body(ByteStream::from_static(b"a,b"));
    object.send().await.unwrap();
    let text = "From: receipts@charity.example\r\nTo: ada@example.org\r\nSubject: Thanks\r\n\r\nx\r\n";
    let raw = RawMessage::builder().data(Blob::new(text)).build().unwrap();
    clients.ses.send_email().content(EmailContent::builder().raw(raw).build()).send().await.unwrap();
}

async fn check(clients: &Clients, aws: &aws_local::AwsLocal) {
    let id = AttributeValue::S("d1".to_owned());
    let item = clients.dynamodb.get_item().table_name("donations").key("id", id).send().await.unwrap().item;
    assert!(item.is_some());
    let object = clients.s3.get_object().bucket("exports").key("a.csv").send().await.unwrap();
    assert_eq!(object.body.collect().await.unwrap().to_vec(), b"a,b");
    let mails = aws.mails().unwrap();
    assert_eq!(mails[0].subject, "Thanks");
    assert!(mails[0].path.is_file());
    assert_eq!(receive(clients, 0).await[0].body(), Some("kept"));
}

#[tokio::test]
async fn everything_is_there_after_a_stop() {
    let stack = Stack::start().await;
    fill(&stack.clients).await;
    let stack = stack.restart().await;
    check(&stack.clients, &stack.aws).await;
}

#[tokio::test]
async fn everything_is_there_after_a_drop_without_a_stop() {
    let Stack { aws, clients, data } = Stack::start().await;
    fill(&clients).await;
    drop(aws);
    let aws = start_again(data.path()).await;
    check(&Clients::of(aws.endpoint_url(), aws.s3_endpoint_url()), &aws).await;
}

#[tokio::test]
async fn a_message_in_flight_stays_hidden_and_its_receipt_still_deletes() {
    let stack = Stack::start().await;
    send(&stack.clients, "a").await;
    let handle = receive(&stack.clients, 600).await.remove(0).receipt_handle;
    let stack = stack.restart().await;
    assert!(receive(&stack.clients, 0).await.is_empty());
    let delete = stack.clients.sqs.delete_message().queue_url(stack.clients.queue_url("payments"));
    delete.set_receipt_handle(handle).send().await.unwrap();
    let depths = stack.aws.queues().depths();
    assert!(depths.iter().all(|row| row.depth == aws_local::Depth::default()), "{depths:?}");
}

#[tokio::test]
async fn receives_are_counted_on_so_that_poison_reaches_the_dead_letters() {
    let mut stack = Stack::start().await;
    send(&stack.clients, "poison").await;
    for count in 1..=5 {
        assert_eq!(receives(&receive(&stack.clients, 0).await[0]), count.to_string());
        stack = stack.restart().await;
    }
    assert!(receive(&stack.clients, 0).await.is_empty());
    let letters = stack.aws.queues().receive("payments-dead-letters", 1, Duration::ZERO).await.unwrap();
    assert_eq!(letters[0].message.body, "poison");
}

#[tokio::test]
async fn an_e_mail_half_written_in_a_crash_is_put_right() {
    let Stack { aws, clients, data } = Stack::start().await;
    fill(&clients).await;
    let mail = aws.mails().unwrap().remove(0);
    aws.stop().await;
    // Accepted, but killed before it had its name; and written, but killed before it was accepted.
    let part = mail.path.with_extension("eml.part");
    std::fs::rename(&mail.path, &part).unwrap();
    let stray = data.path().join("mail/never-accepted.eml.part");
    std::fs::write(&stray, "From: half").unwrap();
    let aws = start_again(data.path()).await;
    assert!(aws.mails().unwrap()[0].path.is_file());
    assert!(!part.exists() && !stray.exists());
}
