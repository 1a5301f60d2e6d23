//! Many publishers and consumers at once.

use aws_sdk_sns::types::MessageAttributeValue;
use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use futures_util::{StreamExt, future, stream};

use crate::setup::{Clients, Stack, TOPIC};

const PUBLICATIONS: usize = 3000;
const CALLERS: usize = 16;

async fn publish(clients: &Clients) {
    let kind = MessageAttributeValue::builder().data_type("String").string_value("payment.captured.v1");
    let id = MessageAttributeValue::builder().data_type("String").string_value("d1").build().unwrap();
    let publish = clients.sns.publish().topic_arn(TOPIC).message(r#"{"id":"e1","donation_id":"d1"}"#);
    let publish =
        publish.message_attributes("type", kind.build().unwrap()).message_attributes("donation_id", id);
    publish.send().await.unwrap();
}

/// Receives and deletes until a queue is empty, and gives how many messages there were.
async fn consume(clients: &Clients, queue: &str) -> usize {
    let url = clients.queue_url(queue);
    let mut consumed = 0;
    loop {
        let receive = clients.sqs.receive_message().queue_url(&url).max_number_of_messages(10);
        let messages = receive.send().await.unwrap().messages.unwrap_or_default();
        if messages.is_empty() {
            return consumed;
        }
        let mut delete = clients.sqs.delete_message_batch().queue_url(&url);
        for (number, message) in messages.into_iter().enumerate() {
            let entry = DeleteMessageBatchRequestEntry::builder().id(number.to_string());
            delete = delete.entries(entry.set_receipt_handle(message.receipt_handle).build().unwrap());
        }
        let deleted = delete.send().await.unwrap();
        assert!(deleted.failed().is_empty());
        consumed += deleted.successful().len();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_publishers_and_consumers_at_once_lose_no_message_and_double_none() {
    let stack = Stack::start().await;
    let publishing = stream::iter(0..PUBLICATIONS).map(|_| publish(&stack.clients));
    publishing.buffer_unordered(CALLERS).collect::<()>().await;
    let queues = (0..CALLERS).map(|number| if number % 2 == 0 { "ledger" } else { "receipts" });
    let consumers = queues.map(|queue| consume(&stack.clients, queue));
    let consumed: usize = future::join_all(consumers).await.into_iter().sum();
    assert_eq!(consumed, 2 * PUBLICATIONS);
}
