//! One queue: its settings, its entries, and the orders in which they are looked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{answer::Depth, message::Message, refusal::Refusal};

/// Most messages in flight on a standard queue (SQS quota).
pub const IN_FLIGHT_MAX: usize = 120_000;
/// Most seconds that a message may stay hidden: twelve hours.
pub const VISIBILITY_SECONDS_MAX: u32 = 43_200;

/// How a queue behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// The queue's ARN: what `DeadLetterQueueSourceArn` says of messages that failed here.
    pub arn: String,
    /// Seconds that a received message stays hidden, 0 to 43,200.
    pub visibility_timeout_seconds: u32,
    /// Seconds that a message is kept, 60 to 1,209,600.
    pub retention_seconds: u32,
    /// Seconds before a message can first be received, 0 to 900.
    pub delay_seconds: u32,
    /// Where messages go that are received too often.
    pub redrive: Option<Redrive>,
}

/// When a message counts as failed, and where it goes then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// Name of the dead-letter queue.
    pub dead_letters: String,
    /// Receives allowed, 1 to 1,000: the next attempt to receive moves the message instead.
    pub receive_count_max: u32,
}

impl QueueSettings {
    /// Checks every setting against SQS's ranges.
    ///
    /// # Errors
    /// [`Refusal::Setting`] with the setting and its range.
    pub fn check(&self, queue: &str) -> Result<(), Refusal> {
        let receives = self.redrive.as_ref().map_or(1, |r| r.receive_count_max);
        let ranges = [
            ("VisibilityTimeout", self.visibility_timeout_seconds, 0, VISIBILITY_SECONDS_MAX),
            ("MessageRetentionPeriod", self.retention_seconds, 60, 1_209_600),
            ("DelaySeconds", self.delay_seconds, 0, 900),
            ("maxReceiveCount", receives, 1, 1000),
        ];
        for (setting, value, min, max) in ranges {
            if !(min..=max).contains(&value) {
                return Err(Refusal::Setting { queue: queue.to_owned(), setting, value, min, max });
            }
        }
        Ok(())
    }
}

/// A message's place in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The entry's number: unique in the model, kept when the message moves to the dead-letter queue.
    pub number: u64,
    /// The message.
    pub message: Arc<Message>,
    /// When it was sent, which retention counts from; kept when it moves to the dead-letter queue.
    pub sent_at: u64,
    /// When it can be received (again).
    pub visible_at: u64,
    /// How often it was received.
    pub receives: u32,
    /// When it was first received.
    pub first_received_at: Option<u64>,
    /// When it was last received.
    pub received_at: Option<u64>,
    /// Name of the queue it failed in, where this is that queue's dead-letter queue.
    pub source: Option<String>,
    /// When it moved from there to this dead-letter queue.
    pub dead_lettered_at: Option<u64>,
}

impl Entry {
    /// Whether it is received and hidden; an entry that is only delayed is not.
    pub fn in_flight(&self, now_ms: u64) -> bool {
        self.receives > 0 && self.visible_at > now_ms
    }
}

/// A change that was made to a queue. Whoever keeps the state applies it by entry number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub what: What,
    /// The queue that the entry is in now, or was in last.
    pub queue: String,
    /// The entry as it is now, or was last.
    pub entry: Entry,
}

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// New in its queue, from a sender or a topic.
    Sent,
    /// New in its queue, moved back from a dead-letter queue.
    MovedBack,
    /// Handed to a receiver.
    Received,
    /// Hidden for longer or shorter.
    VisibilityChanged,
    /// Given another body or other attributes by a person, under the same number and id.
    Edited,
    /// Moved from its source to this dead-letter queue, under the same number.
    DeadLettered,
    /// Gone: a receiver deleted it.
    Deleted,
    /// Gone: its retention ended.
    Expired,
    /// Gone: its queue was purged.
    Purged,
    /// Gone: moved back to another queue, where it has a new number.
    MovedAway,
}

impl What {
    /// Whether the entry is no longer in any queue.
    pub fn is_gone(self) -> bool {
        matches!(self, What::Deleted | What::Expired | What::Purged | What::MovedAway)
    }
}

/// A queue's entries, found by number, by visibility and by age.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) settings: QueueSettings,
    pub(crate) purged_at: Option<u64>,
    entries: BTreeMap<u64, Entry>,
    by_visibility: BTreeSet<(u64, u64)>,
    by_age: BTreeSet<(u64, u64)>,
    /// Entries received at least once, hidden or visible again: no more than these can be in flight.
    received: usize,
}

impl Queue {
    pub(crate) fn new(settings: QueueSettings) -> Self {
        Self {
            settings,
            purged_at: None,
            entries: BTreeMap::new(),
            by_visibility: BTreeSet::new(),
            by_age: BTreeSet::new(),
            received: 0,
        }
    }

    pub(crate) fn insert(&mut self, entry: Entry) {
        self.by_visibility.insert((entry.visible_at, entry.number));
        self.by_age.insert((entry.sent_at, entry.number));
        self.received += usize::from(entry.receives > 0);
        self.entries.insert(entry.number, entry);
    }

    pub(crate) fn remove(&mut self, number: u64) -> Option<Entry> {
        let entry = self.entries.remove(&number)?;
        self.by_visibility.remove(&(entry.visible_at, number));
        self.by_age.remove(&(entry.sent_at, number));
        self.received -= usize::from(entry.receives > 0);
        Some(entry)
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Entry> {
        self.entries.get(&number)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether as many messages are in flight as SQS allows. They are counted one by one only where enough
    /// were ever received, so that a long backlog costs a receive nothing.
    pub(crate) fn is_at_quota(&self, now_ms: u64) -> bool {
        self.received >= IN_FLIGHT_MAX
            && self.hidden(now_ms).filter(|entry| entry.in_flight(now_ms)).count() >= IN_FLIGHT_MAX
    }

    /// Removes and returns the entries whose retention has ended.
    pub(crate) fn take_expired(&mut self, now_ms: u64) -> Vec<Entry> {
        let kept_from = self.kept_from(now_ms);
        let due: Vec<u64> = self.by_age.range(..(kept_from, 0)).map(|(_, number)| *number).collect();
        due.into_iter().filter_map(|number| self.remove(number)).collect()
    }

    /// The entries that can be received, longest visible first.
    pub(crate) fn visible(&self, now_ms: u64) -> impl Iterator<Item = &Entry> {
        self.by_visibility.range(..=(now_ms, u64::MAX)).filter_map(|(_, number)| self.entries.get(number))
    }

    /// The entries that cannot be received yet: in flight or delayed.
    pub(crate) fn hidden(&self, now_ms: u64) -> impl Iterator<Item = &Entry> {
        self.by_visibility
            .range((now_ms.saturating_add(1), 0)..)
            .filter_map(|(_, number)| self.entries.get(number))
    }

    pub(crate) fn depth(&self, now_ms: u64) -> Depth {
        let kept_from = self.kept_from(now_ms);
        let kept = self.by_age.range((kept_from, 0)..);
        let hidden = self.hidden(now_ms).filter(|entry| entry.sent_at >= kept_from);
        let (hidden, in_flight) = hidden.fold((0, 0), |(hidden, in_flight), entry| {
            (hidden + 1, in_flight + usize::from(entry.in_flight(now_ms)))
        });
        Depth {
            visible: self.len() - self.by_age.range(..(kept_from, 0)).count() - hidden,
            in_flight,
            delayed: hidden - in_flight,
            oldest_age_ms: kept.map(|(sent_at, _)| now_ms.saturating_sub(*sent_at)).next(),
        }
    }

    /// Whatever was sent before this is past its retention.
    fn kept_from(&self, now_ms: u64) -> u64 {
        let kept_ms = u64::from(self.settings.retention_seconds) * 1000;
        now_ms.checked_sub(kept_ms).map_or(0, |last_sent| last_sent.saturating_add(1))
    }

    /// The entries that are not past their retention, in order of number.
    pub(crate) fn entries(&self, now_ms: u64) -> impl Iterator<Item = &Entry> {
        let kept_from = self.kept_from(now_ms);
        self.entries.values().filter(move |entry| entry.sent_at >= kept_from)
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.entries.keys().copied().collect()
    }
}
