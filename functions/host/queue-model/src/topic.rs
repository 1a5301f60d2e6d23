//! Topics: what may be published, who gets it, and what becomes of a delivery that fails.
//!
//! Rules: the SNS API reference (`Publish`, `Subscribe`) and the developer guide's pages on raw message
//! delivery and on dead-letter queues.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    message::{self, Attributes, Outgoing, Value},
    policy::FilterPolicy,
    refusal::Refusal,
};

/// Most bytes of a published message, attributes included (SNS's bound where a topic sets no other).
pub const PUBLISH_BYTES_MAX: usize = 262_144;
/// `SenderId` that receivers of a topic's messages are told.
pub const SENDER: &str = "AIDAOUTPOURLOCALSNS";

/// A message as its publisher gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publication {
    /// The text, 1 byte to 256 KiB together with the attributes.
    pub message: String,
    /// Subject, for the envelope.
    pub subject: Option<String>,
    /// Attributes, which filter policies look at. SNS sets no bound on their number; raw delivery to a queue
    /// does.
    pub attributes: Attributes,
    /// Group id, carried along to the queues.
    pub group: Option<String>,
}

impl Publication {
    /// Checks the message against SNS's rules.
    ///
    /// # Errors
    /// An empty or too long message, a bad attribute or a bad subject.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.message.is_empty() {
            return Err(Refusal::EmptyNotification);
        }
        let bytes = self.bytes();
        if bytes > PUBLISH_BYTES_MAX {
            return Err(Refusal::MessageTooLong { bytes, max: PUBLISH_BYTES_MAX });
        }
        let printable = |s: &String| s.bytes().all(|b| matches!(b, b' '..=b'~')) && !s.starts_with(' ');
        if self.subject.as_ref().is_some_and(|s| s.is_empty() || s.len() > 100 || !printable(s)) {
            return Err(Refusal::BadSubject);
        }
        message::check_attributes(&self.attributes)
    }

    /// Bytes that count towards the bound.
    pub fn bytes(&self) -> usize {
        self.message.len() + message::attribute_bytes(&self.attributes)
    }
}

/// How a topic feeds a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Name of the queue.
    pub queue: String,
    /// Which messages it gets; all where there is none.
    pub filter: Option<FilterPolicy>,
    /// Whether the queue gets the bare message rather than SNS's envelope.
    pub raw_delivery: bool,
    /// Name of the queue that gets what cannot be delivered; where there is none, that is discarded.
    pub dead_letters: Option<String>,
}

/// What became of a publication.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// `MessageId` of the publication.
    pub id: String,
    /// Queues that got it.
    pub delivered: Vec<String>,
    /// Queues that refused it, whose subscription's dead-letter queue has it.
    pub dead_lettered: Vec<String>,
    /// Queues that refused it, where it is lost, as on AWS without a dead-letter queue.
    pub discarded: Vec<String>,
}

/// A topic and its subscriptions, in order of subscribing.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) arn: String,
    pub(crate) subscriptions: Vec<Subscription>,
}

/// SNS's envelope. It is not signed: signature fields are left out rather than made up.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    r#type: &'static str,
    message_id: &'a str,
    topic_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    message: &'a str,
    timestamp: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<&'a str, EnvelopeAttribute<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EnvelopeAttribute<'a> {
    r#type: &'a str,
    value: String,
}

impl Topic {
    /// What a subscription's queue is sent.
    pub(crate) fn outgoing(
        &self,
        to: &Subscription,
        publication: &Publication,
        id: &str,
        now_ms: u64,
    ) -> Outgoing {
        let (body, attributes) = if to.raw_delivery {
            (publication.message.clone(), publication.attributes.clone())
        } else {
            (self.envelope(publication, id, now_ms), Attributes::new())
        };
        let group = publication.group.clone();
        Outgoing { body, attributes, group, sender: SENDER.to_owned(), ..Outgoing::default() }
    }

    /// What a subscription's dead-letter queue is sent: the envelope, whatever the kind of delivery, since it
    /// carries any number of attributes, with the reason as attributes.
    pub(crate) fn dead_letter(
        &self,
        publication: &Publication,
        id: &str,
        why: &Refusal,
        now_ms: u64,
    ) -> Outgoing {
        let attributes = BTreeMap::from([
            ("ErrorCode".to_owned(), message::Attribute::text("400")),
            ("ErrorMessage".to_owned(), message::Attribute::text(why.to_string())),
        ]);
        Outgoing {
            body: self.envelope(publication, id, now_ms),
            attributes,
            sender: SENDER.to_owned(),
            ..Outgoing::default()
        }
    }

    fn envelope(&self, publication: &Publication, id: &str, now_ms: u64) -> String {
        let message_attributes = publication.attributes.iter().map(|(name, attribute)| {
            let value = match &attribute.value {
                Value::Text(text) => text.clone(),
                Value::Binary(bytes) => data_encoding::BASE64.encode(bytes),
            };
            (name.as_str(), EnvelopeAttribute { r#type: &attribute.data_type, value })
        });
        let envelope = Envelope {
            r#type: "Notification",
            message_id: id,
            topic_arn: &self.arn,
            subject: publication.subject.as_deref(),
            message: &publication.message,
            timestamp: timestamp(now_ms),
            message_attributes: message_attributes.collect(),
        };
        serde_json::to_string(&envelope).expect("strings and maps of strings always have a JSON form")
    }
}

/// RFC 3339 in UTC with milliseconds; a time past what a calendar holds is shown as its last moment.
fn timestamp(now_ms: u64) -> String {
    let at = i64::try_from(now_ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .unwrap_or(Timestamp::MAX);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
