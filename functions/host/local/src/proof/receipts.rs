//! Captured donations against their receipts.

use std::collections::BTreeMap;

use domain::payment::Payment;
use domain::receipt::Receipt;

use super::{Donations, Evidence, Finding};

/// Each captured donation has one receipt sent, or counts as ambiguous; no donation has two mails.
pub(super) fn compare(finding: &mut Finding, evidence: &Evidence, donations: &Donations<'_>) {
    let mut mails: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in &evidence.mails {
        match &mail.donation_id {
            Some(id) => *mails.entry(id).or_default() += 1,
            None => finding.differ_at_large(format!("mail {} names no donation", mail.id)),
        }
    }
    for (id, donation) in donations {
        let sent = mails.remove(id).unwrap_or(0);
        if sent > 1 {
            finding.differ(id, format!("{sent} mails were handed over for it"));
        }
        if !matches!(donation.payment, Payment::Captured { .. }) {
            if sent > 0 {
                finding.differ(id, "a mail was handed over for it, and it is not captured");
            }
            continue;
        }
        match &donation.receipt {
            Receipt::Sent { .. } => {
                finding.proof.counts.receipts_sent += 1;
                if sent == 0 && evidence.mails_are_kept {
                    finding.differ(id, "its receipt counts as sent, and no mail was handed over");
                }
            }
            Receipt::Ambiguous { .. } => finding.proof.ambiguous_receipts.push((*id).to_owned()),
            Receipt::NotSent => finding.differ(id, "it is captured, and its receipt has not been sent"),
            Receipt::Sending { .. } => {
                finding.differ(id, "it is captured, and its receipt is still being sent");
            }
        }
    }
    for id in mails.keys() {
        finding.differ(id, "a mail was handed over for it, and there is no such donation");
    }
}
