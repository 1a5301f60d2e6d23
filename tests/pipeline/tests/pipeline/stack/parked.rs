//! Queues past the pipeline, and `outpour parked`.

use std::time::Duration;

use serde_json::{Value, json};

use super::Stack;
use super::command::Ended;

/// A message to put into a queue.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) kind: &'static str,
    pub(crate) body: String,
}

impl Message {
    /// A well-formed event about a donation.
    pub(crate) fn about(donation_id: &str, kind: &'static str) -> Self {
        let body = json!({
            "id": "01939c1e-6a2b-7c3d-8e4f-5a6b7c8d9e0f", "type": kind, "donation_id": donation_id,
            "occurred_at": "2026-11-20T20:00:00.123Z",
        });
        Self { kind, body: body.to_string() }
    }

    /// A stored webhook to apply.
    pub(crate) fn of_webhook(event_id: &str) -> Self {
        let body = json!({
            "id": "01939c1e-6a2b-7c3d-8e4f-5a6b7c8d9e0f", "type": "webhook.received.v1", "provider": "stripe",
            "notification_id": format!("stripe#{event_id}"), "occurred_at": "2026-11-20T20:00:00.123Z",
        });
        Self { kind: "webhook.received.v1", body: body.to_string() }
    }

    /// Whatever this is.
    pub(crate) fn raw(kind: &'static str, body: impl Into<String>) -> Self {
        Self { kind, body: body.into() }
    }
}

impl Stack {
    /// Speaks SQS.
    pub(crate) async fn sqs(&self, operation: &str, request: &Value) -> Value {
        let authorization = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-2/sqs/aws4_request, \
                             SignedHeaders=host, Signature=0";
        let sent = self.http.post(&self.aws_url).header("x-amz-target", format!("AmazonSQS.{operation}"));
        let sent = sent
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20260101T000000Z");
        let answer =
            sent.header("authorization", authorization).body(request.to_string()).send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{operation}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    pub(crate) fn queue_url(&self, queue: &str) -> String {
        format!("{}/000000000000/{queue}", self.aws_url)
    }

    /// Puts messages into a queue, ten at a time and each ten at once, and gives their ids.
    pub(crate) async fn put(&self, queue: &str, messages: &[Message]) -> Vec<String> {
        let mut ids = Vec::new();
        for ten in messages.chunks(10) {
            let entries = ten.iter().enumerate().map(|(number, message)| {
                let kind = json!({ "type": { "DataType": "String", "StringValue": message.kind } });
                json!({ "Id": number.to_string(), "MessageBody": message.body, "MessageAttributes": kind })
            });
            let entries: Vec<Value> = entries.collect();
            let request = json!({ "QueueUrl": self.queue_url(queue), "Entries": entries });
            let answer = self.sqs("SendMessageBatch", &request).await;
            let sent = answer["Successful"].as_array().unwrap();
            assert_eq!(sent.len(), ten.len(), "{answer}");
            ids.extend(sent.iter().map(|one| one["MessageId"].as_str().unwrap().to_owned()));
        }
        ids
    }

    /// Waits until no queue holds anything but dead letters.
    pub(crate) async fn until_queues_empty(&self, patience: Duration) {
        self.until("empty queues", patience, async || {
            let queues = self.local("queues").await;
            let empty =
                |queue: &Value| queue["visible"] == 0 && queue["in_flight"] == 0 && queue["delayed"] == 0;
            queues.as_array().unwrap().iter().all(empty).then_some(())
        })
        .await;
    }

    /// Runs `outpour parked` with these arguments.
    pub(crate) async fn parked(&self, arguments: &[&str]) -> Ended {
        self.run_command(&[&["parked"], arguments].concat()).await
    }

    /// The same, where it has to go well.
    pub(crate) async fn parked_well(&self, arguments: &[&str]) -> String {
        let ended = self.parked(arguments).await;
        assert_eq!(ended.code, Some(0), "{ended:?}\n{}", self.tail());
        ended.out
    }
}
