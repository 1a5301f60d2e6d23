//! Captures against the provider's payments.

use std::collections::BTreeMap;

use domain::journal::EntryKind;
use domain::takings::Takings;

use super::{Donations, Evidence, Finding};
use crate::operator::view::ProviderPayment;

/// Captures at the provider that no donation claims, by reference.
pub(super) type Unclaimed<'a> = BTreeMap<&'a str, &'a ProviderPayment>;

/// Each capture of a donation, duplicates among them, is one capture at the provider, of the same amount.
/// Those that no donation claims are left over.
pub(super) fn compare<'a>(
    finding: &mut Finding,
    evidence: &'a Evidence,
    donations: &Donations<'_>,
) -> Unclaimed<'a> {
    let mut captures: Unclaimed<'a> = evidence
        .payments
        .iter()
        .filter(|payment| payment.status == "succeeded" && payment.received_minor > 0)
        .filter(|payment| evidence.provider_is_ours_alone || payment.donation_id.is_some())
        .map(|payment| (payment.reference.as_str(), payment))
        .collect();
    for payment in captures.values() {
        finding.proof.counts.provider_captures += 1;
        finding.sums(&payment.currency, EntryKind::Capture).provider += payment.received_minor;
    }
    let mut claimed: BTreeMap<&str, &str> = BTreeMap::new();
    for (id, donation) in donations {
        for capture in donation.payment.takings().into_iter().flat_map(Takings::captures) {
            let (reference, money) = (capture.reference.as_str(), capture.amount);
            if let Some(other) = claimed.insert(reference, id) {
                finding.differ(id, format!("its capture {reference} is also that of donation {other}"));
                continue;
            }
            match captures.remove(reference) {
                None => finding.differ(
                    id,
                    format!("{reference} counts as captured, and the provider has no such capture"),
                ),
                Some(payment)
                    if (payment.received_minor, payment.currency.as_str())
                        != (money.minor(), money.currency().code()) =>
                {
                    finding.differ(
                        id,
                        format!("the provider captured another amount or currency as {reference}"),
                    );
                }
                Some(_) => {}
            }
        }
    }
    captures
}
