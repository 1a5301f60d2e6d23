//! Moving messages back from a dead-letter queue.

use std::sync::Arc;

use crate::{
    answer::{MoveStatus, MoveTask},
    message::Attributes,
    model::{Model, fresh_entry},
    queue::{Queue, What},
    refusal::Refusal,
};

const MOVES_KEPT: usize = 10;

impl Model {
    /// Moves the visible messages of a dead-letter queue to `destination`, or each to the queue that it
    /// failed in. A moved message is a new one: new id, new time, never received.
    ///
    /// # Errors
    /// A queue is unknown, or `source` is no queue's dead-letter queue.
    pub fn start_move(
        &mut self,
        source: &str,
        destination: Option<&str>,
        now_ms: u64,
    ) -> Result<MoveTask, Refusal> {
        self.expire(source, now_ms)?;
        if let Some(destination) = destination {
            self.queue(destination)?;
        }
        self.check_dead_letters(source)?;
        let numbers: Vec<u64> = self.queue(source)?.visible(now_ms).map(|e| e.number).collect();
        let (_, handle) = self.next_id();
        let mut task = MoveTask {
            handle,
            source: source.to_owned(),
            destination: destination.map(str::to_owned),
            status: MoveStatus::Completed,
            moved: 0,
            to_move: numbers.len(),
            started_at: now_ms,
        };
        for number in numbers {
            if !self.move_back(source, number, destination, now_ms)? {
                task.status = MoveStatus::NoSource;
                break;
            }
            task.moved += 1;
        }
        self.keep_move(task.clone());
        Ok(task)
    }

    /// The latest moves from a dead-letter queue, newest first, at most ten.
    ///
    /// # Errors
    /// The queue is unknown.
    pub fn moves(&self, source: &str) -> Result<Vec<MoveTask>, Refusal> {
        self.queue(source)?;
        Ok(self.moves.iter().rev().filter(|task| task.source == source).cloned().collect())
    }

    /// Checks that a queue is another's dead-letter queue.
    pub(crate) fn check_dead_letters(&self, queue: &str) -> Result<(), Refusal> {
        let feeds = |q: &Queue| q.settings.redrive.as_ref().is_some_and(|r| r.dead_letters == queue);
        if self.queues.values().any(feeds) {
            return Ok(());
        }
        Err(Refusal::NotDeadLetters(queue.to_owned()))
    }

    /// Moves one entry back; false where nothing says whereto.
    fn move_back(
        &mut self,
        source: &str,
        number: u64,
        destination: Option<&str>,
        now_ms: u64,
    ) -> Result<bool, Refusal> {
        let own = self.queue(source)?.get(number).and_then(|entry| entry.source.clone());
        let Some(to) = destination.map(str::to_owned).or(own).filter(|to| self.queues.contains_key(to))
        else {
            return Ok(false);
        };
        let attributes = self.queue(source)?.get(number).map(|entry| entry.message.attributes.clone());
        self.move_entry(source, number, &to, attributes.unwrap_or_default(), now_ms)?;
        Ok(true)
    }

    /// Moves an entry to another queue as a new message with these attributes, and gives its new id.
    pub(crate) fn move_entry(
        &mut self,
        source: &str,
        number: u64,
        to: &str,
        attributes: Attributes,
        now_ms: u64,
    ) -> Result<String, Refusal> {
        let old = self.remove(What::MovedAway, source, number)?;
        let (number, id) = self.next_id();
        let message = old.message.with(id.clone(), old.message.body.clone(), attributes);
        self.insert(What::MovedBack, to, fresh_entry(number, Arc::new(message), now_ms, now_ms));
        Ok(id)
    }

    fn keep_move(&mut self, task: MoveTask) {
        let of_source = self.moves.iter().filter(|kept| kept.source == task.source).count();
        if of_source >= MOVES_KEPT
            && let Some(oldest) = self.moves.iter().position(|kept| kept.source == task.source)
        {
            self.moves.remove(oldest);
        }
        self.moves.push(task);
    }
}
