//! A donation after an event.

use crate::payment::{Attempt, Payment};
use crate::receipt::Receipt;
use crate::takings::{Refund, Takings};
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
                self.payment = Payment::Collecting { attempt: attempt.clone() };
                self.reopen(attempt.first_called_at);
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
                let takings = self.payment.takings().cloned();
                self.payment =
                    Payment::UnderReview { attempt: self.attempt(), reason: *reason, since: *at, takings };
            }
            Event::Captured { capture } => {
                let takings = self.takings_with(capture);
                self.payment = Payment::Captured { attempt: self.attempt(), takings };
                self.reopen(capture.captured_at);
            }
            Event::RefundRequested { refund } => {
                self.change_takings(|takings| takings.with_refund(refund.clone()));
                self.reopen(refund.asked_at);
            }
            Event::RefundDropped { refund } => self.change_takings(|takings| takings.without_refund(refund)),
            Event::RefundStarted { refund, attempt } => {
                self.change_takings(|takings| match takings.refund(refund).cloned() {
                    Some(known) => takings.with_refund(Refund { attempt: Some(attempt.clone()), ..known }),
                    None => takings,
                });
            }
            Event::RefundMoved { refund, at } => {
                self.change_takings(|takings| takings.with_refund(refund.clone()));
                self.reopen(*at);
            }
            Event::DisputeMoved { dispute, at } => {
                self.change_takings(|takings| takings.with_dispute(dispute.clone()));
                self.reopen(*at);
            }
            Event::Resolved { resolved } => {
                self.resolutions.push(resolved.clone());
                if let Payment::UnderReview { attempt, takings: Some(takings), .. } = &self.payment {
                    self.payment = Payment::Captured { attempt: attempt.clone(), takings: takings.clone() };
                    self.reopen(resolved.at);
                }
            }
            Event::EntryPosted { entry } => self.entries.push(entry.clone()),
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
        if self.is_settled() {
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

    fn change_takings(&mut self, change: impl FnOnce(Takings) -> Takings) {
        if let Payment::Captured { takings, .. } | Payment::UnderReview { takings: Some(takings), .. } =
            &mut self.payment
        {
            *takings = change(takings.clone());
        }
    }

    /// A settled donation that owes something again comes back under the completer's eye.
    fn reopen(&mut self, at: Timestamp) {
        if self.next_check.is_none() {
            self.next_check = Some(Check { at: at.plus(REOPENED_CHECK_AFTER), done: 0 });
        }
    }
}
