//! A donor's bank takes the money back, and may give it up again.

use crate::ids::ProviderReference;
use crate::money::Money;
use crate::time::Timestamp;

/// One dispute over one capture. A direct debit that a bank takes back is one too: it is lost as it opens, and won
/// only if the bank gives the money back once more.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dispute {
    /// The provider's id of the dispute.
    pub reference: ProviderReference,
    /// The provider's id of the payment.
    pub payment: ProviderReference,
    /// Where it stands.
    pub status: DisputeStatus,
    /// What the provider took from the balance, once it did.
    pub withdrawn: Option<Withdrawal>,
    /// What the provider put back, once it did.
    pub reinstated: Option<Withdrawal>,
    /// When we first heard of it.
    pub opened_at: Timestamp,
    /// When we learnt that it was decided, or that the money was put back.
    pub decided_at: Option<Timestamp>,
}

/// Where a dispute stands. Each status overrides those above it; a dispute is decided once, unless it is a direct
/// debit that was taken back, where a return overrides the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DisputeStatus {
    /// The bank asks; no money has moved.
    Inquiry,
    /// The bank's question was answered, and no money has moved.
    InquiryClosed,
    /// The bank holds the money, or will.
    Open,
    /// Decided for the charity.
    Won,
    /// Decided for the donor.
    Lost,
}

impl DisputeStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Inquiry, Self::InquiryClosed, Self::Open, Self::Won, Self::Lost];

    /// The status's name as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::InquiryClosed => "inquiry_closed",
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// Whether somebody has won.
    pub const fn is_decided(self) -> bool {
        matches!(self, Self::Won | Self::Lost)
    }

    /// Reads a status's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// Money that left the balance for a dispute, or came back from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Withdrawal {
    /// The disputed money.
    pub amount: Money,
    /// What the provider asks for its trouble, or gives back of it.
    pub fee: Option<Money>,
}

/// What a provider says of a dispute: all that it knows at the moment, not only what is new.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DisputeNews {
    /// The provider's id of the dispute.
    pub reference: ProviderReference,
    /// The provider's id of the payment.
    pub payment: ProviderReference,
    /// Where it stands.
    pub status: DisputeStatus,
    /// What the provider took from the balance, once it did.
    pub withdrawn: Option<Withdrawal>,
    /// What the provider put back, once it did.
    pub reinstated: Option<Withdrawal>,
}

impl Dispute {
    /// A dispute as it is when we first hear of it.
    pub fn of(news: &DisputeNews, at: Timestamp) -> Self {
        Self {
            reference: news.reference.clone(),
            payment: news.payment.clone(),
            status: news.status,
            withdrawn: news.withdrawn,
            reinstated: news.reinstated,
            opened_at: at,
            decided_at: None,
        }
        .noting_decision(at)
    }

    fn noting_decision(mut self, at: Timestamp) -> Self {
        if self.is_won() || self.is_lost() || self.reinstated.is_some() {
            self.decided_at = self.decided_at.or(Some(at));
        }
        self
    }

    /// Whether nobody has decided yet about money that the bank holds or will.
    pub const fn is_open(&self) -> bool {
        matches!(self.status, DisputeStatus::Open)
    }

    /// Whether it was decided for the charity.
    pub const fn is_won(&self) -> bool {
        matches!(self.status, DisputeStatus::Won)
    }

    /// Whether it was decided for the donor.
    pub const fn is_lost(&self) -> bool {
        matches!(self.status, DisputeStatus::Lost)
    }

    /// Whether a bank took back a direct debit, asking nobody. Its money counts as lost at once, and as won if the
    /// bank gives it back; another taking back after that is another dispute.
    pub fn is_taken_back(&self) -> bool {
        self.reference.taken_back().is_some_and(|(payment, _)| payment == self.payment)
    }

    /// Whether the bank holds the money or has given it to the donor.
    pub const fn holds_money(&self) -> bool {
        self.is_open() || self.is_lost() || (self.withdrawn.is_some() && self.reinstated.is_none())
    }

    /// The dispute after news of it; itself when that is no news.
    ///
    /// # Errors
    /// [`Contradiction`]: the news cannot be true together with what is known, and a person must look.
    pub fn after(&self, news: &DisputeNews, at: Timestamp) -> Result<Self, Contradiction> {
        let is_won = self.is_won() || news.status == DisputeStatus::Won;
        let is_given_back = self.is_taken_back() && is_won;
        let after = Self {
            status: if is_given_back { DisputeStatus::Won } else { self.status.max(news.status) },
            withdrawn: join(self.withdrawn, news.withdrawn)?,
            reinstated: join(self.reinstated, news.reinstated)?,
            // What was lost was decided as it opened; what is told now is the return.
            decided_at: self.decided_at.filter(|_| !is_given_back || self.is_won()),
            ..self.clone()
        };
        let is_decided = self.status.is_decided() && news.status.is_decided();
        let decided_twice = is_decided && self.status != news.status && !is_given_back;
        let lost_and_put_back = after.is_lost() && after.reinstated.is_some();
        if decided_twice || lost_and_put_back || self.payment != news.payment {
            return Err(Contradiction);
        }
        Ok(after.noting_decision(at))
    }
}

/// News that cannot be true together with what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the news contradicts what is known")]
pub struct Contradiction;

/// What both know.
fn join(known: Option<Withdrawal>, news: Option<Withdrawal>) -> Result<Option<Withdrawal>, Contradiction> {
    match (known, news) {
        (Some(known), Some(news)) if known != news => Err(Contradiction),
        (known, news) => Ok(known.or(news)),
    }
}
