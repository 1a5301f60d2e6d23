//! What has happened to a donation.

use crate::ids::{ClaimId, EntryId, MailId, ProviderReference, RefundId};
use crate::payment::{Attempt, Capture, DeclineReason, NextAction, ReviewReason};
use crate::takings::{Dispute, Refund};
use crate::time::Timestamp;

use super::Resolved;

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A new attempt was stored, or one that a person lets go on.
    AttemptStarted {
        /// The attempt.
        attempt: Attempt,
    },
    /// The answer of the attempt is not known.
    OutcomeUnknown {
        /// Since when.
        at: Timestamp,
    },
    /// The bank wants the donor to confirm.
    ActionRequired {
        /// The provider's id of the payment.
        reference: ProviderReference,
        /// What the donor's browser has to do.
        action: NextAction,
        /// When.
        at: Timestamp,
    },
    /// The provider is working on it.
    ProcessingBegan {
        /// The provider's id of the payment.
        reference: ProviderReference,
        /// When.
        at: Timestamp,
    },
    /// The answer was no.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// When.
        at: Timestamp,
    },
    /// A person has to look.
    ReviewNeeded {
        /// Why.
        reason: ReviewReason,
        /// When.
        at: Timestamp,
    },
    /// The money was taken.
    Captured {
        /// What.
        capture: Capture,
    },
    /// A refund is to be made; of what was taken twice it may be asked again, with what is left by then.
    RefundRequested {
        /// What.
        refund: Refund,
    },
    /// A refund of what was taken twice is not to be made after all; nobody had begun it.
    RefundDropped {
        /// Which.
        refund: RefundId,
    },
    /// A new attempt at a refund was stored.
    RefundStarted {
        /// Which.
        refund: RefundId,
        /// The attempt.
        attempt: Attempt,
    },
    /// A refund moved on, at the provider or by its refusal.
    RefundMoved {
        /// The refund as it is now.
        refund: Refund,
        /// When.
        at: Timestamp,
    },
    /// A dispute was opened, or moved on.
    DisputeMoved {
        /// The dispute as it is now.
        dispute: Dispute,
        /// When.
        at: Timestamp,
    },
    /// A person decided.
    Resolved {
        /// What, who and why.
        resolved: Resolved,
    },
    /// A journal entry is in the ledger.
    EntryPosted {
        /// Its id.
        entry: EntryId,
    },
    /// Somebody claimed the receipt.
    ReceiptClaimed {
        /// Who.
        claim: ClaimId,
        /// When.
        at: Timestamp,
    },
    /// The mail service accepted the receipt.
    ReceiptSent {
        /// The mail service's id.
        mail: MailId,
        /// When.
        at: Timestamp,
    },
    /// The receipt was certainly not sent and may be claimed again.
    ReceiptReleased,
    /// Nobody saw how the sending ended.
    ReceiptAmbiguous {
        /// The claim whose end nobody saw.
        claim: ClaimId,
        /// When.
        at: Timestamp,
    },
    /// The completer looks again later.
    CheckPostponed {
        /// When.
        until: Timestamp,
    },
}
