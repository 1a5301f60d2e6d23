//! SQS: sending, receiving, hiding and deleting.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, MessageSystemAttributeName as System, MessageSystemAttributeNameForSends,
    MessageSystemAttributeValue, QueueAttributeName as Of, SendMessageBatchRequestEntry,
    SendMessageBatchResultEntry,
};

use crate::setup::{Clients, Stack, code};

const QUEUE: &str = "notifications";

async fn send(clients: &Clients, body: &str) {
    clients.sqs.send_message().queue_url(clients.queue_url(QUEUE)).message_body(body).send().await.unwrap();
}

async fn receive(clients: &Clients, wait: i32) -> Vec<Message> {
    let receive =
        clients.sqs.receive_message().queue_url(clients.queue_url(QUEUE)).max_number_of_messages(10);
    let receive = receive.message_attribute_names("All").message_system_attribute_names(System::All);
    receive.wait_time_seconds(wait).send().await.unwrap().messages.unwrap_or_default()
}

#[tokio::test]
async fn a_message_arrives_with_its_digests_and_attributes_and_is_gone_once_deleted() {
    let stack = Stack::start().await;
    let url = stack.clients.queue_url(QUEUE);
    let kind = MessageAttributeValue::builder().data_type("String").string_value("webhook.received.v1");
    let trace =
        MessageSystemAttributeValue::builder().data_type("String").string_value("Root=1-5759e988-bd862e3f");
    let outgoing = stack.clients.sqs.send_message().queue_url(&url).message_body("This is a test");
    let outgoing = outgoing.message_attributes("type", kind.build().unwrap());
    let outgoing = outgoing.message_system_attributes(
        MessageSystemAttributeNameForSends::AwsTraceHeader,
        trace.build().unwrap(),
    );
    let sent = outgoing.send().await.unwrap();
    let message = receive(&stack.clients, 0).await.remove(0);
    assert_eq!(message.message_id, sent.message_id);
    assert_eq!(message.body(), Some("This is a test"));
    // md5sum of the text.
    assert_eq!(message.md5_of_body(), Some("ce114e4501d2f4e2dcea3e17b546f339"));
    assert_eq!(message.md5_of_message_attributes, sent.md5_of_message_attributes);
    assert!(sent.md5_of_message_attributes.is_some());
    let system = message.attributes.clone().unwrap();
    assert_eq!(system[&System::ApproximateReceiveCount], "1");
    assert_eq!(system[&System::AwsTraceHeader], "Root=1-5759e988-bd862e3f");
    assert!(system.contains_key(&System::SentTimestamp) && system.contains_key(&System::SenderId));
    assert!(receive(&stack.clients, 0).await.is_empty(), "it is hidden");
    let delete = stack.clients.sqs.delete_message().queue_url(&url);
    delete.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
    let asked = stack.clients.sqs.get_queue_attributes().queue_url(&url).attribute_names(Of::All);
    let attributes = asked.send().await.unwrap().attributes.unwrap();
    assert_eq!(attributes[&Of::ApproximateNumberOfMessages], "0");
    assert_eq!(attributes[&Of::ApproximateNumberOfMessagesNotVisible], "0");
    assert_eq!(attributes[&Of::VisibilityTimeout], "180");
}

#[tokio::test]
async fn a_long_poll_is_answered_as_soon_as_a_message_arrives() {
    let stack = Stack::start().await;
    let started = Instant::now();
    let poll = receive(&stack.clients, 20);
    let late = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        send(&stack.clients, "x").await;
    };
    let (messages, ()) = tokio::join!(poll, late);
    assert_eq!(messages.len(), 1);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_receiver_that_hangs_up_takes_no_message_with_it() {
    let stack = Stack::start().await;
    let clients = stack.clients.clone();
    let gone = tokio::spawn(async move { receive(&clients, 20).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    tokio::time::sleep(Duration::from_millis(200)).await;
    send(&stack.clients, "x").await;
    assert_eq!(receive(&stack.clients, 1).await.len(), 1);
}

#[tokio::test]
async fn a_message_is_hidden_for_as_long_as_its_receiver_says() {
    let stack = Stack::start().await;
    send(&stack.clients, "x").await;
    let first = receive(&stack.clients, 0).await.remove(0);
    let hide = |handle: Option<String>, seconds| {
        let change = stack.clients.sqs.change_message_visibility().queue_url(stack.clients.queue_url(QUEUE));
        change.set_receipt_handle(handle).visibility_timeout(seconds).send()
    };
    hide(first.receipt_handle.clone(), 1).await.unwrap();
    let started = Instant::now();
    let second = receive(&stack.clients, 10).await.remove(0);
    assert!(started.elapsed() >= Duration::from_millis(700), "{:?}", started.elapsed());
    assert_eq!(second.attributes.unwrap()[&System::ApproximateReceiveCount], "2");
    let stale = hide(first.receipt_handle.clone(), 0).await.unwrap_err();
    assert_eq!(code(&stale), "InvalidParameterValue");
    let delete = stack.clients.sqs.delete_message().queue_url(stack.clients.queue_url(QUEUE));
    delete.set_receipt_handle(first.receipt_handle).send().await.unwrap();
    hide(second.receipt_handle, 0).await.unwrap();
    assert_eq!(receive(&stack.clients, 0).await.len(), 1, "a stale receipt deletes nothing");
}

#[tokio::test]
async fn each_entry_of_a_batch_is_answered_by_itself() {
    let stack = Stack::start().await;
    let entry = |id: &str, body: &str| {
        SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
    };
    let batch = stack.clients.sqs.send_message_batch().queue_url(stack.clients.queue_url(QUEUE));
    let batch = batch.entries(entry("a", "x")).entries(entry("b", "\u{b}")).entries(entry("c", "y"));
    let answer = batch.send().await.unwrap();
    assert_eq!(
        answer.successful().iter().map(SendMessageBatchResultEntry::id).collect::<Vec<_>>(),
        ["a", "c"]
    );
    assert_eq!((answer.failed()[0].id(), answer.failed()[0].code()), ("b", "InvalidMessageContents"));
    assert!(answer.failed()[0].sender_fault());
    assert_eq!(receive(&stack.clients, 0).await.len(), 2);
}

#[tokio::test]
async fn what_sqs_refuses_is_refused() {
    let stack = Stack::start().await;
    let url = stack.clients.queue_url(QUEUE);
    let to =
        |url: String, body: &str| stack.clients.sqs.send_message().queue_url(url).message_body(body).send();
    let unknown = to(stack.clients.queue_url("gifts"), "x").await.unwrap_err();
    assert!(unknown.into_service_error().is_queue_does_not_exist());
    assert_eq!(code(&to(url.clone(), "").await.unwrap_err()), "MissingParameter");
    assert_eq!(code(&to(url.clone(), &"x".repeat(1_048_577)).await.unwrap_err()), "InvalidParameterValue");
    let control = to(url.clone(), "\u{0}").await.unwrap_err();
    assert!(control.into_service_error().is_invalid_message_contents());
    let handle = stack.clients.sqs.delete_message().queue_url(&url).receipt_handle("invented").send().await;
    assert!(handle.unwrap_err().into_service_error().is_receipt_handle_is_invalid());
    let many = stack.clients.sqs.receive_message().queue_url(&url).max_number_of_messages(11).send().await;
    assert_eq!(code(&many.unwrap_err()), "InvalidParameterValue");
    assert!(receive(&stack.clients, 0).await.is_empty());
}
