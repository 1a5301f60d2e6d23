//! Captured donations against the ledger and against the provider.

use std::collections::BTreeMap;

use contracts::stored::PostedEntry;
use domain::donation::Donation;
use domain::journal::{EntryKind, JournalEntry};
use domain::payment::Payment;

use super::{Evidence, Finding, Totals};
use crate::operator::view::{ProviderPayment, ProviderRefund};

type Donations<'a> = BTreeMap<&'a str, Donation>;

/// Each effect of a donation has exactly one entry, which balances and books the same amount; and nothing
/// else is booked.
pub(super) fn compare_entries(finding: &mut Finding, evidence: &Evidence, donations: &Donations<'_>) {
    let mut booked: BTreeMap<(String, EntryKind), Vec<JournalEntry>> = BTreeMap::new();
    for item in &evidence.entries {
        match PostedEntry::try_from(item.clone()) {
            Ok(posted) => {
                let subject = posted.entry.subject();
                let effect = (subject.donation.to_string(), subject.kind);
                booked.entry(effect).or_default().push(posted.entry);
            }
            Err(malformed) => {
                let entry = &item.entry_id;
                finding.differ(
                    &item.donation_id,
                    format!("its journal entry {entry} is not sound: {malformed}"),
                );
            }
        }
    }
    for (id, donation) in donations {
        for kind in EntryKind::ALL {
            let entries = booked.remove(&((*id).to_owned(), kind)).unwrap_or_default();
            compare_effect(finding, id, kind, JournalEntry::of(donation, kind), &entries);
        }
    }
    for ((id, kind), _) in booked {
        finding.differ(&id, format!("the ledger books its {}, and there is no such donation", kind.name()));
    }
}

fn compare_effect(
    finding: &mut Finding,
    id: &str,
    kind: EntryKind,
    expected: Option<JournalEntry>,
    entries: &[JournalEntry],
) {
    let name = kind.name();
    match (expected, entries) {
        (None, []) => {}
        (None, _) => finding.differ(id, format!("the ledger books a {name} that the donation does not have")),
        (Some(_), []) => finding.differ(id, format!("the ledger lacks the entry of its {name}")),
        (Some(expected), [entry]) => {
            if kind == EntryKind::Capture {
                for posting in &entry.postings()[..1] {
                    totals(finding, posting.amount.currency().code()).ledger += posting.amount.minor();
                }
            }
            if entry.postings() != expected.postings() || entry.id() != expected.id() {
                finding.differ(id, format!("the ledger books another {name} than the donation has"));
            }
        }
        (Some(_), entries) => {
            finding.differ(id, format!("the ledger books its {name} {} times", entries.len()));
        }
    }
}

/// Each captured donation has exactly one capture at the provider, of the same amount; and there is no other capture.
pub(super) fn compare_provider(finding: &mut Finding, evidence: &Evidence, donations: &Donations<'_>) {
    let captures: BTreeMap<&str, &ProviderPayment> = evidence
        .payments
        .iter()
        .filter(|payment| payment.status == "succeeded" && payment.received_minor > 0)
        .filter(|payment| evidence.provider_is_ours_alone || payment.donation_id.is_some())
        .map(|payment| (payment.reference.as_str(), payment))
        .collect();
    let mut refunded: BTreeMap<&str, u64> = BTreeMap::new();
    for refund in evidence.refunds.iter().filter(|refund| is_given_back(refund)) {
        if let Some(reference) = &refund.reference {
            *refunded.entry(reference).or_default() += refund.minor;
        }
    }
    let mut claimed: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, donation) in donations {
        let Some(capture) = donation.payment.capture() else { continue };
        let (minor, currency) = (capture.amount.minor(), capture.amount.currency());
        totals(finding, currency.code()).donations += minor;
        match captures.get(capture.reference.as_str()) {
            None => finding.differ(id, "it counts as captured, and the provider has no such capture"),
            Some(payment) if payment.received_minor != minor || payment.currency != currency.code() => {
                finding.differ(id, "the provider captured another amount or currency");
            }
            Some(_) => {}
        }
        compare_refund(finding, id, donation, refunded.get(capture.reference.as_str()).copied().unwrap_or(0));
        if let Some(other) = claimed.insert(capture.reference.as_str(), id) {
            finding.differ(id, format!("its capture is also that of donation {other}"));
        }
    }
    for (reference, payment) in captures {
        finding.proof.counts.provider_captures += 1;
        totals(finding, &payment.currency).provider += payment.received_minor;
        if !claimed.contains_key(reference) {
            let what = format!("the provider captured {reference}, and no donation counts as captured by it");
            match &payment.donation_id {
                Some(id) => finding.differ(id, what),
                None => finding.differ_at_large(what),
            }
        }
    }
}

fn compare_refund(finding: &mut Finding, id: &str, donation: &Donation, refunded: u64) {
    let Some(capture) = donation.payment.capture() else { return };
    let returned = matches!(donation.payment, Payment::Returned { .. });
    let what = match (returned, refunded) {
        (false, 0) => return,
        (true, minor) if minor == capture.amount.minor() => return,
        (true, 0) => "it counts as returned, and the provider has given nothing back",
        (true, _) => "it counts as returned, and the provider has given another amount back",
        (false, minor) if minor == capture.amount.minor() => {
            "the provider has given its money back, and it counts as kept"
        }
        (false, _) => "the provider has given a part of its money back, which nothing books",
    };
    finding.differ(id, what);
}

/// A refund that has left, or will: the others did not happen (docs.stripe.com/api/refunds/object, `status`).
fn is_given_back(refund: &ProviderRefund) -> bool {
    matches!(refund.status.as_str(), "succeeded" | "pending" | "requires_action")
}

fn totals<'a>(finding: &'a mut Finding, currency: &str) -> &'a mut Totals {
    finding.proof.totals.entry(currency.to_owned()).or_default()
}
