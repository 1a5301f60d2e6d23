//! The ledger's entries, each read and checked.

use std::collections::BTreeMap;

use contracts::stored::{EntryItem, PostedEntry};
use domain::currency::Currency;
use domain::ids::Provider;
use domain::journal::{Account, EntryKind, JournalEntry, Side};
use domain::money::Money;

use super::Finding;

/// Every sound entry, by its id.
pub(super) struct Ledger {
    by_id: BTreeMap<String, Vec<JournalEntry>>,
}

impl Ledger {
    /// Reads the entries, and names each that is not sound.
    pub(super) fn read(finding: &mut Finding, items: &[EntryItem]) -> Self {
        let mut by_id: BTreeMap<String, Vec<JournalEntry>> = BTreeMap::new();
        for item in items {
            match PostedEntry::try_from(item.clone()) {
                Ok(posted) => {
                    let (kind, money) = (posted.entry.subject().kind, principal(&posted.entry));
                    if is_of_a_donation(kind) {
                        finding.sums(money.currency().code(), kind).ledger += money.minor();
                    }
                    by_id.entry(posted.entry.id().to_string()).or_default().push(posted.entry);
                }
                Err(malformed) => {
                    let what = format!("the journal entry {} is not sound: {malformed}", item.entry_id);
                    match &item.donation_id {
                        Some(id) => finding.differ(id, what),
                        None => finding.differ_at_large(what),
                    }
                }
            }
        }
        Self { by_id }
    }

    /// The entries that donations call for, by id. More than one of an id is one too many.
    pub(super) fn of_donations(&self) -> BTreeMap<&str, &[JournalEntry]> {
        let of_donations =
            self.by_id.iter().filter(|(_, entries)| is_of_a_donation(entries[0].subject().kind));
        of_donations.map(|(id, entries)| (id.as_str(), entries.as_slice())).collect()
    }

    /// All entries.
    pub(super) fn entries(&self) -> impl Iterator<Item = &JournalEntry> {
        self.by_id.values().flatten()
    }
}

/// Whether a donation's own state calls for entries of this kind; the others are read from the provider's
/// balance.
pub(super) const fn is_of_a_donation(kind: EntryKind) -> bool {
    !kind.is_movement() && !kind.is_payout()
}

/// The money that an entry is about: its fee, where it has one, comes after.
pub(super) fn principal(entry: &JournalEntry) -> Money {
    entry.postings()[0].amount
}

/// What an entry does to the provider's balance, in minor units: positive where it grows. None where it does
/// nothing.
pub(super) fn cleared(entry: &JournalEntry) -> Option<((Provider, Currency), i128)> {
    let mut cleared = None;
    for posting in entry.postings() {
        let Account::ClearingBalance(provider, currency) = posting.account else { continue };
        let minor = i128::from(posting.amount.minor());
        let (_, sum) = cleared.get_or_insert(((provider, currency), 0));
        *sum += if posting.side == Side::Debit { minor } else { -minor };
    }
    cleared
}
