//! A period of the ledger, checked and in its one sequence: what every file is rendered from.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use contracts::providers::ledger_digit;
use contracts::stored::PostedEntry;
use domain::currency::Currency;
use domain::ids::{CharityId, EntryId};
use domain::journal::{Posting, Side};
use domain::money::Money;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::period::{Period, parse_date};

/// What the store gave is not a ledger. Nothing is exported until somebody has looked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// An entry came back under a date that is not its own.
    #[error("entry {entry} is kept under {date} but has another business date")]
    Astray {
        /// The entry.
        entry: EntryId,
        /// The date that was asked for.
        date: Date,
    },
    /// An entry's value date is not a date.
    #[error("entry {entry} has a value date that is not a date")]
    ValueDate {
        /// The entry.
        entry: EntryId,
    },
    /// An entry's moments are past the year 9999, where RFC 3339 ends.
    #[error("entry {entry} has a moment after the year 9999")]
    Moment {
        /// The entry.
        entry: EntryId,
    },
    /// One entry is in the journal more than once.
    #[error("entry {entry} is in the period more than once")]
    Twice {
        /// The entry.
        entry: EntryId,
    },
    /// A sum cannot be held.
    #[error("a sum of the period's postings is too large")]
    Sum,
}

/// An account in one currency. Sorts as a chart of accounts does: by code, then path, then currency.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot {
    pub(crate) code: String,
    pub(crate) path: String,
    pub(crate) currency: Currency,
}

/// Sums of postings, in minor units. Neither side is ever negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) lines: u64,
    pub(crate) debit: i128,
    pub(crate) credit: i128,
}

/// Sums of each account and currency that anything was posted to.
pub(crate) type Balances = BTreeMap<Slot, Sums>;

/// One business date: its entries, and the balances before and after them, of every account of the period.
#[derive(Debug)]
pub(crate) struct Day {
    pub(crate) date: Date,
    pub(crate) opening: Balances,
    pub(crate) closing: Balances,
    entries: Range<usize>,
}

/// The period. Entries are sorted by business date, moment of posting and id, and numbered from 1.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) charity: CharityId,
    pub(crate) zone: String,
    pub(crate) period: Period,
    /// Dates that have entries, in sequence; the period's last date ends the list, even when it has none.
    pub(crate) days: Vec<Day>,
    /// Sums of each currency.
    pub(crate) totals: BTreeMap<Currency, Sums>,
    entries: Vec<PostedEntry>,
}

impl Ledger {
    /// Checks and sorts a period's entries, given by the date that each was asked for.
    pub(crate) fn of(
        charity: CharityId,
        zone: String,
        period: Period,
        by_date: Vec<(Date, Vec<PostedEntry>)>,
    ) -> Result<Self, LedgerError> {
        let mut ledger =
            Self { charity, zone, period, days: vec![], totals: BTreeMap::new(), entries: Vec::new() };
        let mut balances = Balances::new();
        for (date, mut entries) in by_date {
            let opening = balances.clone();
            for entry in &entries {
                check(date, entry)?;
                for posting in entry.entry.postings() {
                    balances.entry(Slot::of(posting)).or_default().take(posting)?;
                    ledger.totals.entry(posting.amount.currency()).or_default().take(posting)?;
                }
            }
            if entries.is_empty() && date != period.to() {
                continue;
            }
            entries.sort_by(|left, right| key(left).cmp(&key(right)));
            let first = ledger.entries.len();
            ledger.entries.append(&mut entries);
            let entries = first..ledger.entries.len();
            ledger.days.push(Day { date, opening, closing: balances.clone(), entries });
        }
        ledger.fill(&balances);
        ledger.check_unique()?;
        Ok(ledger)
    }

    /// Every entry with its number.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (u64, &PostedEntry)> {
        (1..).zip(&self.entries)
    }

    /// How many entries there are.
    pub(crate) const fn count(&self) -> usize {
        self.entries.len()
    }

    /// The entries of a day.
    pub(crate) fn entries_of(&self, day: &Day) -> &[PostedEntry] {
        &self.entries[day.entries.clone()]
    }

    /// Balances after the last day.
    pub(crate) fn closing(&self) -> &Balances {
        &self.days.last().expect("the period's last date is always a day").closing
    }

    /// Gives every day the accounts that something was posted to on another: they hold nothing, and a journal
    /// can say so.
    fn fill(&mut self, all: &Balances) {
        for day in &mut self.days {
            for slot in all.keys() {
                day.opening.entry(slot.clone()).or_default();
                day.closing.entry(slot.clone()).or_default();
            }
        }
    }

    fn check_unique(&self) -> Result<(), LedgerError> {
        let mut seen = HashSet::with_capacity(self.entries.len());
        match self.entries.iter().map(|posted| posted.entry.id()).find(|id| !seen.insert(*id)) {
            Some(entry) => Err(LedgerError::Twice { entry: entry.clone() }),
            None => Ok(()),
        }
    }
}

impl Slot {
    fn of(posting: &Posting) -> Self {
        let Posting { account, amount, .. } = posting;
        Self { code: account.code(ledger_digit), path: account.path(), currency: amount.currency() }
    }
}

impl Sums {
    fn take(&mut self, posting: &Posting) -> Result<(), LedgerError> {
        let side = match posting.side {
            Side::Debit => &mut self.debit,
            Side::Credit => &mut self.credit,
        };
        *side = side.checked_add(i128::from(posting.amount.minor())).ok_or(LedgerError::Sum)?;
        if side.unsigned_abs() > DECIMAL_MAX {
            return Err(LedgerError::Sum);
        }
        self.lines += 1;
        Ok(())
    }

    /// Debits less credits.
    pub(crate) const fn balance(self) -> i128 {
        self.debit - self.credit
    }
}

/// Largest number of minor units that a decimal can hold: its mantissa has 96 bits.
const DECIMAL_MAX: u128 = (1 << 96) - 1;

/// Minor units as an exact decimal of major units: 2500 of GBP is `25.00`.
pub(crate) fn decimal(minor: i128, currency: Currency) -> Decimal {
    Decimal::from_i128_with_scale(minor, u32::from(currency.exponent()))
}

/// A posting's amount with its sign: positive for a debit, negative for a credit.
pub(crate) fn signed(posting: &Posting) -> Decimal {
    let amount = Money::to_decimal(posting.amount);
    match posting.side {
        Side::Debit => amount,
        Side::Credit => -amount,
    }
}

fn key(posted: &PostedEntry) -> (domain::time::Timestamp, &EntryId) {
    (posted.posted_at, posted.entry.id())
}

fn check(date: Date, posted: &PostedEntry) -> Result<(), LedgerError> {
    let entry = || posted.entry.id().clone();
    if parse_date(&posted.business_date) != Some(date) {
        return Err(LedgerError::Astray { entry: entry(), date });
    }
    if parse_date(&posted.value_date).is_none() {
        return Err(LedgerError::ValueDate { entry: entry() });
    }
    let can_be_written = |moment: domain::time::Timestamp| {
        i64::try_from(moment.as_millis()).is_ok_and(|millis| Timestamp::from_millisecond(millis).is_ok())
    };
    if !can_be_written(posted.posted_at) || !can_be_written(posted.entry.subject().occurred_at) {
        return Err(LedgerError::Moment { entry: entry() });
    }
    Ok(())
}
