//! What may be asked of a donation.

use crate::ids::{ClaimId, EntryId, MailId, Note, Operator, ProviderReference, RefundId};
use crate::money::Money;
use crate::payment::{KeyLife, PaymentOutcome};
use crate::takings::{DisputeNews, RefundNews, RefundReason};
use crate::time::Timestamp;

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
    /// Somebody asks for money to go back to the donor.
    RequestRefund {
        /// What is asked.
        request: RefundRequest,
        /// Now.
        at: Timestamp,
    },
    /// The provider is about to be asked for a refund as a new attempt.
    StartRefund {
        /// Which.
        refund: RefundId,
        /// Now.
        at: Timestamp,
    },
    /// The provider said something about a refund, in an answer, a look-up or a notification.
    RecordRefund {
        /// What.
        news: RefundNews,
        /// Now.
        at: Timestamp,
    },
    /// The provider will never make this refund.
    RecordRefundRejected {
        /// Which.
        refund: RefundId,
        /// Now.
        at: Timestamp,
    },
    /// The provider was asked and has no such refund.
    RecordRefundAbsence {
        /// Which.
        refund: RefundId,
        /// Now.
        at: Timestamp,
        /// How long the provider's keys may be trusted.
        key_life: KeyLife,
    },
    /// The provider said something about a dispute.
    RecordDispute {
        /// What.
        news: DisputeNews,
        /// Now.
        at: Timestamp,
    },
    /// A bank took back what had been captured, for the first time: a direct debit failed after it was paid, or was
    /// charged back.
    RecordTakenBack {
        /// The provider's id of the payment.
        payment: ProviderReference,
        /// Now.
        at: Timestamp,
    },
    /// A person decided what the pipeline could not.
    Resolve {
        /// What, who and why.
        resolved: Resolved,
    },
    /// A journal entry is in the ledger.
    RecordEntry {
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

/// A refund that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// Its id, derived from the request's key.
    pub id: RefundId,
    /// Which capture; the one that was meant when it is not said.
    pub payment: Option<ProviderReference>,
    /// How much; all that is left when it is not said.
    pub amount: Option<Money>,
    /// Why.
    pub reason: RefundReason,
    /// Who asks.
    pub asked_by: Operator,
}

/// A person's decision, kept with the donation for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resolved {
    /// What was decided.
    pub resolution: Resolution,
    /// By whom.
    pub by: Operator,
    /// Why.
    pub note: Note,
    /// When.
    pub at: Timestamp,
}

/// What a person can decide about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// The provider took another amount than the donor gave, and the charity keeps it.
    AmountAccepted,
    /// No money was taken, and none is to be.
    NotTaken,
    /// What stood in the way is mended: go on with the attempt that the provider refused, or begin a new one
    /// when it knows of none of those that were made.
    TryAgain,
}

impl Resolution {
    /// Every resolution.
    pub const ALL: [Self; 3] = [Self::AmountAccepted, Self::NotTaken, Self::TryAgain];

    /// The resolution's name as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AmountAccepted => "amount_accepted",
            Self::NotTaken => "not_taken",
            Self::TryAgain => "try_again",
        }
    }

    /// Reads a resolution's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.name() == name)
    }
}
