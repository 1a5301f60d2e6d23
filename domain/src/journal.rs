//! Double entry: accounts, postings, and journal entries that cannot be built unbalanced.

use std::collections::BTreeMap;

use crate::currency::Currency;
use crate::donation::Donation;
use crate::ids::{Appeal, DonationId, EntryId, Provider, ProviderReference, digest_of};
use crate::money::{Money, MoneyError};
use crate::payment::Payment;
use crate::time::Timestamp;

/// What an entry books. A closed list: finance maps each kind once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// Money taken from the donor.
    Capture,
    /// All of a captured amount given back to the donor.
    Return,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Capture, Self::Return];

    /// The kind's name as it is stored and exported.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Return => "return",
        }
    }

    /// Reads a kind's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An account of the ledger. A closed list, so that nothing can be posted to an account that finance has not
/// mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What the provider holds for the charity; must equal the provider's own balance.
    ClearingBalance(Provider, Currency),
    /// Gifts received, unrestricted.
    Donations,
    /// Gifts given back; kept apart from gifts received so that the gross stays visible.
    Refunds,
}

impl Account {
    /// The four-digit code that accounting systems import.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ClearingBalance(Provider::Stripe, _) => "1110",
            Self::Donations => "4010",
            Self::Refunds => "4110",
        }
    }

    /// The colon path, fit for hledger and beancount: every part begins with a capital and has no space.
    pub fn path(self) -> String {
        match self {
            Self::ClearingBalance(Provider::Stripe, currency) => {
                format!("Assets:Clearing:Stripe:{currency}:Balance")
            }
            Self::Donations => "Income:Donations:Unrestricted:General".to_owned(),
            Self::Refunds => "Income:Refunds:Unrestricted:General".to_owned(),
        }
    }

    /// Reads a path back.
    pub fn parse(path: &str) -> Option<Self> {
        if path == Self::Donations.path() {
            return Some(Self::Donations);
        }
        if path == Self::Refunds.path() {
            return Some(Self::Refunds);
        }
        let code = path.strip_prefix("Assets:Clearing:Stripe:")?.strip_suffix(":Balance")?;
        Currency::from_code(code).ok().map(|currency| Self::ClearingBalance(Provider::Stripe, currency))
    }

    /// Whether lines on the account carry the fund that the gift belongs to.
    pub const fn is_income(self) -> bool {
        match self {
            Self::ClearingBalance(..) => false,
            Self::Donations | Self::Refunds => true,
        }
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
    /// For which donation.
    pub donation: DonationId,
    /// For which appeal.
    pub appeal: Appeal,
    /// Through which provider.
    pub provider: Provider,
    /// The provider's id of the payment.
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
        let id = EntryId::derive(subject.kind.name(), &subject.donation, &subject.reference);
        Ok(Self { subject, id, postings })
    }

    /// The entry that a donation's effect calls for; `None` when the effect has not happened.
    ///
    /// # Panics
    /// Never: two postings of one amount always balance.
    pub fn of(donation: &Donation, kind: EntryKind) -> Option<Self> {
        let capture = donation.payment.capture()?;
        let provider = donation.instrument.provider;
        let clearing = Account::ClearingBalance(provider, capture.amount.currency());
        let (debit, credit, occurred_at) = match (kind, &donation.payment) {
            (EntryKind::Capture, _) => (clearing, Account::Donations, capture.captured_at),
            (EntryKind::Return, Payment::Returned { returned_at, .. }) => {
                (Account::Refunds, clearing, *returned_at)
            }
            (EntryKind::Return, _) => return None,
        };
        let subject = EntrySubject {
            kind,
            donation: donation.id.clone(),
            appeal: donation.gift.appeal.clone(),
            provider,
            reference: capture.reference.clone(),
            occurred_at,
        };
        let postings = vec![
            Posting { account: debit, side: Side::Debit, amount: capture.amount },
            Posting { account: credit, side: Side::Credit, amount: capture.amount },
        ];
        Some(Self::build(subject, postings).expect("two postings of one amount balance"))
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
            subject.donation.to_string(),
            subject.appeal.to_string(),
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
