//! The payment of one donation: attempts, what a provider can say, and the state that follows.

use crate::ids::{ProviderKey, ProviderReference};
use crate::money::Money;
use crate::takings::{Standing, Takings};
use crate::time::{Span, Timestamp};

/// One try at collecting the money. It is stored before the provider is called, and every retry of it uses
/// its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// The idempotency key at the provider.
    pub key: ProviderKey,
    /// When the provider was first called, or would have been: the age of the key counts from here.
    pub first_called_at: Timestamp,
}

/// Most attempts for one payment; each further one needs proof that the one before took nothing.
pub const ATTEMPTS_MAX: u32 = 3;

/// How long a provider's idempotency keys may be trusted.
///
/// Two thresholds, not one. Between them the provider is asked but never called: a request sent just before
/// the first could still be on its way, so "no record" may not be believed until the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyLife {
    /// From this age on the key is not used again.
    pub reuse_until: Span,
    /// From this age on the provider's "no such payment" proves that no money was taken.
    pub absence_proves_from: Span,
}

impl KeyLife {
    /// For a provider that keeps keys for at least 24 hours, as Stripe does
    /// (docs.stripe.com/api/idempotent_requests).
    pub const DAY: Self = Self { reuse_until: Span::hours(22), absence_proves_from: Span::hours(25) };
}

/// What one call to the provider, one look-up, or one notification says about a payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PaymentOutcome {
    /// The money has been taken.
    Captured {
        /// The provider's id of the payment.
        reference: ProviderReference,
        /// What was taken.
        amount: Money,
        /// When the provider made the payment: of two, the later is the one too many.
        created_at: Timestamp,
    },
    /// The bank wants the donor to confirm (3-D Secure).
    ActionRequired {
        /// The provider's id of the payment.
        reference: ProviderReference,
        /// What the donor's browser has to do.
        action: NextAction,
    },
    /// The provider is still working on it.
    Processing {
        /// The provider's id of the payment.
        reference: ProviderReference,
    },
    /// The issuer or the provider said no to the donor's card. An answer, not an error.
    Declined {
        /// The provider's id of the payment, where it made one.
        reference: Option<ProviderReference>,
        /// Why.
        reason: DeclineReason,
    },
    /// The provider called the payment off; no money was taken and none will be.
    Cancelled {
        /// The provider's id of the payment.
        reference: ProviderReference,
    },
    /// Certainly nothing happened: nothing was sent, or the provider turned the request away unread.
    NotExecuted {
        /// Why, in fixed words that hold nothing of the donor's.
        reason: &'static str,
    },
    /// The provider read the request and will never accept it. The fault is ours; no money was taken.
    Rejected {
        /// The provider's error code, which holds nothing of the donor's.
        code: String,
    },
    /// Nobody can say whether money was taken.
    Unknown {
        /// Why, in fixed words that hold nothing of the donor's.
        reason: &'static str,
    },
}

/// What the donor's browser has to do before the payment can go on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NextAction {
    /// Go to the bank's page and come back.
    Redirect {
        /// The bank's page.
        url: String,
    },
    /// Let the provider's own script ask the donor.
    ProviderScript {
        /// The secret that the script needs; it opens this one payment only.
        client_secret: String,
    },
}

/// Why a card was declined, coarse on purpose: a finer answer helps those who test stolen cards. Of two
/// reasons for one payment the earlier of this list says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclineReason {
    /// Not enough money or over a limit; another day or another card may work.
    InsufficientFunds,
    /// The card's details are wrong or out of date.
    CardDetails,
    /// The bank wants the donor to confirm, and that failed or could not be asked.
    AuthenticationFailed,
    /// The provider's token is not usable.
    UnusableToken,
    /// Every other no, among them loss, theft and suspected fraud.
    Refused,
    /// The donor left the bank's question unanswered until the payment was called off.
    Abandoned,
    /// A person found that no money was taken and ended it.
    CalledOff,
}

impl DeclineReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::InsufficientFunds,
        Self::CardDetails,
        Self::AuthenticationFailed,
        Self::UnusableToken,
        Self::Refused,
        Self::Abandoned,
        Self::CalledOff,
    ];

    /// The reason's name as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "insufficient_funds",
            Self::CardDetails => "card_details",
            Self::AuthenticationFailed => "authentication_failed",
            Self::UnusableToken => "unusable_token",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
            Self::CalledOff => "called_off",
        }
    }

    /// Reads a reason's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Why a person has to look at a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewReason {
    /// The provider refused our request as wrong; no money was taken.
    RequestRejected,
    /// The provider took another amount or currency than the donor gave.
    AmountDiffers,
    /// Every attempt that may be made was made, and the provider knows of none; no money was taken.
    AttemptsExhausted,
}

impl ReviewReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::RequestRejected, Self::AmountDiffers, Self::AttemptsExhausted];

    /// The reason's name as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestRejected => "request_rejected",
            Self::AmountDiffers => "amount_differs",
            Self::AttemptsExhausted => "attempts_exhausted",
        }
    }

    /// Reads a reason's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Money taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Capture {
    /// The provider's id of the payment.
    pub reference: ProviderReference,
    /// How much was taken.
    pub amount: Money,
    /// When the provider made the payment.
    pub created_at: Timestamp,
    /// When we learnt of it.
    pub captured_at: Timestamp,
}

/// Where the payment of a donation stands. It only ever moves down this list, save that a late capture
/// overrides a no.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Payment {
    /// Accepted and durable; nothing has been asked of the provider.
    Accepted,
    /// The attempt is stored and the provider may have been called; no answer is known.
    Collecting {
        /// The attempt under way.
        attempt: Attempt,
    },
    /// The provider was called and the answer was lost, unreadable or ambiguous.
    Unknown {
        /// The attempt under way.
        attempt: Attempt,
        /// Since when.
        since: Timestamp,
    },
    /// The bank wants the donor to confirm.
    ActionRequired {
        /// The attempt under way.
        attempt: Attempt,
        /// The provider's id of the payment.
        reference: ProviderReference,
        /// What the donor's browser has to do.
        action: NextAction,
        /// Since when.
        since: Timestamp,
    },
    /// The provider is still working on it.
    Processing {
        /// The attempt under way.
        attempt: Attempt,
        /// The provider's id of the payment.
        reference: ProviderReference,
        /// Since when.
        since: Timestamp,
    },
    /// The answer was no; no money was taken.
    Declined {
        /// The last attempt.
        attempt: Attempt,
        /// Why.
        reason: DeclineReason,
        /// When we learnt of it.
        declined_at: Timestamp,
    },
    /// A person has to look.
    UnderReview {
        /// The last attempt.
        attempt: Attempt,
        /// Why.
        reason: ReviewReason,
        /// Since when.
        since: Timestamp,
        /// The money, where some was taken: another amount than the donor gave.
        takings: Option<Takings>,
    },
    /// The money has been taken.
    Captured {
        /// The attempt that took it.
        attempt: Attempt,
        /// What was taken, and what became of it.
        takings: Takings,
    },
}

/// How long a donor may take to answer the bank before the payment is called off.
pub const ACTION_LIFE: Span = Span::minutes(30);

/// Whether the donor's money was taken, in the only four answers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MoneyTaken {
    /// No money was taken.
    No,
    /// Nobody can say yet.
    NotKnownYet,
    /// The money was taken.
    Yes,
    /// The money was taken and given back.
    Returned,
}

impl Payment {
    /// The latest attempt, where there is one.
    pub const fn attempt(&self) -> Option<&Attempt> {
        match self {
            Self::Accepted => None,
            Self::Collecting { attempt }
            | Self::Unknown { attempt, .. }
            | Self::ActionRequired { attempt, .. }
            | Self::Processing { attempt, .. }
            | Self::Declined { attempt, .. }
            | Self::UnderReview { attempt, .. }
            | Self::Captured { attempt, .. } => Some(attempt),
        }
    }

    /// The money, where some was taken.
    pub const fn takings(&self) -> Option<&Takings> {
        match self {
            Self::Captured { takings, .. } => Some(takings),
            Self::UnderReview { takings, .. } => takings.as_ref(),
            Self::Accepted
            | Self::Collecting { .. }
            | Self::Unknown { .. }
            | Self::ActionRequired { .. }
            | Self::Processing { .. }
            | Self::Declined { .. } => None,
        }
    }

    /// Whether the provider may still take money by itself, so that no news yet is no news.
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Accepted
            | Self::Collecting { .. }
            | Self::Unknown { .. }
            | Self::ActionRequired { .. }
            | Self::Processing { .. } => true,
            Self::Declined { .. } | Self::UnderReview { .. } | Self::Captured { .. } => false,
        }
    }

    /// Whether money was taken.
    pub fn money_taken(&self) -> MoneyTaken {
        if let Some(takings) = self.takings() {
            return match takings.standing() {
                Standing::Refunded | Standing::DisputeLost => MoneyTaken::Returned,
                Standing::Captured
                | Standing::PartiallyRefunded
                | Standing::DuplicateCapture
                | Standing::Disputed
                | Standing::DisputeWon => MoneyTaken::Yes,
            };
        }
        if self.is_open() { MoneyTaken::NotKnownYet } else { MoneyTaken::No }
    }

    /// The state's name as it is shown: what became of the money where some was taken.
    pub fn shown_name(&self) -> &'static str {
        match self {
            Self::Captured { takings, .. } => takings.standing().name(),
            Self::Accepted
            | Self::Collecting { .. }
            | Self::Unknown { .. }
            | Self::ActionRequired { .. }
            | Self::Processing { .. }
            | Self::Declined { .. }
            | Self::UnderReview { .. } => self.name(),
        }
    }

    /// The state's name as it is stored.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Collecting { .. } => "collecting",
            Self::Unknown { .. } => "unknown",
            Self::ActionRequired { .. } => "action_required",
            Self::Processing { .. } => "processing",
            Self::Declined { .. } => "declined",
            Self::UnderReview { .. } => "under_review",
            Self::Captured { .. } => "captured",
        }
    }
}

impl MoneyTaken {
    /// The answer as the API spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::NotKnownYet => "not_known_yet",
            Self::Yes => "yes",
            Self::Returned => "returned",
        }
    }
}

#[cfg(test)]
mod tests;
