//! The money taken for one donation, and all that became of it: captures, refunds, disputes.
//!
//! Everything here is a *join*: news is merged in, never replaces what is stronger, and the lists are kept in
//! an order that does not depend on when the news came. So every order and every repetition of the same news
//! ends the same.

mod dispute;
mod refund;

use crate::ids::{ProviderReference, RefundId};
use crate::money::Money;
use crate::payment::Capture;

pub use dispute::{Contradiction, Dispute, DisputeNews, DisputeStatus, Withdrawal};
pub use refund::{Refund, RefundNews, RefundOutcome, RefundReason, RefundState, RefundStatus};

/// Most captures of one donation that are followed. One is right; a second is a provider's breach of its
/// contract.
pub const CAPTURES_MAX: usize = 5;

/// Most refunds of one donation.
pub const REFUNDS_MAX: usize = 20;

/// Most disputes of one donation.
pub const DISPUTES_MAX: usize = 10;

/// The money taken for one donation. There is at least one capture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Takings {
    wanted: Money,
    captures: Vec<Capture>,
    refunds: Vec<Refund>,
    disputes: Vec<Dispute>,
}

/// What became of the money, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// The charity has it.
    Captured,
    /// A part of it went back to the donor.
    PartiallyRefunded,
    /// All of it went back to the donor.
    Refunded,
    /// It was taken twice, and one of the two has not gone back yet.
    DuplicateCapture,
    /// The donor's bank disputes it, and nobody has decided yet.
    Disputed,
    /// The bank decided for the charity.
    DisputeWon,
    /// The bank decided for the donor.
    DisputeLost,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 7] = [
        Self::Captured,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::DuplicateCapture,
        Self::Disputed,
        Self::DisputeWon,
        Self::DisputeLost,
    ];

    /// The standing's name as it is shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::DuplicateCapture => "duplicate_capture",
            Self::Disputed => "disputed",
            Self::DisputeWon => "dispute_won",
            Self::DisputeLost => "dispute_lost",
        }
    }
}

impl Takings {
    /// The takings of a donation of `wanted` after its first capture.
    pub fn of(wanted: Money, capture: Capture) -> Self {
        Self { wanted, captures: vec![capture], refunds: vec![], disputes: vec![] }
    }

    /// The capture that the donor meant: of those with the right amount the one whose payment the provider
    /// made first.
    ///
    /// # Panics
    /// Never: there is at least one capture.
    pub fn kept(&self) -> &Capture {
        self.captures.first().expect("takings begin with a capture")
    }

    /// Whether the amount kept is the one that the donor gave.
    pub fn as_wanted(&self) -> bool {
        self.kept().amount == self.wanted
    }

    /// Every capture, the kept one first.
    pub fn captures(&self) -> &[Capture] {
        &self.captures
    }

    /// Captures beyond the kept one.
    pub fn duplicates(&self) -> &[Capture] {
        &self.captures[1..]
    }

    /// The capture under this reference.
    pub fn capture(&self, reference: &ProviderReference) -> Option<&Capture> {
        self.captures.iter().find(|capture| capture.reference == *reference)
    }

    /// Every refund, in the order of their ids.
    pub fn refunds(&self) -> &[Refund] {
        &self.refunds
    }

    /// The refund with this id.
    pub fn refund(&self, id: &RefundId) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.id == *id)
    }

    /// The refund that this news is about: the one that the provider calls so, or else ours of that id that
    /// the provider has not named yet.
    pub fn refund_of(&self, news: &RefundNews) -> Option<&Refund> {
        let named = self.refunds.iter().find(|refund| refund.reference() == Some(&news.reference));
        let ours = || self.refund(news.id.as_ref()?).filter(|refund| refund.reference().is_none());
        named.or_else(ours)
    }

    /// The refunds about which the provider still has to be asked. One that nobody has begun waits while the
    /// bank holds the money, and is never made when the bank keeps it.
    pub fn refunds_owed(&self) -> impl Iterator<Item = &Refund> {
        let is_waiting = |refund: &Refund| refund.is_unbegun() && self.is_contested(&refund.payment);
        self.refunds.iter().filter(move |refund| refund.is_owed() && !is_waiting(refund))
    }

    /// Every dispute, in the order of their references.
    pub fn disputes(&self) -> &[Dispute] {
        &self.disputes
    }

    /// Minor units of this capture that are not refunded, nor asked to be.
    pub fn refundable(&self, capture: &Capture) -> u64 {
        let refunded = self
            .refunds
            .iter()
            .filter(|refund| refund.payment == capture.reference && !refund.has_failed())
            .fold(0_u64, |sum, refund| sum.saturating_add(refund.amount.minor()));
        capture.amount.minor().saturating_sub(refunded)
    }

    /// Whether the bank holds this capture's money, or has given it back to the donor.
    pub fn is_contested(&self, payment: &ProviderReference) -> bool {
        self.disputes.iter().any(|dispute| dispute.payment == *payment && dispute.holds_money())
    }

    /// What became of the money.
    pub fn standing(&self) -> Standing {
        let kept = self.kept();
        let of_kept = || self.disputes.iter().filter(|dispute| dispute.payment == kept.reference);
        let refunded = self.refunded(kept);
        if of_kept().any(Dispute::is_open) {
            Standing::Disputed
        } else if of_kept().any(Dispute::is_lost) {
            Standing::DisputeLost
        } else if !self.duplicates().iter().all(|capture| self.has_gone_back(capture)) {
            Standing::DuplicateCapture
        } else if refunded >= kept.amount.minor() {
            Standing::Refunded
        } else if refunded > 0 {
            Standing::PartiallyRefunded
        } else if of_kept().any(Dispute::is_won) {
            Standing::DisputeWon
        } else {
            Standing::Captured
        }
    }

    /// Whether all of this capture went back, through us or through the donor's bank.
    fn has_gone_back(&self, capture: &Capture) -> bool {
        let mut disputes = self.disputes.iter().filter(|dispute| dispute.payment == capture.reference);
        self.refunded(capture) >= capture.amount.minor() || disputes.any(Dispute::is_lost)
    }

    /// Minor units of this capture that went back.
    fn refunded(&self, capture: &Capture) -> u64 {
        self.refunds
            .iter()
            .filter(|refund| refund.payment == capture.reference && refund.has_succeeded())
            .fold(0_u64, |sum, refund| sum.saturating_add(refund.amount.minor()))
    }

    /// The takings with one more capture; with this very capture, the takings as they are.
    #[must_use]
    pub fn with_capture(mut self, capture: Capture) -> Self {
        if self.capture(&capture.reference).is_none() {
            self.captures.push(capture);
            let wanted = self.wanted;
            self.captures.sort_by(|a, b| {
                let rank = |capture: &Capture| (capture.amount != wanted, capture.created_at);
                rank(a).cmp(&rank(b)).then_with(|| a.reference.cmp(&b.reference))
            });
        }
        self
    }

    /// The takings with this refund in the place of the one with its id.
    #[must_use]
    pub fn with_refund(mut self, refund: Refund) -> Self {
        match self.refunds.binary_search_by(|known| known.id.cmp(&refund.id)) {
            Ok(place) => self.refunds[place] = refund,
            Err(place) => self.refunds.insert(place, refund),
        }
        self
    }

    /// The takings without this refund.
    #[must_use]
    pub fn without_refund(mut self, id: &RefundId) -> Self {
        self.refunds.retain(|refund| refund.id != *id);
        self
    }

    /// The takings with this dispute in the place of the one with its reference.
    #[must_use]
    pub fn with_dispute(mut self, dispute: Dispute) -> Self {
        match self.disputes.binary_search_by(|known| known.reference.cmp(&dispute.reference)) {
            Ok(place) => self.disputes[place] = dispute,
            Err(place) => self.disputes.insert(place, dispute),
        }
        self
    }
}

#[cfg(test)]
mod tests;
