//! Receiving, and what a receipt handle lets its holder do.

use std::sync::Arc;

use crate::{
    answer::Received,
    ident::Receipt,
    model::Model,
    queue::{Entry, IN_FLIGHT_MAX, VISIBILITY_SECONDS_MAX, What},
    refusal::Refusal,
};

/// Most messages in one receive.
const RECEIVE_MAX: u32 = 10;

impl Model {
    /// Hands out up to `max` visible messages and hides them. Messages received too often move to the
    /// dead-letter queue instead.
    ///
    /// # Errors
    /// The queue is unknown, `max` is not 1 to 10, the visibility timeout is over twelve hours, or too many
    /// messages are in flight.
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
        if from.is_at_quota(now_ms) {
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

    /// Deletes the message of a receipt handle, visible again or not. A handle that is not of the latest
    /// receive is accepted and deletes nothing, and so is one of a message that is gone.
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
    /// The queue is unknown or never gave this handle, the handle is not of the latest receive, the message
    /// is not in flight, or it would be hidden for more than twelve hours from its receipt.
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

    /// Moves an entry to the dead-letter queue: number, id, body, attributes, receive count and time of
    /// sending stay.
    fn dead_letter(&mut self, queue: &str, number: u64, now_ms: u64) -> Result<(), Refusal> {
        let held = self.queue_mut(queue)?;
        let redrive =
            held.settings.redrive.clone().expect("only a queue with a redrive policy has failed entries");
        let mut entry = held.remove(number).expect("only entries of the queue fail in it");
        entry.visible_at = now_ms;
        entry.source = Some(queue.to_owned());
        entry.dead_lettered_at = Some(now_ms);
        self.insert(What::DeadLettered, &redrive.dead_letters, entry);
        Ok(())
    }

    fn read_receipt(&self, queue: &str, handle: &str) -> Result<Receipt, Refusal> {
        self.queue(queue)?;
        Receipt::read(handle, self.seed, queue).ok_or(Refusal::BadReceipt)
    }
}

fn check_range(parameter: &'static str, value: u32, min: u32, max: u32) -> Result<(), Refusal> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(Refusal::OutOfRange { parameter, value, min, max })
    }
}
