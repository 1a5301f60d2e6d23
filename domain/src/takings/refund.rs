//! Money on its way back to the donor.

use crate::ids::{Operator, ProviderReference, RefundId};
use crate::money::Money;
use crate::payment::Attempt;
use crate::time::Timestamp;

use super::Contradiction;

/// One refund of one capture, whole or in part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Refund {
    /// Its id: derived from the request, or from the provider's id where it was made at the provider.
    pub id: RefundId,
    /// The provider's id of the payment that is refunded.
    pub payment: ProviderReference,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: RefundReason,
    /// Who asked.
    pub asked_by: Operator,
    /// When.
    pub asked_at: Timestamp,
    /// The latest attempt at asking the provider for it, where we did.
    pub attempt: Option<Attempt>,
    /// Where it stands.
    pub state: RefundState,
}

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundReason {
    /// The donor asked.
    RequestedByDonor,
    /// The money was taken twice, or by mistake.
    Duplicate,
    /// Somebody else used the donor's card.
    Fraudulent,
    /// It was made at the provider, and nobody told us why.
    MadeAtProvider,
}

impl RefundReason {
    /// Every reason.
    pub const ALL: [Self; 4] =
        [Self::RequestedByDonor, Self::Duplicate, Self::Fraudulent, Self::MadeAtProvider];

    /// The reason's name as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestedByDonor => "requested_by_donor",
            Self::Duplicate => "duplicate",
            Self::Fraudulent => "fraudulent",
            Self::MadeAtProvider => "made_at_provider",
        }
    }

    /// Reads a reason's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Where a refund stands. Each state overrides those above it, and none below: a refund that succeeded may
/// still fail. Only one that the provider refused to make is overridden by all that the provider says of it
/// after that.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// It is to be made; whether the provider did is not known.
    Requested,
    /// The provider is working on it.
    Pending {
        /// The provider's id of the refund.
        reference: ProviderReference,
    },
    /// The money left for the donor.
    Succeeded {
        /// The provider's id of the refund.
        reference: ProviderReference,
        /// When we learnt of it.
        at: Timestamp,
    },
    /// The money did not arrive and came back, or never left.
    Failed {
        /// The provider's id of the refund; none where the provider refused to make it.
        reference: Option<ProviderReference>,
        /// When we learnt that the money had left; with the failure where we never saw it leave.
        left_at: Timestamp,
        /// When we learnt of the failure.
        at: Timestamp,
    },
}

impl RefundState {
    /// The state's name as it is stored and shown.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Pending { .. } => "pending",
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Requested => 0,
            Self::Failed { reference: None, .. } => 1,
            Self::Pending { .. } => 2,
            Self::Succeeded { .. } => 3,
            Self::Failed { reference: Some(_), .. } => 4,
        }
    }
}

/// What a provider says of a refund.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RefundNews {
    /// Our id, where the refund carries one: those that were made at the provider do not.
    pub id: Option<RefundId>,
    /// The provider's id of the refund.
    pub reference: ProviderReference,
    /// The provider's id of the payment.
    pub payment: ProviderReference,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub status: RefundStatus,
}

/// Where a refund stands at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundStatus {
    /// The provider is working on it.
    Pending,
    /// The money left for the donor.
    Succeeded,
    /// It failed or was called off; the money came back.
    Failed,
}

/// What asking for a refund gave.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RefundOutcome {
    /// The provider has the refund.
    Known(RefundNews),
    /// Certainly nothing happened; ask again later.
    NotExecuted {
        /// Why, in fixed words that hold nothing of the donor's.
        reason: &'static str,
    },
    /// The provider read the request and will never do it; no money moved.
    Rejected {
        /// The provider's error code, which holds nothing of the donor's.
        code: String,
    },
    /// Nobody can say whether money moved.
    Unknown {
        /// Why, in fixed words that hold nothing of the donor's.
        reason: &'static str,
    },
}

impl Refund {
    /// Whether it came to nothing.
    pub const fn has_failed(&self) -> bool {
        matches!(self.state, RefundState::Failed { .. })
    }

    /// Whether the money went back, as far as we know.
    pub const fn has_succeeded(&self) -> bool {
        matches!(self.state, RefundState::Succeeded { .. })
    }

    /// Whether the provider was never asked for it.
    pub const fn is_unbegun(&self) -> bool {
        matches!((&self.state, &self.attempt), (RefundState::Requested, None))
    }

    /// Whether the provider still has to be asked, for it or about it.
    pub const fn is_owed(&self) -> bool {
        matches!(self.state, RefundState::Requested | RefundState::Pending { .. })
    }

    /// The provider's id, where it is known.
    pub const fn reference(&self) -> Option<&ProviderReference> {
        match &self.state {
            RefundState::Requested => None,
            RefundState::Pending { reference } | RefundState::Succeeded { reference, .. } => Some(reference),
            RefundState::Failed { reference, .. } => reference.as_ref(),
        }
    }

    /// A refund that was made at the provider.
    pub fn made_at_provider(news: &RefundNews, at: Timestamp) -> Self {
        Self {
            id: RefundId::of_provider(&news.reference),
            payment: news.payment.clone(),
            amount: news.amount,
            reason: RefundReason::MadeAtProvider,
            asked_by: Operator::provider(),
            asked_at: at,
            attempt: None,
            state: RefundState::Requested,
        }
    }

    /// The refund after news of it; itself when that is no news.
    ///
    /// # Errors
    /// [`Contradiction`]: the news is of another payment or amount, and a person must look.
    pub fn after(&self, news: &RefundNews, at: Timestamp) -> Result<Self, Contradiction> {
        if (&self.payment, self.amount) != (&news.payment, news.amount) {
            return Err(Contradiction);
        }
        let reference = news.reference.clone();
        let state = match news.status {
            RefundStatus::Pending => RefundState::Pending { reference },
            RefundStatus::Succeeded => RefundState::Succeeded { reference, at },
            RefundStatus::Failed => {
                let left_at = match self.state {
                    RefundState::Succeeded { at: left_at, .. } => left_at,
                    RefundState::Requested | RefundState::Pending { .. } | RefundState::Failed { .. } => at,
                };
                RefundState::Failed { reference: Some(reference), left_at, at }
            }
        };
        let state = if state.rank() > self.state.rank() { state } else { self.state.clone() };
        Ok(Self { state, ..self.clone() })
    }
}
