//! A donation after an event.

use crate::journal::EntryKind;
use crate::payment::{Attempt, Payment};
use crate::receipt::Receipt;
use crate::time::Timestamp;

use super::{Check, Donation, Event, REOPENED_CHECK_AFTER};

impl Donation {
    /// The donation after `event`, which `decide` gave for it.
    ///
    /// # Panics
    /// When an outcome is applied to a donation without an attempt, which `decide` refuses.
    #[must_use]
    pub fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::AttemptStarted { attempt } => {
                self.payment = Payment::Collecting { attempt: attempt.clone() }
            }
            Event::OutcomeUnknown { at } => {
                self.payment = Payment::Unknown { attempt: self.attempt(), since: *at };
            }
            Event::ActionRequired { reference, action, at } => {
                self.payment = Payment::ActionRequired {
                    attempt: self.attempt(),
                    reference: reference.clone(),
                    action: action.clone(),
                    since: *at,
                };
            }
            Event::ProcessingBegan { reference, at } => {
                self.payment =
                    Payment::Processing { attempt: self.attempt(), reference: reference.clone(), since: *at };
            }
            Event::Declined { reason, at } => {
                self.payment =
                    Payment::Declined { attempt: self.attempt(), reason: *reason, declined_at: *at };
            }
            Event::ReviewNeeded { reason, at } => {
                self.payment = Payment::UnderReview { attempt: self.attempt(), reason: *reason, since: *at };
            }
            Event::Captured { capture } => {
                self.payment = Payment::Captured { attempt: self.attempt(), capture: capture.clone() };
                self.reopen(capture.captured_at);
            }
            Event::Returned { at } => {
                let capture =
                    self.payment.capture().cloned().expect("decide lets only a capture be returned");
                self.payment = Payment::Returned { attempt: self.attempt(), capture, returned_at: *at };
                self.reopen(*at);
            }
            Event::EntryPosted { kind, entry } => match kind {
                EntryKind::Capture => self.capture_entry = Some(entry.clone()),
                EntryKind::Return => self.return_entry = Some(entry.clone()),
            },
            Event::ReceiptClaimed { claim, at } => {
                self.receipt = Receipt::Sending { claim: claim.clone(), claimed_at: *at };
            }
            Event::ReceiptSent { mail, at } => {
                self.receipt = Receipt::Sent { mail: mail.clone(), sent_at: *at };
            }
            Event::ReceiptReleased => {
                // A slow sender may give back a claim that was called ambiguous when the donation was long
                // settled.
                if let Receipt::Ambiguous { since, .. } = self.receipt {
                    self.reopen(since);
                }
                self.receipt = Receipt::NotSent;
            }
            Event::ReceiptAmbiguous { claim, at } => {
                self.receipt = Receipt::Ambiguous { claim: claim.clone(), since: *at };
            }
            Event::CheckPostponed { until } => {
                self.next_check =
                    self.next_check.map(|check| Check { at: *until, done: check.done.saturating_add(1) });
            }
        }
        if self.owed().is_nothing() {
            self.next_check = None;
        }
        self
    }

    /// The donation after all of `events`.
    #[must_use]
    pub fn evolve_all(self, events: &[Event]) -> Self {
        events.iter().fold(self, Self::evolve)
    }

    fn attempt(&self) -> Attempt {
        self.payment.attempt().cloned().expect("decide refuses an outcome before the first attempt")
    }

    /// A settled donation that owes something again comes back under the completer's eye.
    fn reopen(&mut self, at: Timestamp) {
        if self.next_check.is_none() {
            self.next_check = Some(Check { at: at.plus(REOPENED_CHECK_AFTER), done: 0 });
        }
    }
}
