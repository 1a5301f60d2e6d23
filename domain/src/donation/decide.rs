//! What follows from a command: events, nothing (it is so already), or a refusal.

use crate::ids::{EntryId, ProviderKey};
use crate::payment::{
    ATTEMPTS_MAX, Attempt, Capture, DeclineReason, KeyLife, Payment, PaymentOutcome, ReviewReason,
};
use crate::time::Timestamp;

use super::{Command, Donation, Event, PaymentStep, Refusal, Resolution, Resolved};

impl Donation {
    /// Decides a command. An empty list means that the donation is already as the command wants it.
    ///
    /// # Errors
    /// [`Refusal`]: the command does not fit, and will not fit later either unless the refusal says so.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::StartAttempt { at, key_life } => self.start_attempt(at, key_life),
            Command::RecordOutcome { outcome, at } => self.record_outcome(outcome, at),
            Command::RecordAbsence { at, key_life } => Ok(self.record_absence(at, key_life)),
            Command::RequestRefund { request, at } => self.request_refund(request, at),
            Command::StartRefund { refund, at } => self.start_refund(&refund, at),
            Command::RecordRefund { news, at } => self.record_refund(&news, at),
            Command::RecordRefundRejected { refund, at } => self.record_refund_rejected(&refund, at),
            Command::RecordRefundAbsence { refund, at, key_life } => {
                self.record_refund_absence(&refund, at, key_life)
            }
            Command::RecordDispute { news, at } => self.record_dispute(&news, at),
            Command::RecordTakenBack { payment, at } => self.record_taken_back(&payment, at),
            Command::Resolve { resolved } => self.resolve(resolved),
            Command::RecordEntry { entry } => self.record_entry(entry),
            Command::ClaimReceipt { claim, at } => self.claim_receipt(claim, at),
            Command::RecordReceiptSent { claim, mail, at } => self.record_receipt_sent(&claim, mail, at),
            Command::ReleaseReceipt { claim } => self.release_receipt(&claim),
            Command::PostponeCheck { until } => match self.next_check {
                Some(_) => Ok(vec![Event::CheckPostponed { until }]),
                None => Ok(vec![]),
            },
        }
    }

    fn start_attempt(&self, at: Timestamp, key_life: KeyLife) -> Result<Vec<Event>, Refusal> {
        let number = match self.next_payment_step(at, key_life) {
            PaymentStep::Start { attempt } => attempt,
            PaymentStep::Repeat
            | PaymentStep::Ask { .. }
            | PaymentStep::CallOff { .. }
            | PaymentStep::Nothing => {
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
            PaymentOutcome::Captured { reference, amount, created_at } => {
                self.record_capture(Capture { reference, amount, created_at, captured_at: at })
            }
            PaymentOutcome::Declined { reason, .. } => Ok(self.record_no(reason, at)),
            PaymentOutcome::Cancelled { .. } => Ok(self.record_no(DeclineReason::Abandoned, at)),
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
                | Payment::Captured { .. } => vec![],
            }),
            PaymentOutcome::Processing { reference } => Ok(match self.payment {
                Payment::Collecting { .. } | Payment::Unknown { .. } | Payment::ActionRequired { .. } => {
                    vec![Event::ProcessingBegan { reference, at }]
                }
                Payment::Accepted
                | Payment::Processing { .. }
                | Payment::Declined { .. }
                | Payment::UnderReview { .. }
                | Payment::Captured { .. } => vec![],
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
                | Payment::Captured { .. } => vec![],
            }),
            PaymentOutcome::Unknown { .. } => Ok(match self.payment {
                Payment::Collecting { .. } => vec![Event::OutcomeUnknown { at }],
                Payment::Accepted
                | Payment::Unknown { .. }
                | Payment::ActionRequired { .. }
                | Payment::Processing { .. }
                | Payment::Declined { .. }
                | Payment::UnderReview { .. }
                | Payment::Captured { .. } => vec![],
            }),
            PaymentOutcome::NotExecuted { .. } => Ok(vec![]),
        }
    }

    /// A no ends a payment that is open: it never takes back a capture, and never overrides a review. Of two,
    /// the one that says more is kept, whichever came first.
    fn record_no(&self, reason: DeclineReason, at: Timestamp) -> Vec<Event> {
        let is_news = match self.payment {
            Payment::Declined { reason: known, .. } => reason < known,
            Payment::Accepted
            | Payment::Collecting { .. }
            | Payment::Unknown { .. }
            | Payment::ActionRequired { .. }
            | Payment::Processing { .. } => true,
            Payment::UnderReview { .. } | Payment::Captured { .. } => false,
        };
        if is_news { vec![Event::Declined { reason, at }] } else { vec![] }
    }

    /// A person's word ends what no provider's word could. It never undoes a capture.
    fn resolve(&self, resolved: Resolved) -> Result<Vec<Event>, Refusal> {
        let at = resolved.at;
        let follows = match (resolved.resolution, &self.payment) {
            (Resolution::AmountAccepted, Payment::UnderReview { takings: Some(_), .. }) => vec![],
            (Resolution::NotTaken, Payment::UnderReview { takings: None, .. } | Payment::Unknown { .. }) => {
                vec![Event::Declined { reason: DeclineReason::CalledOff, at }]
            }
            (Resolution::TryAgain, Payment::UnderReview { takings: None, reason, attempt, .. }) => {
                match reason {
                    ReviewReason::AttemptsExhausted => {
                        vec![self.attempt_started(attempt.number.saturating_add(1), at)]
                    }
                    // A request of this attempt may still be on its way, so only its key is safe; when the
                    // key is too old the provider is asked first.
                    ReviewReason::RequestRejected | ReviewReason::AmountDiffers => {
                        vec![Event::AttemptStarted { attempt: attempt.clone() }]
                    }
                }
            }
            _ => return Err(Refusal::NothingToResolve),
        };
        Ok([vec![Event::Resolved { resolved }], follows].concat())
    }

    fn record_entry(&self, entry: EntryId) -> Result<Vec<Event>, Refusal> {
        if self.entries.contains(&entry) {
            return Ok(vec![]);
        }
        if self.entries_owed().any(|owed| *owed.id() == entry) {
            return Ok(vec![Event::EntryPosted { entry }]);
        }
        Err(Refusal::EntryWithoutEffect)
    }
}
