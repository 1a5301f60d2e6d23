//! What follows from a command: events, nothing (it is so already), or a refusal.

use crate::ids::{ClaimId, ProviderKey, ProviderReference};
use crate::journal::EntryKind;
use crate::money::Money;
use crate::payment::{
    ATTEMPTS_MAX, Attempt, Capture, DeclineReason, KeyLife, Payment, PaymentOutcome, ReviewReason,
};
use crate::receipt::{CLAIM_LIFE, Receipt};
use crate::time::Timestamp;

use super::{Command, Donation, Event, PaymentStep, Refusal};

impl Donation {
    /// Decides a command. An empty list means that the donation is already as the command wants it.
    ///
    /// # Errors
    /// [`Refusal`]: the command does not fit and will not fit later either.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::StartAttempt { at, key_life } => self.start_attempt(at, key_life),
            Command::RecordOutcome { outcome, at } => self.record_outcome(outcome, at),
            Command::RecordAbsence { at, key_life } => Ok(self.record_absence(at, key_life)),
            Command::RecordReturn { reference, at } => self.record_return(&reference, at),
            Command::RecordEntry { kind, entry } => {
                let (happened, booked) = match kind {
                    EntryKind::Capture => (self.payment.capture().is_some(), &self.capture_entry),
                    EntryKind::Return => {
                        (matches!(self.payment, Payment::Returned { .. }), &self.return_entry)
                    }
                };
                match booked {
                    Some(booked) if *booked == entry => Ok(vec![]),
                    None if happened => Ok(vec![Event::EntryPosted { kind, entry }]),
                    Some(_) | None => Err(Refusal::EntryWithoutEffect),
                }
            }
            Command::ClaimReceipt { claim, at } => self.claim_receipt(claim, at),
            Command::RecordReceiptSent { claim, mail, at } => match &self.receipt {
                Receipt::Sending { claim: held, .. } | Receipt::Ambiguous { claim: held, .. }
                    if *held == claim =>
                {
                    Ok(vec![Event::ReceiptSent { mail, at }])
                }
                Receipt::Sent { mail: known, .. } if *known == mail => Ok(vec![]),
                Receipt::NotSent
                | Receipt::Sending { .. }
                | Receipt::Ambiguous { .. }
                | Receipt::Sent { .. } => Err(Refusal::ReceiptNotClaimable),
            },
            Command::ReleaseReceipt { claim } => match &self.receipt {
                Receipt::Sending { claim: held, .. } | Receipt::Ambiguous { claim: held, .. }
                    if *held == claim =>
                {
                    Ok(vec![Event::ReceiptReleased])
                }
                Receipt::NotSent => Ok(vec![]),
                Receipt::Sending { .. } | Receipt::Ambiguous { .. } | Receipt::Sent { .. } => {
                    Err(Refusal::ReceiptNotClaimable)
                }
            },
            Command::PostponeCheck { until } => match self.next_check {
                Some(_) => Ok(vec![Event::CheckPostponed { until }]),
                None => Ok(vec![]),
            },
        }
    }

    fn start_attempt(&self, at: Timestamp, key_life: KeyLife) -> Result<Vec<Event>, Refusal> {
        let number = match self.next_payment_step(at, key_life) {
            PaymentStep::Start { attempt } => attempt,
            PaymentStep::Repeat | PaymentStep::Ask { .. } | PaymentStep::Nothing => {
                return Err(Refusal::AttemptNotAllowed);
            }
        };
        Ok(vec![self.attempt_started(number, at)])
    }

    fn attempt_started(&self, number: u32, at: Timestamp) -> Event {
        let key = ProviderKey::of_attempt(&self.id, number);
        Event::AttemptStarted { attempt: Attempt { number, key, first_called_at: at } }
    }

    /// Absence proves something only once the key is old enough; then another attempt is safe.
    fn record_absence(&self, at: Timestamp, key_life: KeyLife) -> Vec<Event> {
        let (Payment::Collecting { attempt } | Payment::Unknown { attempt, .. }) = &self.payment else {
            return vec![];
        };
        if at.since(attempt.first_called_at) < key_life.absence_proves_from {
            return vec![];
        }
        if attempt.number >= ATTEMPTS_MAX {
            return vec![Event::ReviewNeeded { reason: ReviewReason::AttemptsExhausted, at }];
        }
        vec![self.attempt_started(attempt.number.saturating_add(1), at)]
    }

    fn record_outcome(&self, outcome: PaymentOutcome, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        if self.payment.attempt().is_none() {
            return Err(Refusal::NoAttempt);
        }
        match outcome {
            PaymentOutcome::Captured { reference, amount } => self.record_capture(reference, amount, at),
            PaymentOutcome::Declined { reason, .. } => Ok(self.while_open(|| Event::Declined { reason, at })),
            PaymentOutcome::Cancelled { .. } => {
                let reason = DeclineReason::AuthenticationFailed;
                Ok(self.while_open(|| Event::Declined { reason, at }))
            }
            PaymentOutcome::Rejected { .. } => Ok(match self.payment {
                Payment::Collecting { .. } | Payment::Unknown { .. } => {
                    vec![Event::ReviewNeeded { reason: ReviewReason::RequestRejected, at }]
                }
                // The provider has named the payment: rejecting a request since then says nothing about it.
                Payment::Accepted
                | Payment::ActionRequired { .. }
                | Payment::Processing { .. }
                | Payment::Declined { .. }
                | Payment::UnderReview { .. }
                | Payment::Captured { .. }
                | Payment::Returned { .. } => vec![],
            }),
            PaymentOutcome::Processing { reference } => Ok(match self.payment {
                Payment::Collecting { .. } | Payment::Unknown { .. } | Payment::ActionRequired { .. } => {
                    vec![Event::ProcessingBegan { reference, at }]
                }
                Payment::Accepted
                | Payment::Processing { .. }
                | Payment::Declined { .. }
                | Payment::UnderReview { .. }
                | Payment::Captured { .. }
                | Payment::Returned { .. } => vec![],
            }),
            PaymentOutcome::ActionRequired { reference, action } => Ok(match self.payment {
                Payment::Collecting { .. } | Payment::Unknown { .. } => {
                    vec![Event::ActionRequired { reference, action, at }]
                }
                Payment::Accepted
                | Payment::ActionRequired { .. }
                | Payment::Processing { .. }
                | Payment::Declined { .. }
                | Payment::UnderReview { .. }
                | Payment::Captured { .. }
                | Payment::Returned { .. } => vec![],
            }),
            PaymentOutcome::Unknown { .. } => Ok(match self.payment {
                Payment::Collecting { .. } => vec![Event::OutcomeUnknown { at }],
                Payment::Accepted
                | Payment::Unknown { .. }
                | Payment::ActionRequired { .. }
                | Payment::Processing { .. }
                | Payment::Declined { .. }
                | Payment::UnderReview { .. }
                | Payment::Captured { .. }
                | Payment::Returned { .. } => vec![],
            }),
            PaymentOutcome::NotExecuted { .. } => Ok(vec![]),
        }
    }

    /// A no counts only while the payment is open: it never takes back a capture, and never overrides a
    /// review.
    fn while_open(&self, event: impl FnOnce() -> Event) -> Vec<Event> {
        if self.payment_is_open() { vec![event()] } else { vec![] }
    }

    fn record_capture(
        &self,
        reference: ProviderReference,
        amount: Money,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        if let Some(known) = self.payment.capture() {
            return if known.reference == reference { Ok(vec![]) } else { Err(Refusal::SecondCapture) };
        }
        if amount != self.gift.amount {
            let reason = ReviewReason::AmountDiffers;
            let known =
                matches!(self.payment, Payment::UnderReview { reason: ReviewReason::AmountDiffers, .. });
            return Ok(if known { vec![] } else { vec![Event::ReviewNeeded { reason, at }] });
        }
        Ok(vec![Event::Captured { capture: Capture { reference, amount, captured_at: at } }])
    }

    fn record_return(&self, reference: &ProviderReference, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match &self.payment {
            Payment::Captured { capture, .. } if capture.reference == *reference => {
                Ok(vec![Event::Returned { at }])
            }
            Payment::Returned { capture, .. } if capture.reference == *reference => Ok(vec![]),
            Payment::Accepted
            | Payment::Collecting { .. }
            | Payment::Unknown { .. }
            | Payment::ActionRequired { .. }
            | Payment::Processing { .. } => Err(Refusal::ReturnBeforeCapture),
            Payment::Declined { .. }
            | Payment::UnderReview { .. }
            | Payment::Captured { .. }
            | Payment::Returned { .. } => Err(Refusal::ReturnWithoutCapture),
        }
    }

    /// A claim that nobody holds is granted. One that is held too long is not handed on: its holder may have
    /// sent the mail, so the receipt becomes ambiguous instead.
    fn claim_receipt(&self, claim: ClaimId, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        if self.payment.capture().is_none() {
            return Err(Refusal::ReceiptNotClaimable);
        }
        match &self.receipt {
            Receipt::NotSent => Ok(vec![Event::ReceiptClaimed { claim, at }]),
            Receipt::Sending { claim: held, claimed_at } if at.since(*claimed_at) >= CLAIM_LIFE => {
                Ok(vec![Event::ReceiptAmbiguous { claim: held.clone(), at }])
            }
            Receipt::Sending { .. } | Receipt::Sent { .. } | Receipt::Ambiguous { .. } => {
                Err(Refusal::ReceiptNotClaimable)
            }
        }
    }
}
