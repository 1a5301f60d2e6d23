//! What must hold after every step.

use std::collections::{BTreeMap, BTreeSet};

use contracts::stored::{DonationItem, EntryItem};
use domain::donation::Donation;

use super::edges::{Standing, between, standing};
use crate::sim::Sim;

/// A donation as it was last seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    version: u64,
    standing: Standing,
    receipt: String,
    captures: BTreeSet<String>,
    entries: BTreeSet<String>,
}

impl Sim {
    pub(crate) fn check_step(&mut self) {
        let writes = self.memory.donation_writes();
        if writes != self.writes {
            self.writes = writes;
            for item in self.memory.donation_items() {
                self.check_donation(&item);
            }
        }
        if self.memory.entry_count() != self.entries {
            let items = self.memory.entry_items();
            self.entries = items.len();
            self.check_balance(&items);
        }
        let breaches = std::mem::take(&mut self.model().breaches);
        for breach in breaches {
            self.violate(breach);
        }
    }

    /// Versions only grow; what was captured or booked stays so.
    fn check_donation(&mut self, item: &DonationItem) {
        let seen = self.seen.entry(item.id.clone()).or_default();
        if seen.version == item.version {
            return;
        }
        let takings = item.payment.takings.as_ref();
        let captures: BTreeSet<String> = takings
            .map(|takings| takings.captures.iter().map(|capture| capture.reference.clone()).collect())
            .unwrap_or_default();
        let entries: BTreeSet<String> = item.entries.iter().cloned().collect();
        let receipt = item.receipt.as_ref().map_or("not_sent", |receipt| receipt.state.as_str()).to_owned();
        let is_older = seen.version > item.version;
        let forgets_money = !seen.captures.is_subset(&captures);
        let forgets_books = !seen.entries.is_subset(&entries);
        let donation = Donation::try_from(item);
        let mut comes_under_review = false;
        if let Ok(donation) = &donation {
            let edges = between(&mut seen.standing, standing(donation));
            comes_under_review = edges.iter().any(|edge| edge.contains("-> under-review"));
            self.edges.extend(edges);
        }
        if seen.receipt != receipt && seen.version > 0 {
            self.edges.insert(format!("receipt: {} -> {receipt}", seen.receipt));
        }
        let standing = std::mem::take(&mut seen.standing);
        *seen = Seen { version: item.version, standing, receipt, captures, entries };
        if comes_under_review {
            self.call_for_review();
        }
        if let Err(error) = donation {
            self.violate(format!("{} cannot be read any more: {error}", item.id));
        }
        if is_older {
            self.violate(format!("{} went back to an older version", item.id));
        }
        if forgets_money {
            self.violate(format!("{} forgot money that was taken", item.id));
        }
        if forgets_books {
            self.violate(format!("{} forgot an entry that was posted", item.id));
        }
    }

    /// Debits and credits are equal at every moment, entry by entry and over all.
    fn check_balance(&mut self, items: &[EntryItem]) {
        let mut wrong = Vec::new();
        for item in items {
            let mut sums: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
            for line in &item.lines {
                let (debits, credits) = sums.entry(line.currency.as_str()).or_default();
                let sum = if line.side == "debit" { debits } else { credits };
                *sum = sum.saturating_add(line.minor);
            }
            if sums.values().any(|(debits, credits)| debits != credits) || item.lines.is_empty() {
                wrong.push(format!("the entry {} does not balance", item.entry_id));
            }
        }
        for violation in wrong {
            self.violate(violation);
        }
    }
}
