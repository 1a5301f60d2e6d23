//! Donations against the ledger.

use domain::journal::JournalEntry;

use super::ledger::{Ledger, principal};
use super::{Donations, Finding, count};

/// Each effect of a donation has exactly one entry, which books what the effect was; and nothing else is
/// booked.
pub(super) fn compare(finding: &mut Finding, ledger: &Ledger, donations: &Donations<'_>) {
    let mut booked = ledger.of_donations();
    for (id, donation) in donations {
        if let Some(takings) = donation.payment.takings() {
            finding.proof.counts.duplicate_captures += count(takings.duplicates().len());
            for capture in takings.duplicates() {
                finding.totals(capture.amount.currency().code()).duplicates += capture.amount.minor();
            }
        }
        for expected in JournalEntry::all_of(donation) {
            let money = principal(&expected);
            finding.sums(money.currency().code(), expected.subject().kind).donations += money.minor();
            let entries = booked.remove(expected.id().as_str()).unwrap_or_default();
            compare_effect(finding, id, &expected, entries);
        }
    }
    for entry in booked.into_values().flatten() {
        let subject = entry.subject();
        let what = format!("the ledger books a {} of {}", subject.kind.name(), subject.reference);
        match &subject.donation {
            None => finding.differ_at_large(format!("{what}, which names no donation")),
            Some(id) if donations.contains_key(id.as_str()) => {
                finding.differ(id.as_str(), format!("{what} that the donation does not have"));
            }
            Some(id) => finding.differ(id.as_str(), format!("{what}, and there is no such donation")),
        }
    }
}

fn compare_effect(finding: &mut Finding, id: &str, expected: &JournalEntry, entries: &[JournalEntry]) {
    let (name, reference) = (expected.subject().kind.name(), &expected.subject().reference);
    match entries {
        [] => finding.differ(id, format!("the ledger lacks the entry of its {name} {reference}")),
        [entry] if entry.postings() != expected.postings() => {
            finding.differ(id, format!("the ledger books another {name} {reference} than the donation has"));
        }
        [_] => {}
        many => finding.differ(id, format!("the ledger books its {name} {reference} {} times", many.len())),
    }
}
