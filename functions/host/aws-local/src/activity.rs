//! What happened to a donation's messages and e-mails: the operator's timeline.

use queue_model::{Attributes, Change, What};

/// One thing that happened. Details name queues, types and ids, never a donor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// When, milliseconds since the epoch.
    pub at_ms: u64,
    /// What: `sns.published`, `sqs.sent`, `sqs.received`, `sqs.deleted`, `sqs.dead-lettered`,
    /// `sqs.moved-back`, `sqs.expired`, `sqs.purged`, `parked.edited`, `parked.replayed`, `parked.discarded`
    /// or `ses.sent`.
    pub kind: String,
    /// Where and which: queue or topic, event type, message id.
    pub detail: String,
}

/// An activity and the donation that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) donation_id: String,
    pub(crate) activity: Activity,
}

/// The activity that a queue's change is, where its message names a donation.
pub(crate) fn of_change(change: &Change, at_ms: u64) -> Option<Note> {
    let kind = match change.what {
        What::Sent => "sqs.sent",
        What::MovedBack => "sqs.moved-back",
        What::Received => "sqs.received",
        What::DeadLettered => "sqs.dead-lettered",
        What::Deleted => "sqs.deleted",
        What::Expired => "sqs.expired",
        What::Purged => "sqs.purged",
        // An edit is noted with who made it.
        What::VisibilityChanged | What::MovedAway | What::Edited => return None,
    };
    let message = &change.entry.message;
    let donation_id = donation_of(&message.attributes, &message.body)?;
    let mut detail = format!("{} {} {}", change.queue, event_type(&message.attributes), message.id);
    if change.what == What::Received {
        detail = format!("{detail} receive {}", change.entry.receives);
    }
    Some(Note { donation_id, activity: Activity { at_ms, kind: kind.to_owned(), detail } })
}

/// The donation that a message is about: its attribute `donation_id`, or else that field of its JSON body.
pub(crate) fn donation_of(attributes: &Attributes, body: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Body {
        donation_id: Option<String>,
    }
    match attributes.get("donation_id").and_then(|a| a.as_text()) {
        Some(id) => Some(id.to_owned()),
        None if body.starts_with('{') => serde_json::from_str::<Body>(body).ok()?.donation_id,
        None => None,
    }
}

/// The event type that a message carries as an attribute, or a dash.
pub(crate) fn event_type(attributes: &Attributes) -> &str {
    attributes.get("type").and_then(|a| a.as_text()).unwrap_or("-")
}
