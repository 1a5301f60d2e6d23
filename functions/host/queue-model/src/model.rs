//! The whole: queues, topics and the calls that AWS offers on them.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    answer::{Depth, MoveTask, PerEntry, Received, Sent},
    batch,
    ident::{self, Receipt},
    message::{MESSAGE_BYTES_MAX, Message, Outgoing},
    queue::{Change, Entry, IN_FLIGHT_MAX, Queue, QueueSettings, VISIBILITY_SECONDS_MAX, What},
    refusal::Refusal,
    topic::{Subscription, Topic},
};

/// Most messages in one receive.
pub const RECEIVE_MAX: u32 = 10;
const PURGE_INTERVAL_MS: u64 = 60_000;

/// Queues and topics with everything in them.
#[derive(Debug, Clone)]
pub struct Model {
    seed: u64,
    sequence: u64,
    pub(crate) queues: BTreeMap<String, Queue>,
    topics: BTreeMap<String, Topic>,
    pub(crate) moves: Vec<MoveTask>,
    /// None in a model that keeps no record of changes.
    changes: Option<Vec<Change>>,
}

impl Model {
    /// An empty model. Ids and receipt handles are a function of the seed and of how many came before.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            sequence: 0,
            queues: BTreeMap::new(),
            topics: BTreeMap::new(),
            moves: Vec::new(),
            changes: Some(Vec::new()),
        }
    }

    /// The same model, keeping no record of changes: for a host that has no state to keep.
    #[must_use]
    pub fn without_changes(mut self) -> Self {
        self.changes = None;
        self
    }

    /// The changes since the last call, in the order in which they were made.
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.changes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// How many ids were given. A host that keeps the state keeps this too.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Makes sure that ids start after `sequence`: for a model that is being restored.
    pub fn advance_sequence(&mut self, sequence: u64) {
        self.sequence = self.sequence.max(sequence);
    }

    /// Puts back an entry of an earlier run, exactly as it was: one in flight becomes visible when its visibility
    /// timeout ends. Leaves no change record.
    ///
    /// # Errors
    /// The queue is unknown.
    pub fn restore(&mut self, queue: &str, entry: Entry) -> Result<(), Refusal> {
        self.advance_sequence(entry.number);
        self.queue_mut(queue)?.insert(entry);
        Ok(())
    }

    /// Makes a queue.
    ///
    /// # Errors
    /// The name is taken, a setting is out of its range, or the dead-letter queue is unknown: it is made first.
    pub fn create_queue(&mut self, name: &str, settings: QueueSettings) -> Result<(), Refusal> {
        settings.check(name)?;
        if let Some(redrive) = &settings.redrive {
            self.queue(&redrive.dead_letters)?;
        }
        if self.queues.contains_key(name) {
            return Err(Refusal::AlreadyExists(name.to_owned()));
        }
        self.queues.insert(name.to_owned(), Queue::new(settings));
        Ok(())
    }

    /// Makes a topic.
    ///
    /// # Errors
    /// The name is taken.
    pub fn create_topic(&mut self, name: &str, arn: &str) -> Result<(), Refusal> {
        if self.topics.contains_key(name) {
            return Err(Refusal::AlreadyExists(name.to_owned()));
        }
        self.topics.insert(name.to_owned(), Topic { arn: arn.to_owned(), subscriptions: Vec::new() });
        Ok(())
    }

    /// Subscribes a queue to a topic.
    ///
    /// # Errors
    /// The topic, the queue or the dead-letter queue is unknown.
    pub fn subscribe(&mut self, topic: &str, subscription: Subscription) -> Result<(), Refusal> {
        self.queue(&subscription.queue)?;
        if let Some(dead_letters) = &subscription.dead_letters {
            self.queue(dead_letters)?;
        }
        let found = self.topics.get_mut(topic).ok_or_else(|| Refusal::UnknownTopic(topic.to_owned()))?;
        found.subscriptions.push(subscription);
        Ok(())
    }

    /// Names of the queues.
    pub fn queue_names(&self) -> impl Iterator<Item = &str> {
        self.queues.keys().map(String::as_str)
    }

    /// ARNs of the topics.
    pub fn topic_arns(&self) -> impl Iterator<Item = &str> {
        self.topics.values().map(|topic| topic.arn.as_str())
    }

    /// A queue's settings.
    ///
    /// # Errors
    /// The queue is unknown.
    pub fn settings(&self, queue: &str) -> Result<&QueueSettings, Refusal> {
        self.queue(queue).map(|q| &q.settings)
    }

    /// A topic's subscriptions.
    ///
    /// # Errors
    /// The topic is unknown.
    pub fn subscriptions(&self, topic: &str) -> Result<&[Subscription], Refusal> {
        self.topic(topic).map(|t| t.subscriptions.as_slice())
    }

    /// Puts a message into a queue.
    ///
    /// # Errors
    /// The queue is unknown, or the message breaks a rule.
    pub fn send(&mut self, queue: &str, outgoing: Outgoing, now_ms: u64) -> Result<Sent, Refusal> {
        let default_delay = self.queue(queue)?.settings.delay_seconds;
        outgoing.check()?;
        let delay = outgoing.delay_seconds.unwrap_or(default_delay);
        let visible_at = now_ms.saturating_add(u64::from(delay) * 1000);
        let (number, id) = self.next_id();
        let message = Arc::new(Message::new(id, outgoing));
        let sent = Sent {
            id: message.id.clone(),
            body_md5: message.body_md5.clone(),
            attributes_md5: message.attributes_md5.clone(),
        };
        self.insert(What::Sent, queue, fresh_entry(number, message, now_ms, visible_at));
        Ok(sent)
    }

    /// Puts up to ten messages into a queue, each with its own answer.
    ///
    /// # Errors
    /// For the whole batch: the queue is unknown, or ids, number or bytes break a rule of batches.
    pub fn send_batch(
        &mut self,
        queue: &str,
        entries: Vec<(String, Outgoing)>,
        now_ms: u64,
    ) -> Result<PerEntry<Sent>, Refusal> {
        self.queue(queue)?;
        batch::check_ids(entries.iter().map(|(id, _)| id.as_str()))?;
        batch::check_bytes(entries.iter().map(|(_, o)| o.bytes()).sum(), MESSAGE_BYTES_MAX)?;
        Ok(entries.into_iter().map(|(id, outgoing)| (id, self.send(queue, outgoing, now_ms))).collect())
    }

    /// Hands out up to `max` visible messages and hides them. Messages received too often move to the dead-letter
    /// queue instead.
    ///
    /// # Errors
    /// The queue is unknown, `max` is not 1 to 10, the visibility timeout is over twelve hours, or too many messages
    /// are in flight.
    pub fn receive(
        &mut self,
        queue: &str,
        max: u32,
        visibility_seconds: Option<u32>,
        now_ms: u64,
    ) -> Result<Vec<Received>, Refusal> {
        check_range("MaxNumberOfMessages", max, 1, RECEIVE_MAX)?;
        check_range("VisibilityTimeout", visibility_seconds.unwrap_or(0), 0, VISIBILITY_SECONDS_MAX)?;
        self.expire(queue, now_ms)?;
        let from = self.queue(queue)?;
        if from.len() >= IN_FLIGHT_MAX
            && from.hidden(now_ms).filter(|e| e.in_flight(now_ms)).count() >= IN_FLIGHT_MAX
        {
            return Err(Refusal::TooManyInFlight(IN_FLIGHT_MAX));
        }
        let receive_count_max = from.settings.redrive.as_ref().map_or(u32::MAX, |r| r.receive_count_max);
        let (mut due, mut failed) = (Vec::new(), Vec::new());
        for entry in from.visible(now_ms) {
            if due.len() == max as usize {
                break;
            }
            let list = if entry.receives >= receive_count_max { &mut failed } else { &mut due };
            list.push(entry.number);
        }
        let seconds = visibility_seconds.unwrap_or(from.settings.visibility_timeout_seconds);
        for number in failed {
            self.dead_letter(queue, number, now_ms)?;
        }
        due.into_iter().map(|number| self.hand_out(queue, number, seconds, now_ms)).collect()
    }

    /// When the next hidden message becomes visible, if any is hidden: how long a poller may wait.
    ///
    /// # Errors
    /// The queue is unknown.
    pub fn next_visible_at(&self, queue: &str, now_ms: u64) -> Result<Option<u64>, Refusal> {
        Ok(self.queue(queue)?.hidden(now_ms).next().map(|entry| entry.visible_at))
    }

    /// Deletes the message of a receipt handle, visible again or not. A handle that is not of the latest receive is
    /// accepted and deletes nothing, and so is one of a message that is gone.
    ///
    /// # Errors
    /// The queue is unknown, or never gave this handle.
    pub fn delete(&mut self, queue: &str, receipt: &str) -> Result<(), Refusal> {
        let receipt = self.read_receipt(queue, receipt)?;
        let latest = self.queue(queue)?.get(receipt.number).is_some_and(|e| e.receives == receipt.receives);
        if latest {
            self.remove(What::Deleted, queue, receipt.number)?;
        }
        Ok(())
    }

    /// Hides a message in flight for `seconds` from now; 0 makes it visible at once.
    ///
    /// # Errors
    /// The queue is unknown or never gave this handle, the handle is not of the latest receive, the message is not in
    /// flight, or it would be hidden for more than twelve hours from its receipt.
    pub fn change_visibility(
        &mut self,
        queue: &str,
        receipt: &str,
        seconds: u32,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        check_range("VisibilityTimeout", seconds, 0, VISIBILITY_SECONDS_MAX)?;
        let receipt = self.read_receipt(queue, receipt)?;
        let held = self.queue_mut(queue)?;
        let entry = held.get(receipt.number).filter(|e| e.receives == receipt.receives);
        let entry = entry.ok_or(Refusal::StaleReceipt)?;
        if !entry.in_flight(now_ms) {
            return Err(Refusal::NotInFlight);
        }
        let visible_at = now_ms.saturating_add(u64::from(seconds) * 1000);
        let limit =
            entry.received_at.unwrap_or(now_ms).saturating_add(u64::from(VISIBILITY_SECONDS_MAX) * 1000);
        if visible_at > limit {
            return Err(Refusal::HiddenTooLong);
        }
        let entry = Entry { visible_at, ..entry.clone() };
        held.remove(entry.number);
        self.insert(What::VisibilityChanged, queue, entry);
        Ok(())
    }

    /// Deletes every message of a queue, in flight or not.
    ///
    /// # Errors
    /// The queue is unknown, or was purged less than sixty seconds ago.
    pub fn purge(&mut self, queue: &str, now_ms: u64) -> Result<usize, Refusal> {
        let held = self.queue_mut(queue)?;
        if held.purged_at.is_some_and(|at| now_ms < at.saturating_add(PURGE_INTERVAL_MS)) {
            return Err(Refusal::PurgeInProgress(queue.to_owned()));
        }
        held.purged_at = Some(now_ms);
        let numbers = held.numbers();
        for number in &numbers {
            self.remove(What::Purged, queue, *number)?;
        }
        Ok(numbers.len())
    }

    /// How full a queue is. Messages past their retention are removed first.
    ///
    /// # Errors
    /// The queue is unknown.
    pub fn depth(&mut self, queue: &str, now_ms: u64) -> Result<Depth, Refusal> {
        self.expire(queue, now_ms)?;
        self.queue(queue).map(|held| held.depth(now_ms))
    }

    /// How full each queue is, in order of name. Messages past their retention are counted until something else
    /// removes them.
    pub fn depths(&self, now_ms: u64) -> Vec<(String, Depth)> {
        self.queues.iter().map(|(name, held)| (name.clone(), held.depth(now_ms))).collect()
    }

    fn hand_out(&mut self, queue: &str, number: u64, seconds: u32, now_ms: u64) -> Result<Received, Refusal> {
        let held = self.queue_mut(queue)?;
        let mut entry = held.remove(number).expect("only entries of the queue are handed out");
        entry.receives += 1;
        entry.visible_at = now_ms.saturating_add(u64::from(seconds) * 1000);
        entry.received_at = Some(now_ms);
        let first_received_at = *entry.first_received_at.get_or_insert(now_ms);
        let source = entry.source.as_ref().and_then(|source| self.queues.get(source));
        let received = Received {
            message: Arc::clone(&entry.message),
            receipt: Receipt { number, receives: entry.receives }.handle(self.seed, queue),
            sent_at: entry.sent_at,
            receives: entry.receives,
            first_received_at,
            source_arn: source.map(|q| q.settings.arn.clone()),
        };
        self.insert(What::Received, queue, entry);
        Ok(received)
    }

    /// Moves an entry to the dead-letter queue: number, id, body, attributes, receive count and time of sending stay.
    fn dead_letter(&mut self, queue: &str, number: u64, now_ms: u64) -> Result<(), Refusal> {
        let held = self.queue_mut(queue)?;
        let redrive =
            held.settings.redrive.clone().expect("only a queue with a redrive policy has failed entries");
        let mut entry = held.remove(number).expect("only entries of the queue fail in it");
        entry.visible_at = now_ms;
        entry.source = Some(queue.to_owned());
        self.insert(What::DeadLettered, &redrive.dead_letters, entry);
        Ok(())
    }

    pub(crate) fn expire(&mut self, queue: &str, now_ms: u64) -> Result<(), Refusal> {
        for entry in self.queue_mut(queue)?.take_expired(now_ms) {
            self.record(What::Expired, queue, entry);
        }
        Ok(())
    }

    pub(crate) fn insert(&mut self, what: What, queue: &str, entry: Entry) {
        self.record(what, queue, entry.clone());
        self.queues.get_mut(queue).expect("callers looked the queue up").insert(entry);
    }

    pub(crate) fn remove(&mut self, what: What, queue: &str, number: u64) -> Result<Entry, Refusal> {
        let entry = self.queue_mut(queue)?.remove(number).expect("callers looked the entry up");
        self.record(what, queue, entry.clone());
        Ok(entry)
    }

    fn record(&mut self, what: What, queue: &str, entry: Entry) {
        if let Some(changes) = &mut self.changes {
            changes.push(Change { what, queue: queue.to_owned(), entry });
        }
    }

    pub(crate) fn next_id(&mut self) -> (u64, String) {
        self.sequence += 1;
        (self.sequence, ident::uuid(self.seed, self.sequence))
    }

    fn read_receipt(&self, queue: &str, handle: &str) -> Result<Receipt, Refusal> {
        self.queue(queue)?;
        Receipt::read(handle, self.seed, queue).ok_or(Refusal::BadReceipt)
    }

    pub(crate) fn queue(&self, name: &str) -> Result<&Queue, Refusal> {
        self.queues.get(name).ok_or_else(|| Refusal::UnknownQueue(name.to_owned()))
    }

    fn queue_mut(&mut self, name: &str) -> Result<&mut Queue, Refusal> {
        self.queues.get_mut(name).ok_or_else(|| Refusal::UnknownQueue(name.to_owned()))
    }

    pub(crate) fn topic(&self, name: &str) -> Result<&Topic, Refusal> {
        self.topics.get(name).ok_or_else(|| Refusal::UnknownTopic(name.to_owned()))
    }
}

/// An entry that was never received.
pub(crate) fn fresh_entry(number: u64, message: Arc<Message>, sent_at: u64, visible_at: u64) -> Entry {
    Entry {
        number,
        message,
        sent_at,
        visible_at,
        receives: 0,
        first_received_at: None,
        received_at: None,
        source: None,
    }
}

fn check_range(parameter: &'static str, value: u32, min: u32, max: u32) -> Result<(), Refusal> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(Refusal::OutOfRange { parameter, value, min, max })
    }
}
