//! The endpoints of the local host, called through the SDK.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adapters_aws::Aws;
use aws_local::{AwsLocal, Clock, Settings, queue_arn, topic_arn};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message,
    MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
};
use contracts::topology::Topology;
use queue_model::Value as Content;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::model::{TOPIC, attributes, entry_id};
use super::steps::{BODIES, Draft};
use super::{Names, ReceivedBy, Unanswered, refused};
use crate::adapters::aws::{connect, sns};

/// The endpoints and their folder.
pub(super) struct Endpoints {
    running: Option<Running>,
    topology: Topology,
    names: Names,
    clock: Arc<AtomicU64>,
    folder: TempDir,
}

struct Running {
    local: AwsLocal,
    aws: Aws,
    sns: aws_sdk_sns::Client,
}

type Answer = Result<Value, Unanswered>;

/// What the endpoint said, or why it refused. What it could not do for now, it may or may not have done.
fn said<T, E: ProvideErrorMetadata + std::fmt::Debug>(
    answer: Result<T, SdkError<E>>,
) -> Result<Result<T, Value>, Unanswered> {
    let error = match answer {
        Ok(answer) => return Ok(Ok(answer)),
        Err(error) => error,
    };
    let is_refusal = error.raw_response().is_some_and(|answer| answer.status().is_client_error());
    match error.message() {
        Some(why) if is_refusal => Ok(Err(refused(why))),
        _ => Err(Unanswered(format!("{error:?}"))),
    }
}

/// The same, told in one way.
fn told<T, E: ProvideErrorMetadata + std::fmt::Debug>(
    answer: Result<T, SdkError<E>>,
    told: impl FnOnce(T) -> Value,
) -> Answer {
    Ok(said(answer)?.map_or_else(|why| why, told))
}

/// Attributes as SQS's or SNS's client wants them.
macro_rules! on_the_wire {
    ($client:ident, $set:expr) => {{
        let wire = attributes($set).into_iter().map(|(name, attribute)| {
            let value = $client::types::MessageAttributeValue::builder().data_type(attribute.data_type);
            let value = match attribute.value {
                Content::Text(text) => value.string_value(text),
                Content::Binary(bytes) => value.binary_value($client::primitives::Blob::new(bytes)),
            };
            (name, value.build().unwrap())
        });
        Some(wire.collect::<HashMap<_, _>>()).filter(|wire| !wire.is_empty())
    }};
}

fn seconds(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap()
}

impl Endpoints {
    pub(super) async fn start(topology: Topology, now_ms: u64) -> Self {
        let mut endpoints = Self {
            running: None,
            topology,
            names: Names::default(),
            clock: Arc::new(AtomicU64::new(now_ms)),
            folder: tempfile::tempdir().unwrap(),
        };
        endpoints.restart().await;
        endpoints
    }

    /// Stops them, where they run, and starts them on the same folder.
    pub(super) async fn restart(&mut self) {
        if let Some(running) = self.running.take() {
            running.local.stop().await;
        }
        let clock = Arc::clone(&self.clock);
        let settings = Settings {
            data: self.folder.path().to_owned(),
            topology: self.topology.clone(),
            secrets: BTreeMap::new(),
            senders: vec![],
            configuration_sets: vec![],
            clock: Clock::from_fn(move || clock.load(Ordering::SeqCst)),
        };
        let local = aws_local::start(settings).await.unwrap();
        let aws = connect(local.endpoint_url(), local.s3_endpoint_url());
        let sns = sns(local.endpoint_url());
        self.running = Some(Running { local, aws, sns });
    }

    pub(super) async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.local.stop().await;
        }
    }

    pub(super) fn set_clock(&self, now_ms: u64) {
        self.clock.store(now_ms, Ordering::SeqCst);
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("they run from their start to their stop")
    }

    fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.running().aws.sqs()
    }

    fn url(&self, queue: &str) -> String {
        self.running().local.queue_url(queue)
    }

    pub(super) async fn send(&mut self, queue: &str, draft: &Draft) -> Answer {
        let request = self.sqs().send_message().queue_url(self.url(queue)).message_body(BODIES[draft.body]);
        let request = request.set_message_attributes(on_the_wire!(aws_sdk_sqs, draft.attributes));
        let sent = request.set_delay_seconds(draft.delay.map(seconds)).send().await;
        told(sent, |sent| {
            let id = self.names.of(sent.message_id().unwrap());
            let md5s = (sent.md5_of_message_body(), sent.md5_of_message_attributes());
            json!({ "id": id, "body": md5s.0, "attributes": md5s.1 })
        })
    }

    pub(super) async fn send_batch(&mut self, queue: &str, drafts: &[Draft], one_id: bool) -> Answer {
        let entries = drafts.iter().enumerate().map(|(place, draft)| {
            let entry = SendMessageBatchRequestEntry::builder().id(entry_id(place, one_id));
            let entry = entry.message_body(BODIES[draft.body]).set_delay_seconds(draft.delay.map(seconds));
            entry.set_message_attributes(on_the_wire!(aws_sdk_sqs, draft.attributes)).build().unwrap()
        });
        let request = self.sqs().send_message_batch().queue_url(self.url(queue));
        let sent = request.set_entries(Some(entries.collect())).send().await;
        told(sent, |sent| {
            let taken = sent.successful().iter().map(|entry| {
                let id = self.names.of(entry.message_id());
                let md5s = (entry.md5_of_message_body(), entry.md5_of_message_attributes());
                (entry.id().to_owned(), json!({ "id": id, "body": md5s.0, "attributes": md5s.1 }))
            });
            let taken: Vec<_> = taken.collect();
            each(taken.into_iter(), sent.failed())
        })
    }

    pub(super) async fn publish(&mut self, draft: &Draft) -> Answer {
        let publish = self.running().sns.publish().topic_arn(topic_arn(TOPIC)).message(BODIES[draft.body]);
        let publish = publish.set_message_attributes(on_the_wire!(aws_sdk_sns, draft.attributes));
        told(publish.send().await, |published| json!(self.names.of(published.message_id().unwrap())))
    }

    pub(super) async fn publish_batch(&mut self, drafts: &[Draft]) -> Answer {
        let entries = drafts.iter().enumerate().map(|(place, draft)| {
            let entry = aws_sdk_sns::types::PublishBatchRequestEntry::builder();
            let entry = entry.id(entry_id(place, false)).message(BODIES[draft.body]);
            entry.set_message_attributes(on_the_wire!(aws_sdk_sns, draft.attributes)).build().unwrap()
        });
        let publish = self.running().sns.publish_batch().topic_arn(topic_arn(TOPIC));
        let published = publish.set_publish_batch_request_entries(Some(entries.collect())).send().await;
        told(published, |published| {
            let mut all = Map::new();
            for entry in published.successful() {
                let id = self.names.of(entry.message_id().unwrap());
                all.insert(entry.id().unwrap().to_owned(), json!(id));
            }
            for entry in published.failed() {
                all.insert(entry.id().to_owned(), refused(entry.message().unwrap_or_default()));
            }
            Value::Object(all)
        })
    }

    pub(super) async fn receive(
        &mut self,
        queue: &str,
        max: u32,
        hidden: Option<u32>,
    ) -> Result<ReceivedBy, Unanswered> {
        let receive = self.sqs().receive_message().queue_url(self.url(queue)).wait_time_seconds(0);
        let receive = receive
            .max_number_of_messages(seconds(max))
            .set_visibility_timeout(hidden.map(seconds))
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All");
        let received = said(receive.send().await)?;
        Ok(received.map(|received| {
            let messages = received.messages.unwrap_or_default();
            messages.iter().map(|message| (self.received(message), receipt(message))).collect()
        }))
    }

    fn received(&mut self, message: &Message) -> Value {
        let value = |value: &MessageAttributeValue| match (value.string_value(), value.binary_value()) {
            (Some(text), None) => json!([value.data_type(), text]),
            (_, bytes) => json!([value.data_type(), bytes.map(Blob::as_ref)]),
        };
        let attributes = message.message_attributes().into_iter().flatten();
        let attributes: Map<_, _> = attributes.map(|(name, held)| (name.clone(), value(held))).collect();
        let system = message.attributes().into_iter().flatten();
        let system: Map<_, _> = system.map(|(name, text)| (name.as_str().to_owned(), json!(text))).collect();
        let body = self.names.body(message.body().unwrap());
        json!({
            "id": self.names.of(message.message_id().unwrap()),
            "md5": message.md5_of_body().filter(|_| body.is_string()),
            "body": body, "attributes": attributes,
            "attributes_md5": message.md5_of_message_attributes(), "system": system,
        })
    }

    pub(super) async fn delete(&self, queue: &str, receipt: &str) -> Answer {
        let delete = self.sqs().delete_message().queue_url(self.url(queue)).receipt_handle(receipt);
        told(delete.send().await, |_| Value::Null)
    }

    pub(super) async fn hide(&self, queue: &str, receipt: &str, hidden: u32) -> Answer {
        let hide = self.sqs().change_message_visibility().queue_url(self.url(queue));
        let hide = hide.receipt_handle(receipt).visibility_timeout(seconds(hidden));
        told(hide.send().await, |_| Value::Null)
    }

    pub(super) async fn delete_batch(&self, queue: &str, receipts: &[String]) -> Answer {
        let entries = receipts.iter().enumerate().map(|(place, receipt)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(entry_id(place, false));
            entry.receipt_handle(receipt).build().unwrap()
        });
        let delete = self.sqs().delete_message_batch().queue_url(self.url(queue));
        told(delete.set_entries(Some(entries.collect())).send().await, |deleted| {
            each(
                deleted.successful().iter().map(|entry| (entry.id().to_owned(), Value::Null)),
                deleted.failed(),
            )
        })
    }

    pub(super) async fn hide_batch(&self, queue: &str, receipts: &[String], hidden: u32) -> Answer {
        let entries = receipts.iter().enumerate().map(|(place, receipt)| {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(entry_id(place, false));
            entry.receipt_handle(receipt).visibility_timeout(seconds(hidden)).build().unwrap()
        });
        let hide = self.sqs().change_message_visibility_batch().queue_url(self.url(queue));
        told(hide.set_entries(Some(entries.collect())).send().await, |hidden| {
            each(
                hidden.successful().iter().map(|entry| (entry.id().to_owned(), Value::Null)),
                hidden.failed(),
            )
        })
    }

    pub(super) async fn depth(&self, queue: &str) -> Answer {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let ask = self.sqs().get_queue_attributes().queue_url(self.url(queue));
        let answer = ask.set_attribute_names(Some(names.to_vec())).send().await;
        told(answer, |answer| {
            let attributes = answer.attributes.unwrap_or_default();
            names.iter().map(|name| json!(attributes[name].parse::<usize>().unwrap())).collect()
        })
    }

    pub(super) async fn start_move(&mut self, from: &str, to: Option<&str>) -> Answer {
        let start = self.sqs().start_message_move_task().source_arn(queue_arn(from));
        let started = start.set_destination_arn(to.map(queue_arn)).send().await;
        told(started, |task| json!(self.names.of(task.task_handle().unwrap())))
    }

    pub(super) async fn moves(&self, from: &str) -> Answer {
        let list = self.sqs().list_message_move_tasks().source_arn(queue_arn(from)).max_results(10);
        told(list.send().await, |listed| {
            let tasks = listed.results().iter().map(|task| {
                json!([
                    task.status(),
                    task.failure_reason(),
                    task.destination_arn(),
                    task.approximate_number_of_messages_moved(),
                    task.approximate_number_of_messages_to_move(),
                    task.started_timestamp()
                ])
            });
            tasks.collect()
        })
    }

    pub(super) async fn purge(&self, queue: &str) -> Answer {
        told(self.sqs().purge_queue().queue_url(self.url(queue)).send().await, |_| Value::Null)
    }
}

/// Each entry's answer under its id.
fn each(taken: impl Iterator<Item = (String, Value)>, failed: &[BatchResultErrorEntry]) -> Value {
    let failed =
        failed.iter().map(|entry| (entry.id().to_owned(), refused(entry.message().unwrap_or_default())));
    Value::Object(taken.chain(failed).collect())
}

fn receipt(message: &Message) -> String {
    message.receipt_handle().unwrap().to_owned()
}
