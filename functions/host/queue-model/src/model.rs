//! The whole: queues, topics and the calls that AWS offers on them.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    answer::{Depth, MoveTask, PerEntry, Sent},
    batch, ident,
    message::{MESSAGE_BYTES_MAX, Message, Outgoing},
    queue::{Change, Entry, Queue, QueueSettings, What},
    refusal::Refusal,
    topic::{Subscription, Topic},
};

const PURGE_INTERVAL_MS: u64 = 60_000;

/// Queues and topics with everything in them.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) seed: u64,
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

    /// Puts back an entry of an earlier run, exactly as it was: one in flight becomes visible when its
    /// visibility timeout ends. Leaves no change record.
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
    /// The name is taken, a setting is out of its range, or the dead-letter queue is unknown: it is made
    /// first.
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

    /// How full each queue is, in order of name. Messages past their retention are not counted, though they
    /// stay until something else removes them.
    pub fn depths(&self, now_ms: u64) -> Vec<(String, Depth)> {
        self.queues.iter().map(|(name, held)| (name.clone(), held.depth(now_ms))).collect()
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

    pub(crate) fn queue(&self, name: &str) -> Result<&Queue, Refusal> {
        self.queues.get(name).ok_or_else(|| Refusal::UnknownQueue(name.to_owned()))
    }

    pub(crate) fn queue_mut(&mut self, name: &str) -> Result<&mut Queue, Refusal> {
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
        dead_lettered_at: None,
    }
}
