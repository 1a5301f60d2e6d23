//! Queues: where notifications wait to be applied, and where messages are parked.

use std::collections::BTreeMap;

use app::ports::{Clock, Fault, Ids, NotificationQueue};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::operation::send_message::builders::SendMessageFluentBuilder;
use aws_sdk_sqs::types::MessageAttributeValue;
use contracts::events::{WebhookReceived, WebhookReceivedType};
use contracts::telemetry;
use contracts::time::to_rfc3339;
use domain::ids::{NotificationId, Provider};

use crate::call::{Call, CallError};
use crate::connection::Aws;
use crate::system::{SystemClock, UuidIds};

const ENQUEUE: &str = "queue a notification";
const PARK: &str = "park a message";
const WARM_UP: &str = "connect to the queue of notifications";

/// Most bytes of a parked message's reason.
const REASON_BYTES_MAX: usize = 1_024;
/// Message attribute that says why a message was parked.
const REASON: &str = "parked_reason";

/// The queue from which notifications are applied. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqsNotificationQueue {
    queue: Queue,
}

/// The dead-letter queue of one queue, for messages that no repetition will help.
#[derive(Debug, Clone)]
pub struct SqsDeadLetters {
    queue: Queue,
}

#[derive(Debug, Clone)]
struct Queue {
    client: Client,
    url: String,
}

impl SqsNotificationQueue {
    /// The queue at this URL.
    pub fn new(aws: &Aws, queue_url: impl Into<String>) -> Self {
        Self { queue: Queue { client: aws.sqs().clone(), url: queue_url.into() } }
    }

    /// Opens the connection by sending a message without text, which SQS refuses. Needs `sqs:SendMessage`.
    ///
    /// # Errors
    /// There is no connection, or no permission. The function can go on; its first call will meet the same.
    pub async fn warm_up(&self) -> Result<(), Fault> {
        match self.queue.send(self.queue.message("")).await {
            Ok(()) => Err(Fault::permanent(WARM_UP, "a message without text was taken")),
            Err(error) if error.code().is_some_and(|code| EMPTY_BODY.contains(&code)) => Ok(()),
            Err(error) => Err(error.into_fault(WARM_UP)),
        }
    }
}

/// Codes by which SQS refuses an empty body.
const EMPTY_BODY: [&str; 2] = ["MissingParameter", "InvalidParameterValue"];

impl NotificationQueue for SqsNotificationQueue {
    async fn enqueue(&self, provider: Provider, id: &NotificationId) -> Result<(), Fault> {
        let message = WebhookReceived {
            id: UuidIds.fresh(),
            kind: WebhookReceivedType::WebhookReceivedV1,
            provider: provider.name().to_owned(),
            notification_id: id.to_string(),
            occurred_at: to_rfc3339(SystemClock.now()),
            traceparent: telemetry::current().map(|trace| trace.to_string()),
        };
        let body = serde_json::to_string(&message).map_err(|error| Fault::permanent(ENQUEUE, error))?;
        self.queue.send(self.queue.message(&body)).await.map_err(|error| error.into_fault(ENQUEUE))
    }
}

impl SqsDeadLetters {
    /// The dead-letter queue at this URL.
    pub fn new(aws: &Aws, queue_url: impl Into<String>) -> Self {
        Self { queue: Queue { client: aws.sqs().clone(), url: queue_url.into() } }
    }

    /// Sends a message that was received to the dead-letter queue, with its text attributes as they came (at most
    /// nine; SQS takes ten) and one more, `parked_reason`. Characters that SQS does not carry are left out of the
    /// reason, which is cut at 1,024 bytes.
    ///
    /// # Errors
    /// The message may have been parked or not; parking it again makes a second copy, which does no harm.
    pub async fn park(
        &self,
        body: &str,
        attributes: &BTreeMap<String, String>,
        reason: &str,
    ) -> Result<(), Fault> {
        let mut message = self.queue.message(body);
        let reason = carried(reason);
        let reason = (REASON, if reason.is_empty() { "no reason was given" } else { reason.as_str() });
        let received = attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        // A message that is parked a second time has a reason already; the newer one replaces it.
        for (name, value) in received.filter(|(name, _)| *name != REASON).chain([reason]) {
            let value = text(value).map_err(|error| Fault::permanent(PARK, error))?;
            message = message.message_attributes(name, value);
        }
        self.queue.send(message).await.map_err(|error| error.into_fault(PARK))
    }
}

impl Queue {
    fn message(&self, body: &str) -> SendMessageFluentBuilder {
        self.client.send_message().queue_url(&self.url).message_body(body)
    }

    async fn send(&self, message: SendMessageFluentBuilder) -> Result<(), CallError> {
        match message.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(CallError::of(Call::new("sqs:SendMessage", "queue", &self.url), error)),
        }
    }
}

fn text(value: &str) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type("String").string_value(value).build()
}

/// What SQS carries of a text (SQS API reference, `SendMessage`), cut at [`REASON_BYTES_MAX`].
fn carried(text: &str) -> String {
    let mut kept = String::new();
    for character in text.chars() {
        let carried = matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
            || character >= '\u{10000}';
        if !carried {
            continue;
        }
        if kept.len() + character.len_utf8() > REASON_BYTES_MAX {
            break;
        }
        kept.push(character);
    }
    kept
}
