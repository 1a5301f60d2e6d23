//! What the operator's endpoints about parked messages take and answer.

use std::collections::BTreeMap;

use aws_local::AuditRow;
use serde::{Deserialize, Serialize};

/// A parked message, without its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedView {
    /// The message's id.
    pub id: String,
    /// The queue that it was meant for.
    pub queue: String,
    /// Its event type, where it names one.
    pub kind: Option<String>,
    /// The donation that it is about, where it names one.
    pub donation_id: Option<String>,
    /// When it was parked, in milliseconds since the epoch.
    pub parked_at_ms: u64,
    /// When it was first sent, in milliseconds since the epoch.
    pub sent_at_ms: u64,
    /// How often it was received.
    pub receives: u32,
    /// Why it was parked.
    pub reason: String,
    /// Whether a receiver holds it now.
    pub held: bool,
}

/// A parked message with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedWhole {
    /// The message.
    pub message: ParkedView,
    /// Its body.
    pub body: String,
    /// Its attributes; binary ones in base64.
    pub attributes: BTreeMap<String, String>,
    /// Path of its donation's timeline.
    pub timeline: Option<String>,
    /// What was done to it, oldest first.
    pub history: Vec<AuditView>,
}

/// Asks for another body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditRequest {
    /// The new body.
    pub body: String,
    /// Who asks.
    pub by: String,
    /// Why.
    pub why: String,
}

/// Asks for messages to be sent back. Exactly one of `ids`, `all` and `reason` is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// These messages; every one of them must be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// Every message that was meant for this queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<String>,
    /// Every message whose reason holds this text, in capitals or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether only to say which messages it would be.
    #[serde(default)]
    pub dry_run: bool,
    /// Who asks.
    pub by: String,
    /// Why; may be empty.
    #[serde(default)]
    pub why: String,
}

/// What was sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// The messages; in a dry run those that would be.
    pub messages: Vec<ReplayedView>,
    /// How many more there are than one request sends back.
    pub left: usize,
}

/// A message that was to be sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayedView {
    /// As it was parked.
    #[serde(flatten)]
    pub message: ParkedView,
    /// The id that it has in its queue; absent in a dry run, and when it went or was taken by a receiver
    /// meanwhile.
    pub new_id: Option<String>,
}

/// Asks for a message to be thrown away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscardRequest {
    /// Who asks.
    pub by: String,
    /// Why.
    pub why: String,
}

/// A row of the account of what was done to parked messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    /// Its number; later rows have greater ones.
    pub number: u64,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// `edited`, `replayed` or `discarded`.
    pub deed: String,
    /// The queue that the message was meant for.
    pub queue: String,
    /// The message.
    pub message_id: String,
    /// The id that it has in its queue since it was replayed.
    pub new_message_id: Option<String>,
    /// The donation that it names.
    pub donation_id: Option<String>,
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
    /// Why the message was parked.
    pub reason: String,
    /// The body before.
    pub before: String,
    /// The body after an edit.
    pub after: Option<String>,
}

impl From<AuditRow> for AuditView {
    fn from(row: AuditRow) -> Self {
        Self {
            number: row.number,
            at_ms: row.at_ms,
            deed: row.deed.name().to_owned(),
            queue: row.queue,
            message_id: row.message_id,
            new_message_id: row.new_message_id,
            donation_id: row.donation_id,
            by: row.note.by,
            why: row.note.why,
            reason: row.note.reason,
            before: row.before,
            after: row.after,
        }
    }
}
