//! The proof of no loss: what was accepted against what was taken, booked, receipted and held by the provider.
//!
//! Pure: it is given all that everybody says, and names every difference by donation.

mod money;
mod receipts;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use contracts::stored::{DonationItem, EntryItem};
use domain::donation::Donation;
use domain::payment::Payment;
use serde::Serialize;

use crate::operator::view::{MailView, ProviderPayment, ProviderRefund, QueueView};

/// What everybody says.
#[derive(Default)]
pub struct Evidence {
    /// Stored donations.
    pub donations: Vec<DonationItem>,
    /// Journal entries.
    pub entries: Vec<EntryItem>,
    /// Payments, by the provider's own list.
    pub payments: Vec<ProviderPayment>,
    /// Refunds, by the provider's own list.
    pub refunds: Vec<ProviderRefund>,
    /// E-mails that were handed over.
    pub mails: Vec<MailView>,
    /// Queues and their dead letters.
    pub queues: Vec<QueueView>,
    /// Ids of donations that clients were told are accepted, where somebody noted them.
    pub promised: BTreeSet<String>,
    /// Whether the provider's account holds nothing but this pipeline's payments.
    pub provider_is_ours_alone: bool,
}

/// What the comparison found.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// How many of each.
    pub counts: Counts,
    /// Money by currency, in minor units.
    pub totals: BTreeMap<String, Totals>,
    /// Captured donations of which nobody knows whether the receipt went out: shown, and for a person to decide.
    pub ambiguous_receipts: Vec<String>,
    /// Donations whose payment has not ended: shown, because their time may not have come yet.
    pub under_way: Vec<String>,
    /// Everything that does not agree. None at all is the proof.
    pub differences: Vec<Difference>,
}

/// How many donations are in each state, and how many of everything else there are.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Stored donations: the sum of the nine states below.
    pub accepted: u64,
    /// Money taken.
    pub captured: u64,
    /// Money taken and given back.
    pub returned: u64,
    /// The answer was no.
    pub declined: u64,
    /// Nobody can say yet whether money was taken.
    pub unknown: u64,
    /// The bank wants the donor to confirm.
    pub action_required: u64,
    /// The provider is working on it.
    pub processing: u64,
    /// A person has to look.
    pub under_review: u64,
    /// Not begun, or begun and not answered.
    pub not_settled: u64,
    /// Payments that the provider says it captured.
    pub provider_captures: u64,
    /// Journal entries.
    pub entries: u64,
    /// Receipts sent.
    pub receipts_sent: u64,
    /// E-mails handed over.
    pub mails: u64,
    /// Messages in dead-letter queues.
    pub dead_letters: u64,
}

/// Sums of captured money by who says so. Returned money counts as captured, because it was.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// By the donations.
    pub donations: u64,
    /// By the ledger.
    pub ledger: u64,
    /// By the provider.
    pub provider: u64,
}

/// Something that does not agree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The donation, where there is one.
    pub donation_id: Option<String>,
    /// What, in a sentence.
    pub what: String,
}

/// The finding in the making.
struct Finding {
    proof: Proof,
}

impl Finding {
    fn differ(&mut self, donation_id: &str, what: impl Into<String>) {
        self.proof
            .differences
            .push(Difference { donation_id: Some(donation_id.to_owned()), what: what.into() });
    }

    fn differ_at_large(&mut self, what: impl Into<String>) {
        self.proof.differences.push(Difference { donation_id: None, what: what.into() });
    }
}

/// Compares everything with everything.
pub fn prove(evidence: &Evidence) -> Proof {
    let mut finding = Finding { proof: Proof::default() };
    let mut donations = BTreeMap::new();
    for item in &evidence.donations {
        match Donation::try_from(item) {
            Ok(donation) => {
                donations.insert(item.id.as_str(), donation);
            }
            Err(malformed) => {
                finding.differ(&item.id, format!("the stored donation cannot be read: {malformed}"));
            }
        }
    }
    let counts = &mut finding.proof.counts;
    counts.accepted = count(evidence.donations.len());
    counts.entries = count(evidence.entries.len());
    counts.mails = count(evidence.mails.len());
    for donation in donations.values() {
        count_state(&mut finding, donation);
    }
    let stored: BTreeSet<&str> = evidence.donations.iter().map(|item| item.id.as_str()).collect();
    for id in evidence.promised.iter().filter(|id| !stored.contains(id.as_str())) {
        finding.differ(id, "a client was told that it is accepted, and it is not stored");
    }
    money::compare_entries(&mut finding, evidence, &donations);
    money::compare_provider(&mut finding, evidence, &donations);
    receipts::compare(&mut finding, evidence, &donations);
    for queue in evidence.queues.iter().filter(|queue| queue.dead_letters > 0) {
        finding.proof.counts.dead_letters += count(queue.dead_letters);
        finding.differ_at_large(format!(
            "the dead-letter queue of {} holds {}; look why, then `outpour redrive {}`",
            queue.queue, queue.dead_letters, queue.queue
        ));
    }
    finding.proof.differences.sort();
    finding.proof
}

fn count_state(finding: &mut Finding, donation: &Donation) {
    let proof = &mut finding.proof;
    let counts = &mut proof.counts;
    let (counter, under_way) = match &donation.payment {
        Payment::Captured { .. } => (&mut counts.captured, false),
        Payment::Returned { .. } => (&mut counts.returned, false),
        Payment::Declined { .. } => (&mut counts.declined, false),
        Payment::Unknown { .. } => (&mut counts.unknown, true),
        Payment::ActionRequired { .. } => (&mut counts.action_required, true),
        Payment::Processing { .. } => (&mut counts.processing, true),
        Payment::UnderReview { .. } => (&mut counts.under_review, true),
        Payment::Accepted | Payment::Collecting { .. } => (&mut counts.not_settled, true),
    };
    *counter += 1;
    if under_way {
        proof.under_way.push(donation.id.to_string());
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).expect("a length fits 64 bits")
}
