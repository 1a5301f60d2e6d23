//! Double entry: accounts, postings, and journal entries that cannot be built unbalanced.

mod account;
mod effects;
mod movement;

use std::collections::BTreeMap;

use crate::currency::Currency;
use crate::ids::{Appeal, DonationId, EntryId, Provider, ProviderReference, digest_of};
use crate::money::{Money, MoneyError};
use crate::time::Timestamp;

pub use account::Account;
pub use movement::{Movement, MovementCause};

/// What an entry books. A closed list: finance maps each kind once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// Money taken from the donor.
    Capture,
    /// Money gone back to the donor.
    Refund,
    /// A refund that did not arrive: the money is back at the provider.
    RefundFailed,
    /// Money that the provider holds while a dispute is open, and what it charges for that.
    DisputeOpened,
    /// The same money put back.
    DisputeWon,
    /// The same money gone to the donor.
    DisputeLost,
    /// What the provider keeps for its service.
    Fee,
    /// A fee given back.
    FeeReturned,
    /// Money on its way from the provider to the charity's bank.
    Payout,
    /// A payout that came back to the provider.
    PayoutFailed,
    /// A movement at the provider that nobody has taught us: a person decides.
    Suspense,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Capture,
        Self::Refund,
        Self::RefundFailed,
        Self::DisputeOpened,
        Self::DisputeWon,
        Self::DisputeLost,
        Self::Fee,
        Self::FeeReturned,
        Self::Payout,
        Self::PayoutFailed,
        Self::Suspense,
    ];

    /// The kind's name as it is stored and exported.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Refund => "refund",
            Self::RefundFailed => "refund_failed",
            Self::DisputeOpened => "dispute_opened",
            Self::DisputeWon => "dispute_won",
            Self::DisputeLost => "dispute_lost",
            Self::Fee => "fee",
            Self::FeeReturned => "fee_returned",
            Self::Payout => "payout",
            Self::PayoutFailed => "payout_failed",
            Self::Suspense => "suspense",
        }
    }

    /// Reads a kind's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether an entry of this kind is about one line of the provider's own account of its balance.
    pub const fn is_movement(self) -> bool {
        matches!(self, Self::Fee | Self::FeeReturned | Self::Suspense)
    }

    /// Whether an entry of this kind is about a payout.
    pub const fn is_payout(self) -> bool {
        matches!(self, Self::Payout | Self::PayoutFailed)
    }
}

/// Left or right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Left.
    Debit,
    /// Right.
    Credit,
}

/// One line of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: Account,
    /// The side.
    pub side: Side,
    /// How much; never negative, never zero.
    pub amount: Money,
}

/// A balanced set of postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    subject: EntrySubject,
    id: EntryId,
    postings: Vec<Posting>,
}

/// What an entry is about: everything but the postings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrySubject {
    /// What is booked.
    pub kind: EntryKind,
    /// For which donation, where it is for one: a payout is for many.
    pub donation: Option<DonationId>,
    /// For which appeal, where it is for one.
    pub appeal: Option<Appeal>,
    /// Through which provider.
    pub provider: Provider,
    /// The provider's id of what moved: a payment, a refund, a dispute, a payout, a balance transaction.
    pub reference: ProviderReference,
    /// When the money moved, as far as we know.
    pub occurred_at: Timestamp,
}

/// Why postings are not an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Fewer than two postings, or more than an entry may have.
    #[error("an entry has 2 to {POSTINGS_MAX} postings")]
    PostingCount,
    /// Debits and credits of a currency differ.
    #[error("debits and credits of {currency} differ")]
    Unbalanced {
        /// The currency.
        currency: Currency,
    },
    /// A sum is too large to be held.
    #[error("a sum of postings {0}")]
    Sum(#[from] MoneyError),
}

/// Most postings of one entry, so that it stays one small item of the ledger's table.
pub const POSTINGS_MAX: usize = 8;

impl JournalEntry {
    /// Builds an entry. Its id follows from what it books, so building it twice gives the same entry.
    ///
    /// # Errors
    /// [`EntryError`] when the postings do not balance in each currency.
    pub fn build(subject: EntrySubject, postings: Vec<Posting>) -> Result<Self, EntryError> {
        if !(2..=POSTINGS_MAX).contains(&postings.len()) {
            return Err(EntryError::PostingCount);
        }
        let mut sums: BTreeMap<Currency, (u64, u64)> = BTreeMap::new();
        for posting in &postings {
            let (debits, credits) = sums.entry(posting.amount.currency()).or_default();
            let sum = match posting.side {
                Side::Debit => debits,
                Side::Credit => credits,
            };
            *sum = sum.checked_add(posting.amount.minor()).ok_or(MoneyError::TooLarge)?;
        }
        if let Some((&currency, _)) = sums.iter().find(|(_, (debits, credits))| debits != credits) {
            return Err(EntryError::Unbalanced { currency });
        }
        let id = EntryId::derive(subject.kind.name(), subject.donation.as_ref(), &subject.reference);
        Ok(Self { subject, id, postings })
    }

    /// The entry's id.
    pub const fn id(&self) -> &EntryId {
        &self.id
    }

    /// What the entry is about.
    pub const fn subject(&self) -> &EntrySubject {
        &self.subject
    }

    /// The lines, in order.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    /// SHA-256 of all that the entry says. Two entries of one id must have one hash; when they do not,
    /// something tried to rewrite the books.
    pub fn content_hash(&self) -> [u8; 32] {
        let subject = &self.subject;
        let occurred_at = subject.occurred_at.as_millis().to_string();
        let mut parts = vec![
            "journal entry content v1".to_owned(),
            self.id.to_string(),
            subject.kind.name().to_owned(),
            subject.donation.as_ref().map(ToString::to_string).unwrap_or_default(),
            subject.appeal.as_ref().map(ToString::to_string).unwrap_or_default(),
            subject.provider.name().to_owned(),
            subject.reference.to_string(),
            occurred_at,
        ];
        for posting in &self.postings {
            let side = match posting.side {
                Side::Debit => "debit",
                Side::Credit => "credit",
            };
            parts.extend([
                posting.account.path(),
                side.to_owned(),
                posting.amount.minor().to_string(),
                posting.amount.currency().code().to_owned(),
            ]);
        }
        digest_of(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests;
