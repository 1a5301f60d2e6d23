//! A donation from acceptance to settlement: `decide` says what follows from a command, `evolve` applies it.
//!
//! Both are pure. Whoever stores the result does so on the condition that the version read is still the
//! stored one, and decides again when it is not.

mod decide;
mod evolve;
mod next_step;

use crate::donor::{Donor, GiftAidDeclaration};
use crate::gift::{Gift, Instrument};
use crate::ids::{ClaimId, DonationId, EntryId, MailId, ProviderReference};
use crate::journal::EntryKind;
use crate::payment::{
    Attempt, Capture, DeclineReason, KeyLife, NextAction, Payment, PaymentOutcome, ReviewReason,
};
use crate::receipt::Receipt;
use crate::time::{Span, Timestamp};

pub use next_step::PaymentStep;

/// Digest of the request that made the donation. The same key with another digest is a different request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

/// The donor's gift and all that has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Donation {
    /// Id, derived from charity and idempotency key.
    pub id: DonationId,
    /// Digest of the request.
    pub fingerprint: Fingerprint,
    /// What is given.
    pub gift: Gift,
    /// Who gives.
    pub donor: Donor,
    /// The Gift Aid declaration, where the donor made one.
    pub gift_aid: Option<GiftAidDeclaration>,
    /// Provider and token.
    pub instrument: Instrument,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Where the payment stands.
    pub payment: Payment,
    /// The journal entry that books the capture, once posted.
    pub capture_entry: Option<EntryId>,
    /// The journal entry that books the return, once posted.
    pub return_entry: Option<EntryId>,
    /// Where the receipt stands.
    pub receipt: Receipt,
    /// When the completer looks next; `None` exactly when nothing is owed.
    pub next_check: Option<Check>,
}

/// The completer's next look at a donation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// When.
    pub at: Timestamp,
    /// How many looks there have been.
    pub done: u32,
}

/// What a donation still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are owed, each by itself")]
pub struct Owed {
    /// An end of the payment.
    pub payment: bool,
    /// The journal entry of the capture.
    pub capture_entry: bool,
    /// The journal entry of the return.
    pub return_entry: bool,
    /// The receipt, or the finding that nobody knows whether it went out.
    pub receipt: bool,
}

/// How long after a donation is opened again the completer first looks at it.
pub const REOPENED_CHECK_AFTER: Span = Span::seconds(60);

/// Something to be decided, with all that the decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A provider call is about to be made as a new attempt.
    StartAttempt {
        /// Now.
        at: Timestamp,
        /// How long the provider's keys may be trusted.
        key_life: KeyLife,
    },
    /// The provider said something, in an answer, a look-up or a notification.
    RecordOutcome {
        /// What.
        outcome: PaymentOutcome,
        /// Now.
        at: Timestamp,
    },
    /// The provider was asked and has no such payment.
    RecordAbsence {
        /// Now.
        at: Timestamp,
        /// How long the provider's keys may be trusted.
        key_life: KeyLife,
    },
    /// The provider gave all the money back.
    RecordReturn {
        /// The provider's id of the payment.
        reference: ProviderReference,
        /// Now.
        at: Timestamp,
    },
    /// A journal entry is in the ledger.
    RecordEntry {
        /// Which effect it books.
        kind: EntryKind,
        /// Its id.
        entry: EntryId,
    },
    /// Somebody is about to hand the receipt to the mail service.
    ClaimReceipt {
        /// Who.
        claim: ClaimId,
        /// Now.
        at: Timestamp,
    },
    /// The mail service accepted the receipt.
    RecordReceiptSent {
        /// Who sent it.
        claim: ClaimId,
        /// The mail service's id.
        mail: MailId,
        /// Now.
        at: Timestamp,
    },
    /// The mail service certainly did not take the receipt.
    ReleaseReceipt {
        /// Who had claimed it.
        claim: ClaimId,
    },
    /// The completer has looked and looks again later.
    PostponeCheck {
        /// When.
        until: Timestamp,
    },
}

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A new attempt was stored.
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
    /// The money was given back.
    Returned {
        /// When.
        at: Timestamp,
    },
    /// A journal entry is in the ledger.
    EntryPosted {
        /// Which effect it books.
        kind: EntryKind,
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

/// Why the domain says no. Repeating the command will not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The payment has ended or its last attempt may still take money, so no new attempt may start.
    #[error("no new attempt may start from this state")]
    AttemptNotAllowed,
    /// An outcome arrived for a donation of which no attempt was ever stored.
    #[error("there is no attempt that this outcome could belong to")]
    NoAttempt,
    /// A second capture under another provider reference: money may have been taken twice.
    #[error("a second capture under another provider reference")]
    SecondCapture,
    /// A return while the payment is open: the news of the capture is still on its way.
    #[error("a return ahead of the news of its capture")]
    ReturnBeforeCapture,
    /// A return of money that was never captured, or under another provider reference.
    #[error("a return that fits no capture")]
    ReturnWithoutCapture,
    /// An entry for an effect that has not happened, or a second id for one that is booked.
    #[error("an entry that fits no effect of this donation")]
    EntryWithoutEffect,
    /// The receipt is not owed, or is somebody else's to send.
    #[error("the receipt is not this sender's to send")]
    ReceiptNotClaimable,
}

impl Donation {
    /// A donation as it is when it has just been accepted.
    pub fn accept(accepted: Accepted, first_check_after: Span) -> Self {
        Self {
            next_check: Some(Check { at: accepted.at.plus(first_check_after), done: 0 }),
            id: accepted.id,
            fingerprint: accepted.fingerprint,
            gift: accepted.gift,
            donor: accepted.donor,
            gift_aid: accepted.gift_aid,
            instrument: accepted.instrument,
            accepted_at: accepted.at,
            payment: Payment::Accepted,
            capture_entry: None,
            return_entry: None,
            receipt: Receipt::NotSent,
        }
    }

    /// What is still lacking.
    pub const fn owed(&self) -> Owed {
        let captured = self.payment.capture().is_some();
        Owed {
            payment: self.payment_is_open(),
            capture_entry: captured && self.capture_entry.is_none(),
            return_entry: matches!(self.payment, Payment::Returned { .. }) && self.return_entry.is_none(),
            receipt: captured && matches!(self.receipt, Receipt::NotSent | Receipt::Sending { .. }),
        }
    }

    /// Whether the payment has neither ended nor been handed to a person.
    const fn payment_is_open(&self) -> bool {
        match self.payment {
            Payment::Accepted
            | Payment::Collecting { .. }
            | Payment::Unknown { .. }
            | Payment::ActionRequired { .. }
            | Payment::Processing { .. } => true,
            Payment::Declined { .. }
            | Payment::UnderReview { .. }
            | Payment::Captured { .. }
            | Payment::Returned { .. } => false,
        }
    }
}

impl Owed {
    /// Whether nothing is lacking.
    pub const fn is_nothing(self) -> bool {
        !(self.payment || self.capture_entry || self.return_entry || self.receipt)
    }
}

/// What is known of a donation at the moment of acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Id, derived from charity and idempotency key.
    pub id: DonationId,
    /// Digest of the request.
    pub fingerprint: Fingerprint,
    /// What is given.
    pub gift: Gift,
    /// Who gives.
    pub donor: Donor,
    /// The Gift Aid declaration, where the donor made one.
    pub gift_aid: Option<GiftAidDeclaration>,
    /// Provider and token.
    pub instrument: Instrument,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests;
