//! Disputes against the providers' disputes.

use std::collections::BTreeMap;

use domain::journal::EntryKind;
use domain::money::Money;
use domain::takings::{Dispute, Takings, Withdrawal};

use super::refunds::Payments;
use super::{Donations, Evidence, Finding, There};
use crate::operator::view::{ProviderDispute, ProviderWithdrawal};

/// Each dispute that a provider has is a dispute of the donation whose payment it is over: it stands where
/// it stands there, and what moved for it, moved there; and the other way round.
pub(super) fn compare(finding: &mut Finding, evidence: &Evidence, donations: &Donations<'_>) {
    let payments = Payments::of(donations);
    let is_ours = |dispute: &&ProviderDispute| {
        evidence.provider_is_ours_alone
            || payments.donation(&dispute.provider, dispute.payment.as_deref()).is_some()
    };
    let mut there: BTreeMap<There<'_>, &ProviderDispute> = evidence
        .disputes
        .iter()
        .filter(is_ours)
        .map(|dispute| ((dispute.provider.as_str(), dispute.reference.as_str()), dispute))
        .collect();
    for dispute in there.values() {
        let currency = &dispute.currency;
        let moved = |moved: Option<ProviderWithdrawal>| moved.map_or(0, |moved| moved.minor);
        let (withdrawn, reinstated) = (moved(dispute.withdrawn), moved(dispute.reinstated));
        let lost = if dispute.was_lost { withdrawn } else { 0 };
        for (effect, minor) in [
            (EntryKind::DisputeOpened, withdrawn),
            (EntryKind::DisputeWon, reinstated),
            (EntryKind::DisputeLost, lost),
        ] {
            if minor > 0 {
                finding.sums(currency, effect).provider += minor;
            }
        }
    }
    for (id, donation) in donations {
        let provider = donation.instrument.provider.name();
        for dispute in donation.payment.takings().into_iter().flat_map(Takings::disputes) {
            let reference = dispute.reference.as_str();
            match there.remove(&(provider, reference)) {
                Some(there) => compare_one(finding, id, dispute, there),
                None => finding.differ_there(
                    provider,
                    Some(id),
                    format!("the provider has no dispute {reference}, and the donation has"),
                ),
            }
        }
    }
    for ((provider, reference), dispute) in there {
        let what = format!("the provider has the dispute {reference} ({})", dispute.status);
        payments.name_unknown(finding, (provider, dispute.payment.as_deref()), &what);
    }
}

fn compare_one(finding: &mut Finding, id: &str, dispute: &Dispute, there: &ProviderDispute) {
    let reference = &there.reference;
    let name = dispute.status.name();
    if there.means.as_deref() != Some(name) {
        let status = &there.status;
        finding.differ_there(
            &there.provider,
            Some(id),
            format!("its dispute {reference} counts as {name}, and at the provider it is {status}"),
        );
    }
    let ours = |moved: Option<Withdrawal>| moved.map(of_withdrawal);
    let theirs =
        |moved: Option<ProviderWithdrawal>| moved.map(|it| (it.minor, it.fee_minor, there.currency.clone()));
    for (what, ours, theirs) in [
        ("taken", ours(dispute.withdrawn), theirs(there.withdrawn)),
        ("put back", ours(dispute.reinstated), theirs(there.reinstated)),
    ] {
        if ours != theirs {
            finding.differ_there(
                &there.provider,
                Some(id),
                format!("the provider has {what} another amount or fee for its dispute {reference}"),
            );
        }
    }
}

fn of_withdrawal(moved: Withdrawal) -> (u64, u64, String) {
    (moved.amount.minor(), moved.fee.map_or(0, Money::minor), moved.amount.currency().to_string())
}
