//! What may be done next about a payment or a refund, and what must not be done yet.

use crate::ids::ProviderReference;
use crate::payment::{ACTION_LIFE, Attempt, KeyLife, Payment};
use crate::takings::{Refund, RefundState};
use crate::time::Timestamp;

use super::Donation;

/// What to do next about a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentStep {
    /// Store this attempt, then call the provider.
    Start {
        /// Number of the attempt to store.
        attempt: u32,
    },
    /// Call the provider again with the stored attempt's key.
    Repeat,
    /// Do not call; ask the provider what became of the payment.
    Ask {
        /// The provider's id of the payment, where it is known; else look through its list.
        reference: Option<ProviderReference>,
    },
    /// Call the payment off: the donor has left the bank's question unanswered for too long.
    CallOff {
        /// The provider's id of the payment.
        reference: ProviderReference,
    },
    /// The payment has ended or is with a person.
    Nothing,
}

/// What to do next about a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundStep {
    /// Store an attempt, then ask the provider.
    Start,
    /// Ask the provider again with the stored attempt's key.
    Repeat {
        /// The stored attempt.
        attempt: Attempt,
    },
    /// Do not ask for it; ask what became of it.
    Ask,
    /// It has ended.
    Nothing,
}

impl Donation {
    /// What to do next about the payment.
    ///
    /// A clock that runs up to five minutes fast or slow changes nothing: the two ages of `key_life` lie
    /// further apart than that, and the provider keeps its keys longer than the first.
    pub fn next_payment_step(&self, now: Timestamp, key_life: KeyLife) -> PaymentStep {
        match &self.payment {
            Payment::Accepted => PaymentStep::Start { attempt: 1 },
            Payment::Collecting { attempt } | Payment::Unknown { attempt, .. } => {
                if now.since(attempt.first_called_at) < key_life.reuse_until {
                    PaymentStep::Repeat
                } else {
                    PaymentStep::Ask { reference: None }
                }
            }
            Payment::ActionRequired { reference, since, .. } if now.since(*since) >= ACTION_LIFE => {
                PaymentStep::CallOff { reference: reference.clone() }
            }
            Payment::ActionRequired { reference, .. } | Payment::Processing { reference, .. } => {
                PaymentStep::Ask { reference: Some(reference.clone()) }
            }
            Payment::Declined { .. } | Payment::UnderReview { .. } | Payment::Captured { .. } => {
                PaymentStep::Nothing
            }
        }
    }

    /// What to do next about a refund of this donation. The ages are those of payments.
    pub fn next_refund_step(refund: &Refund, now: Timestamp, key_life: KeyLife) -> RefundStep {
        match (&refund.state, &refund.attempt) {
            (RefundState::Requested, None) => RefundStep::Start,
            (RefundState::Requested, Some(attempt))
                if now.since(attempt.first_called_at) < key_life.reuse_until =>
            {
                RefundStep::Repeat { attempt: attempt.clone() }
            }
            (RefundState::Requested, Some(_)) | (RefundState::Pending { .. }, _) => RefundStep::Ask,
            (RefundState::Succeeded { .. } | RefundState::Failed { .. }, _) => RefundStep::Nothing,
        }
    }
}
