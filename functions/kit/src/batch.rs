//! An SQS batch as single messages: handled at once within a bound, isolated from each other, each with its own end.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use contracts::events::Message;
use contracts::telemetry::{Metric, Scope, TraceContext, measure_of, within};
use futures_util::{FutureExt, StreamExt, stream};
use serde::de::DeserializeOwned;
use tracing::{error, warn};

use crate::metrics;

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    /// It is done with; the queue deletes it.
    Ack,
    /// It comes back after the visibility timeout.
    Retry {
        /// Why, without donors' data.
        reason: String,
    },
    /// It can never succeed as it is. It goes to the dead-letter queue with its reason and is done with.
    Park {
        /// Why, without donors' data.
        reason: String,
    },
}

/// A message on its way to the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedMessage {
    /// The body, as it was.
    pub body: String,
    /// The string attributes, as they were.
    pub attributes: BTreeMap<String, String>,
    /// Why it is parked.
    pub reason: String,
}

/// Where parked messages go.
pub trait DeadLetters {
    /// Parks a message. When this fails the message is retried instead, so that it is never lost.
    fn park(&self, message: ParkedMessage) -> impl Future<Output = Result<(), lambda_runtime::Error>>;
}

/// Bounds on the handling of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Messages handled at once.
    pub at_once: usize,
    /// Time that one message may need. None is begun with less than this left.
    pub needs: Duration,
}

/// Hands each message of the batch to `handle` and tells SQS which ones have to come back.
///
/// A message whose body is not a `T` is parked. A message whose handling panics comes back, and the others do not
/// notice. With too little time left, messages come back untouched. Each message is handled in the trace that it
/// carries, or in a new one; what all of them measured is written once.
///
/// # Errors
/// A record carries no message id, so no answer could name it: the whole batch comes back.
pub async fn for_each_message<T: DeserializeOwned + Message>(
    event: SqsEvent,
    bounds: Bounds,
    time_left: impl Fn() -> Duration,
    dead_letters: &impl DeadLetters,
    handle: impl AsyncFn(T) -> Disposition,
) -> Result<SqsBatchResponse, lambda_runtime::Error> {
    let messages = event
        .records
        .into_iter()
        .map(|message| match message.message_id.clone() {
            Some(id) if !id.is_empty() => Ok((id, message)),
            Some(_) | None => Err("a record of the batch carries no message id"),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let ends = stream::iter(messages).map(|(id, message)| {
        let (time_left, handle) = (&time_left, &handle);
        async move {
            let read = serde_json::from_str(message.body.as_deref().unwrap_or(""));
            let scope = scope(&id, &message, read.as_ref().ok());
            let work = pin!(async {
                let disposition = if time_left() < bounds.needs {
                    Disposition::Retry { reason: "too little time was left to begin".to_owned() }
                } else {
                    dispose(read, handle).await
                };
                let comes_back = settle(&id, message, disposition, dead_letters).await;
                comes_back.then_some(id)
            });
            within(scope, work).await
        }
    });
    let mut response = SqsBatchResponse::default();
    let mut ends = std::pin::pin!(ends.buffer_unordered(bounds.at_once.max(1)));
    let mut all_measured = Vec::new();
    while let Some((comes_back, measured)) = ends.next().await {
        if let Some(id) = comes_back {
            response.add_failure(id);
        }
        all_measured.extend(measured);
    }
    metrics::write(all_measured);
    Ok(response)
}

/// The scope of a message's work. A receipt handle is the name of one delivery, so each delivery has a place of its own
/// in the trace.
fn scope(id: &str, message: &SqsMessage, read: Option<&impl Message>) -> Scope {
    let sender = read.and_then(Message::traceparent).and_then(TraceContext::parse);
    let delivery = message.receipt_handle.as_deref().unwrap_or(id);
    Scope::new(TraceContext::follow(sender, delivery)).about(read.and_then(Message::donation_id))
}

async fn dispose<T>(
    read: Result<T, serde_json::Error>,
    handle: &impl AsyncFn(T) -> Disposition,
) -> Disposition {
    let message = match read {
        Ok(message) => message,
        // Our own messages are thin, so the parser's words can quote no donor; foreign bodies are not quoted either.
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            return Disposition::Park {
                reason: format!(
                    "the body is not a message of the expected type (line {line}, column {column})"
                ),
            };
        }
    };
    match AssertUnwindSafe(handle(message)).catch_unwind().await {
        Ok(disposition) => disposition,
        Err(panic) => {
            Disposition::Retry { reason: format!("the handler panicked: {}", panic_text(panic.as_ref())) }
        }
    }
}

/// Logs the end once, parks what is to be parked, and says whether the message has to come back.
async fn settle(
    id: &str,
    message: SqsMessage,
    disposition: Disposition,
    dead_letters: &impl DeadLetters,
) -> bool {
    match disposition {
        Disposition::Ack => false,
        Disposition::Retry { reason } => {
            warn!(message.id = id, reason, "a message comes back");
            true
        }
        Disposition::Park { reason } => {
            error!(message.id = id, reason, "a message is parked");
            let queue = queue(&message).to_owned();
            let parked = ParkedMessage {
                body: message.body.unwrap_or_default(),
                attributes: strings(message.message_attributes),
                reason,
            };
            match dead_letters.park(parked).await {
                Ok(()) => {
                    measure_of(Metric::ParkedMessages, [&queue], 1);
                    false
                }
                Err(fault) => {
                    error!(message.id = id, fault, "a message could not be parked and comes back");
                    true
                }
            }
        }
    }
}

/// The queue's name, which its ARN ends with.
fn queue(message: &SqsMessage) -> &str {
    let arn = message.event_source_arn.as_deref().unwrap_or("");
    arn.rsplit_once(':').map_or("unknown", |(_, name)| name)
}

fn strings(
    attributes: std::collections::HashMap<String, aws_lambda_events::sqs::SqsMessageAttribute>,
) -> BTreeMap<String, String> {
    attributes.into_iter().filter_map(|(name, attribute)| Some((name, attribute.string_value?))).collect()
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words")
}

#[cfg(test)]
mod tests;
