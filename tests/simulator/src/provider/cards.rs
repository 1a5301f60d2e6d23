//! What a donor's card does, and what becomes of a payment afterwards.

use domain::payment::DeclineReason;
use domain::takings::RefundStatus;
use domain::time::Span;

use super::disputes::Step;

/// What a donor's card or account does when money is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Card {
    /// It pays.
    Pays,
    /// The bank says no.
    Declines(DeclineReason),
    /// The bank asks the donor, who says yes after this.
    Confirms(Span),
    /// The bank asks the donor, who fails the test after this.
    Fails(Span),
    /// The bank asks the donor, who has left.
    Leaves,
    /// The provider works on it, and it pays after this.
    PaysLater(Span),
    /// The provider works on it, and the bank says no after this.
    DeclinesLater(Span),
    /// The bank says no, and the provider takes the money after this all the same.
    Flips(Span),
    /// The provider calls the request wrong.
    Rejected,
    /// The provider takes one minor unit less than it was asked for.
    PaysLess,
    /// Every request is lost somewhere behind the provider's door, save for those of a later attempt than this.
    Swallowed(u32),
}

/// What happens at the provider by itself, some time after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The payment takes its money, unless it was called off.
    Capture {
        /// Which.
        payment: String,
    },
    /// The payment ends with a no, where it has not ended.
    Decline {
        /// Which.
        payment: String,
    },
    /// The refund moves on.
    Refund {
        /// Which.
        refund: String,
        /// Where to.
        status: RefundStatus,
    },
    /// The bank passes the payment to the provider, which works on it.
    Process {
        /// Which.
        payment: String,
    },
    /// The donor's bank takes up the payment.
    Contest {
        /// Which payment.
        payment: String,
        /// Whether the charity wins in the end.
        is_won: bool,
    },
    /// A dispute goes on.
    Dispute {
        /// Which.
        dispute: String,
        /// Where to.
        step: Step,
    },
    /// Somebody refunds a part of the payment in the provider's own dashboard.
    RefundByHand {
        /// Which payment.
        payment: String,
        /// How much of it, in minor units.
        minor: u64,
    },
}
