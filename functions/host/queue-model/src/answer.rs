//! What the model answers.

use std::{collections::BTreeMap, sync::Arc};

use crate::{message::Message, refusal::Refusal};

/// Entries of a batch by id, each with its own answer.
pub type PerEntry<T> = Vec<(String, Result<T, Refusal>)>;

/// The answer to a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// `MessageId`.
    pub id: String,
    /// `MD5OfMessageBody`.
    pub body_md5: String,
    /// `MD5OfMessageAttributes`, where there are any.
    pub attributes_md5: Option<String>,
}

/// A message handed to a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message.
    pub message: Arc<Message>,
    /// `ReceiptHandle` of this receive.
    pub receipt: String,
    /// `SentTimestamp`, milliseconds since the epoch.
    pub sent_at: u64,
    /// `ApproximateReceiveCount`, this receive included.
    pub receives: u32,
    /// `ApproximateFirstReceiveTimestamp`, milliseconds since the epoch.
    pub first_received_at: u64,
    /// `DeadLetterQueueSourceArn`: the queue that the message failed in.
    pub source_arn: Option<String>,
}

impl Received {
    /// SQS's system attributes by name, as a receiver or a Lambda event carries them.
    pub fn system_attributes(&self) -> BTreeMap<&'static str, String> {
        let always = [
            ("SenderId", self.message.sender.clone()),
            ("SentTimestamp", self.sent_at.to_string()),
            ("ApproximateReceiveCount", self.receives.to_string()),
            ("ApproximateFirstReceiveTimestamp", self.first_received_at.to_string()),
        ];
        let sometimes = [
            ("DeadLetterQueueSourceArn", self.source_arn.clone()),
            ("AWSTraceHeader", self.message.trace_header.clone()),
            ("MessageGroupId", self.message.group.clone()),
        ];
        let sometimes = sometimes.into_iter().filter_map(|(name, value)| Some((name, value?)));
        always.into_iter().chain(sometimes).collect()
    }
}

/// How full a queue is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Messages that can be received now.
    pub visible: usize,
    /// Messages received and not deleted, still hidden.
    pub in_flight: usize,
    /// Messages sent with a delay that has not passed.
    pub delayed: usize,
    /// Milliseconds since the oldest message was sent, in whatever state it is.
    pub oldest_age_ms: Option<u64>,
}

/// A move of messages from a dead-letter queue back to where they failed, or elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveTask {
    /// `TaskHandle`.
    pub handle: String,
    /// Name of the dead-letter queue.
    pub source: String,
    /// Name of the queue that was asked for; each message's own source where none was.
    pub destination: Option<String>,
    /// How it ended. The model moves all at once, where SQS takes its time.
    pub status: MoveStatus,
    /// Messages moved.
    pub moved: usize,
    /// Messages that were to be moved.
    pub to_move: usize,
    /// When it started, milliseconds since the epoch.
    pub started_at: u64,
}

/// How a move ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveStatus {
    /// Every message was moved.
    Completed,
    /// A message was met that had been sent to the dead-letter queue directly, so that it has no source to go
    /// back to. SQS calls it `CouldNotDetermineMessageSource`; a destination in the call is the way out.
    NoSource,
}
