//! Money that no donation claims, and what waits for a person.

use std::collections::BTreeSet;

use contracts::stored::WorkKind;

use super::captures::Unclaimed;
use super::{Evidence, Finding};

/// A capture that no donation claims is a difference until a person has closed it on the work-list: then it
/// is explained. So is every other orphan that is open. All else that is open is shown.
pub(super) fn compare(finding: &mut Finding, evidence: &Evidence, unclaimed: &Unclaimed<'_>) {
    for item in &evidence.work {
        let is_orphan = item.kind == WorkKind::OrphanPayment;
        let is_unclaimed = unclaimed.contains_key(&(item.provider.as_str(), item.reference.as_str()));
        if item.open.is_some() {
            if is_orphan && !is_unclaimed {
                let what = format!("{} is on the work-list as an orphan payment", item.reference);
                finding.differ_there(&item.provider, item.donation_id.as_deref(), what);
            }
            finding.proof.open_work.push(item.clone());
        } else if is_orphan && is_unclaimed {
            finding.proof.explained.push(item.clone());
        }
    }
    finding.proof.open_work.sort_by_key(|item| item.opened_at);
    let explained: BTreeSet<(String, String)> =
        finding.proof.explained.iter().map(|item| (item.provider.clone(), item.reference.clone())).collect();
    for ((provider, reference), payment) in unclaimed {
        if explained.contains(&((*provider).to_owned(), (*reference).to_owned())) {
            continue;
        }
        let what = format!("the provider captured {reference}, and no donation counts as captured by it");
        finding.differ_there(provider, payment.donation_id.as_deref(), what);
    }
}
