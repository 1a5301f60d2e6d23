//! What follows a payment, and what the completer takes up again.

use std::ops::Range;

use crate::consumer::{Batch, count};
use crate::donations::Stage;
use crate::run::{Event, Run};
use crate::settings::Queue;
use crate::work::{self, MAIL_MS, Work};

impl Run {
    /// Announces again what is owed to the donations that the completer takes up.
    pub(crate) fn resume(&mut self, step: &Range<u64>) {
        for id in self.completer.take_up(step, &self.donations) {
            let stage = self.donations.get(id).stage;
            if stage == Stage::Settled {
                continue;
            }
            if !self.publish() {
                self.completer.watch(id, step.start);
                continue;
            }
            self.outcome.counts.resumed += 1;
            self.door.table.spend(&work::RESUME);
            match stage {
                Stage::Owing => {
                    self.ledger.send(id);
                    if !self.donations.get(id).is_mailed {
                        self.receipts.send(id);
                    }
                }
                Stage::Unannounced => {
                    let because = self.donations.get(id).because;
                    if let Some(left) = self.unannounced.get_mut(&because) {
                        *left -= 1;
                    }
                    self.donations.put(id, Stage::Queued);
                    self.payments.send(id);
                }
                _ => self.payments.send(id),
            }
            self.completer.put_off(id, step.start, &mut self.donations);
        }
    }

    /// Books, mails and applies what lies in the queues behind the payments.
    pub(crate) fn follow(&mut self, step: &Range<u64>) {
        let mut spare = self.spare();
        while let Some(batch) = self.ledger.begin(step, spare) {
            let ends_ms = ends_at(&batch, &self.ledger.queue, &work::POST_ENTRY);
            for id in &batch.ids {
                if !self.donations.get(*id).is_booked {
                    self.door.table.spend(&work::POST_ENTRY);
                    self.at(ends_ms, Event::Booked(*id));
                }
            }
            self.ledger.end(batch.begins_ms, ends_ms, count(batch.ids.len()));
            spare = self.spare();
        }
        while let Some(batch) = self.receipts.begin(step, spare) {
            let ends_ms = ends_at(&batch, &self.receipts.queue, &work::SEND_RECEIPT);
            for id in &batch.ids {
                if self.donations.get(*id).is_mailed || self.donations.get(*id).is_mailing {
                    continue;
                }
                if self.mails.take(1) {
                    self.outcome.counts.mails += 1;
                    self.door.table.spend(&work::SEND_RECEIPT);
                    self.donations.get_mut(*id).is_mailing = true;
                    self.at(ends_ms, Event::Mailed(*id));
                } else {
                    self.outcome.counts.mails_refused += 1;
                    self.at(ends_ms, Event::NotMailed(*id));
                }
            }
            self.receipts.end(batch.begins_ms, ends_ms, count(batch.ids.len()));
            spare = self.spare();
        }
        while let Some(batch) = self.notifications.begin(step, spare) {
            let ends_ms = ends_at(&batch, &self.notifications.queue, &work::APPLY_NOTIFICATION);
            self.notifications.end(batch.begins_ms, ends_ms, count(batch.ids.len()));
            spare = self.spare();
        }
    }
}

/// When a batch ends of which every message takes the same.
fn ends_at(batch: &Batch, queue: &Queue, work: &Work) -> u64 {
    let messages = count(batch.ids.len());
    let rounds = messages.div_ceil(queue.at_once.max(1));
    let waits = rounds * (work.waits() + work.mails * MAIL_MS / 100);
    batch.begins_ms + waits + work.works(messages, queue.memory_mb)
}
