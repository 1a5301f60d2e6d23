//! Captures against the providers' payments.

use std::collections::BTreeMap;

use domain::journal::EntryKind;
use domain::takings::Takings;

use super::{Donations, Evidence, Finding, There};
use crate::operator::view::ProviderPayment;

/// Captures at a provider that no donation claims.
pub(super) type Unclaimed<'a> = BTreeMap<There<'a>, &'a ProviderPayment>;

/// Each capture of a donation, duplicates among them, is one capture at its provider, of the same amount.
/// Those that no donation claims are left over.
pub(super) fn compare<'a>(
    finding: &mut Finding,
    evidence: &'a Evidence,
    donations: &'a Donations<'_>,
) -> Unclaimed<'a> {
    let mut captures: Unclaimed<'a> = evidence
        .payments
        .iter()
        .filter(|payment| payment.received_minor > 0)
        .filter(|payment| evidence.provider_is_ours_alone || payment.donation_id.is_some())
        .map(|payment| ((payment.provider.as_str(), payment.reference.as_str()), payment))
        .collect();
    for payment in captures.values() {
        finding.proof.counts.provider_captures += 1;
        finding.sums(&payment.currency, EntryKind::Capture).provider += payment.received_minor;
    }
    let mut claimed: BTreeMap<There<'_>, &str> = BTreeMap::new();
    for (id, donation) in donations {
        let provider = donation.instrument.provider.name();
        for capture in donation.payment.takings().into_iter().flat_map(Takings::captures) {
            let (reference, money) = (capture.reference.as_str(), capture.amount);
            if let Some(other) = claimed.insert((provider, reference), id) {
                finding.differ(id, format!("its capture {reference} is also that of donation {other}"));
                continue;
            }
            match captures.remove(&(provider, reference)) {
                None => finding.differ_there(
                    provider,
                    Some(id),
                    format!("{reference} counts as captured, and the provider has no such capture"),
                ),
                Some(payment)
                    if (payment.received_minor, payment.currency.as_str())
                        != (money.minor(), money.currency().code()) =>
                {
                    finding.differ_there(
                        provider,
                        Some(id),
                        format!("the provider captured another amount or currency as {reference}"),
                    );
                }
                Some(_) => {}
            }
        }
    }
    captures
}
