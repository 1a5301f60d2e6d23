//! What a person may do to a message in a dead-letter queue: look at it, mend it, send it back, throw it
//! away.
//!
//! SQS has no single call for any of these: there, a mended or returned message is sent anew and its old copy
//! deleted. Here each is one change, so that nothing is ever lost or doubled between the two.

use std::sync::Arc;

use crate::{
    message::{Attributes, Outgoing},
    model::Model,
    queue::{Entry, What},
    refusal::Refusal,
};

impl Model {
    /// A queue's entries in order of arrival, in flight or not, without those past their retention.
    ///
    /// # Errors
    /// The queue is unknown.
    pub fn entries(&self, queue: &str, now_ms: u64) -> Result<impl Iterator<Item = &Entry>, Refusal> {
        Ok(self.queue(queue)?.entries(now_ms))
    }

    /// Gives a message of a dead-letter queue another body and other attributes. Number, id, age and receive
    /// count stay.
    ///
    /// # Errors
    /// The queue is unknown or no dead-letter queue, it has no such message that nobody holds, or the new
    /// content breaks a rule of messages.
    pub fn edit_dead_letter(
        &mut self,
        queue: &str,
        id: &str,
        body: String,
        attributes: Attributes,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        let number = self.dead_letter_number(queue, id, now_ms)?;
        let outgoing = Outgoing { body, attributes, ..Outgoing::default() };
        outgoing.check()?;
        let held = self.queue_mut(queue)?;
        let mut entry = held.remove(number).expect("the entry was found above");
        let message = entry.message.with(entry.message.id.clone(), outgoing.body, outgoing.attributes);
        entry.message = Arc::new(message);
        self.insert(What::Edited, queue, entry);
        Ok(())
    }

    /// Sends a message of a dead-letter queue back to `to` with these attributes, as a new message that was
    /// never received, and gives its new id.
    ///
    /// # Errors
    /// A queue is unknown, `queue` is no dead-letter queue, it has no such message that nobody holds, or the
    /// attributes break a rule of messages.
    pub fn return_dead_letter(
        &mut self,
        queue: &str,
        id: &str,
        to: &str,
        attributes: Attributes,
        now_ms: u64,
    ) -> Result<String, Refusal> {
        self.queue(to)?;
        let number = self.dead_letter_number(queue, id, now_ms)?;
        let body = self.queue(queue)?.get(number).map(|entry| entry.message.body.clone());
        Outgoing { body: body.unwrap_or_default(), attributes: attributes.clone(), ..Outgoing::default() }
            .check()?;
        self.move_entry(queue, number, to, attributes, now_ms)
    }

    /// Removes a message from a dead-letter queue.
    ///
    /// # Errors
    /// The queue is unknown or no dead-letter queue, or it has no such message that nobody holds.
    pub fn discard_dead_letter(&mut self, queue: &str, id: &str, now_ms: u64) -> Result<Entry, Refusal> {
        let number = self.dead_letter_number(queue, id, now_ms)?;
        self.remove(What::Deleted, queue, number)
    }

    /// The number of a visible message of a dead-letter queue.
    fn dead_letter_number(&mut self, queue: &str, id: &str, now_ms: u64) -> Result<u64, Refusal> {
        self.expire(queue, now_ms)?;
        self.check_dead_letters(queue)?;
        let found = self.queue(queue)?.visible(now_ms).find(|entry| entry.message.id == id);
        let missing = || Refusal::NoSuchMessage { queue: queue.to_owned(), id: id.to_owned() };
        found.map(|entry| entry.number).ok_or_else(missing)
    }
}
