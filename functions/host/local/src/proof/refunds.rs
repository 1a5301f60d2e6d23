//! Refunds against the providers' refunds.

use std::collections::BTreeMap;

use domain::ids::ProviderReference;
use domain::journal::EntryKind;
use domain::takings::{Refund, Takings};

use super::{Donations, Evidence, Finding, There};
use crate::operator::view::ProviderRefund;

/// Each refund that a provider has is a refund of the donation whose payment it gives back, in the same
/// state and of the same amount; and the other way round. A refund that the provider was not asked for yet,
/// or refused to make, has nothing there to be compared with.
pub(super) fn compare(finding: &mut Finding, evidence: &Evidence, donations: &Donations<'_>) {
    let payments = Payments::of(donations);
    let is_ours = |refund: &&ProviderRefund| {
        evidence.provider_is_ours_alone
            || payments.donation(&refund.provider, refund.payment.as_deref()).is_some()
    };
    let mut made: BTreeMap<There<'_>, &ProviderRefund> = evidence
        .refunds
        .iter()
        .filter(is_ours)
        .map(|refund| ((refund.provider.as_str(), refund.reference.as_str()), refund))
        .collect();
    for refund in made.values() {
        let state = refund.means.as_deref();
        if state != Some("pending") {
            finding.sums(&refund.currency, EntryKind::Refund).provider += refund.minor;
        }
        if state == Some("failed") {
            finding.sums(&refund.currency, EntryKind::RefundFailed).provider += refund.minor;
        }
    }
    for (id, donation) in donations {
        let provider = donation.instrument.provider.name();
        for refund in donation.payment.takings().into_iter().flat_map(Takings::refunds) {
            let Some(reference) = refund.reference() else { continue };
            match made.remove(&(provider, reference.as_str())) {
                Some(there) => compare_one(finding, id, refund, there),
                None => finding.differ_there(
                    provider,
                    Some(id),
                    format!("the provider has no refund {reference}, and the donation has"),
                ),
            }
        }
    }
    for ((provider, reference), refund) in made {
        let what = format!("the provider has the refund {reference} ({})", refund.status);
        payments.name_unknown(finding, (provider, refund.payment.as_deref()), &what);
    }
}

fn compare_one(finding: &mut Finding, id: &str, refund: &Refund, there: &ProviderRefund) {
    let (reference, money) = (&there.reference, refund.amount);
    let paid = Some(refund.payment.as_str());
    if (there.minor, there.currency.as_str(), there.payment.as_deref())
        != (money.minor(), money.currency().code(), paid)
    {
        let what = format!("the provider's refund {reference} is of another amount or payment");
        finding.differ_there(&there.provider, Some(id), what);
    }
    let name = refund.state.name();
    if there.means.as_deref() != Some(name) {
        let status = &there.status;
        finding.differ_there(
            &there.provider,
            Some(id),
            format!("its refund {reference} counts as {name}, and at the provider it is {status}"),
        );
    }
}

/// Which donation each capture is of, by provider and reference.
pub(super) struct Payments(BTreeMap<(String, String), String>);

impl Payments {
    pub(super) fn of(donations: &Donations<'_>) -> Self {
        let of_one = |(id, donation): (&&str, &domain::donation::Donation)| {
            let provider = donation.instrument.provider;
            let captures = donation.payment.takings().map(Takings::captures).unwrap_or_default();
            let key = |reference: &ProviderReference| (provider.to_string(), reference.to_string());
            captures.iter().map(|capture| (key(&capture.reference), (*id).to_owned())).collect::<Vec<_>>()
        };
        Self(donations.iter().flat_map(of_one).collect())
    }

    pub(super) fn donation(&self, provider: &str, payment: Option<&str>) -> Option<&str> {
        self.0.get(&(provider.to_owned(), payment?.to_owned())).map(String::as_str)
    }

    /// Names what the provider has for this payment and no donation has.
    pub(super) fn name_unknown(
        &self,
        finding: &mut Finding,
        (provider, payment): (&str, Option<&str>),
        what: &str,
    ) {
        match (payment, self.donation(provider, payment)) {
            (_, Some(id)) => {
                let what = format!("{what}, which the donation does not have");
                finding.differ_there(provider, Some(id), what);
            }
            // The payment itself is named: no donation claims it.
            (Some(_), None) => {}
            (None, None) => {
                finding.differ_there(provider, None, format!("{what}, which names no payment"));
            }
        }
    }
}
