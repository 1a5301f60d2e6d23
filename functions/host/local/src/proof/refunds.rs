//! Refunds against the provider's refunds.

use std::collections::BTreeMap;

use domain::journal::EntryKind;
use domain::takings::{Refund, Takings};

use super::{Donations, Evidence, Finding};
use crate::operator::view::ProviderRefund;

/// Each refund that the provider has is a refund of the donation whose payment it gives back, in the same
/// state and of the same amount; and the other way round. A refund that the provider was not asked for yet,
/// or refused to make, has nothing there to be compared with.
pub(super) fn compare(finding: &mut Finding, evidence: &Evidence, donations: &Donations<'_>) {
    let payments = payments(donations);
    let is_ours = |refund: &&ProviderRefund| {
        evidence.provider_is_ours_alone
            || refund.payment.as_deref().is_some_and(|payment| payments.contains_key(payment))
    };
    let mut made: BTreeMap<&str, &ProviderRefund> =
        evidence.refunds.iter().filter(is_ours).map(|refund| (refund.reference.as_str(), refund)).collect();
    for refund in made.values() {
        let state = state_of(&refund.status);
        if state != Some("pending") {
            finding.sums(&refund.currency, EntryKind::Refund).provider += refund.minor;
        }
        if state == Some("failed") {
            finding.sums(&refund.currency, EntryKind::RefundFailed).provider += refund.minor;
        }
    }
    for (id, donation) in donations {
        for refund in donation.payment.takings().into_iter().flat_map(Takings::refunds) {
            let Some(reference) = refund.reference() else { continue };
            match made.remove(reference.as_str()) {
                Some(there) => compare_one(finding, id, refund, there),
                None => finding
                    .differ(id, format!("the provider has no refund {reference}, and the donation has")),
            }
        }
    }
    for (reference, refund) in made {
        let what = format!("the provider has the refund {reference} ({})", refund.status);
        match refund.payment.as_deref().map(|payment| (payment, payments.get(payment))) {
            Some((_, Some(id))) => finding.differ(id, format!("{what}, which the donation does not have")),
            // The payment itself is named: no donation claims it.
            Some((_, None)) => {}
            None => finding.differ_at_large(format!("{what}, which names no payment")),
        }
    }
}

fn compare_one(finding: &mut Finding, id: &str, refund: &Refund, there: &ProviderRefund) {
    let (reference, money) = (&there.reference, refund.amount);
    let paid = Some(refund.payment.as_str());
    if (there.minor, there.currency.as_str(), there.payment.as_deref())
        != (money.minor(), money.currency().code(), paid)
    {
        finding.differ(id, format!("the provider's refund {reference} is of another amount or payment"));
    }
    let name = refund.state.name();
    if state_of(&there.status) != Some(name) {
        let status = &there.status;
        finding.differ(
            id,
            format!("its refund {reference} counts as {name}, and at the provider it is {status}"),
        );
    }
}

/// The state that Stripe's status means (docs.stripe.com/api/refunds/object, `status`).
fn state_of(status: &str) -> Option<&'static str> {
    match status {
        "pending" | "requires_action" => Some("pending"),
        "succeeded" => Some("succeeded"),
        "failed" | "canceled" => Some("failed"),
        _ => None,
    }
}

/// Which donation each capture is of.
pub(super) fn payments(donations: &Donations<'_>) -> BTreeMap<String, String> {
    let of_one = |(id, donation): (&&str, &domain::donation::Donation)| {
        let captures = donation.payment.takings().map(Takings::captures).unwrap_or_default();
        captures.iter().map(|capture| (capture.reference.to_string(), (*id).to_owned())).collect::<Vec<_>>()
    };
    donations.iter().flat_map(of_one).collect()
}
