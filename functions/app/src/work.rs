//! Things for a person of finance or operations to look at, put in words once.

use contracts::stored::{WORK_OPEN, WorkItem, WorkKind};
use domain::donation::Donation;
use domain::ids::{DonationId, Provider, ProviderReference};
use domain::money::Money;
use domain::takings::{RefundState, Takings};
use domain::time::Timestamp;
use tracing::warn;

use crate::ports::{Fault, WorkList};

/// What was found.
#[derive(Debug, Clone)]
pub(crate) struct Finding<'a> {
    pub(crate) kind: WorkKind,
    pub(crate) provider: Provider,
    pub(crate) reference: &'a ProviderReference,
    pub(crate) amount: Option<Money>,
    pub(crate) donation: Option<&'a DonationId>,
    pub(crate) detail: Option<String>,
}

/// Puts a finding on the list. An operator is alarmed by the line in the log.
pub(crate) async fn report(work: &impl WorkList, found: Finding<'_>, at: Timestamp) -> Result<(), Fault> {
    let (provider, reference) = (found.provider.name(), found.reference.as_str());
    let item = WorkItem {
        id: WorkItem::id_of(found.kind, provider, reference),
        kind: found.kind,
        provider: provider.to_owned(),
        reference: reference.to_owned(),
        minor: found.amount.map(Money::minor),
        currency: found.amount.map(|amount| amount.currency().code().to_owned()),
        donation_id: found.donation.map(ToString::to_string),
        detail: found.detail,
        opened_at: at.as_millis(),
        open: Some(WORK_OPEN.to_owned()),
        closed_by: None,
        closed_at: None,
        note: None,
    };
    if work.open(&item).await? {
        let kind = found.kind.name();
        warn!(alarm = "work-list", kind, provider, reference, "something was put on the work-list");
    }
    Ok(())
}

/// Reports the refunds of a donation that have failed. It goes by what is stored and not by what was stored just now: a
/// run that died in between left nobody told, and the one after it finds nothing new.
pub(crate) async fn report_failed_refunds(work: &impl WorkList, donation: &Donation) -> Result<(), Fault> {
    for refund in donation.payment.takings().into_iter().flat_map(Takings::refunds) {
        let RefundState::Failed { reference, at, .. } = &refund.state else { continue };
        let found = Finding {
            kind: WorkKind::RefundFailed,
            provider: donation.instrument.provider,
            reference: reference.as_ref().unwrap_or(&refund.payment),
            amount: Some(refund.amount),
            donation: Some(&donation.id),
            detail: Some(refund.id.to_string()),
        };
        report(work, found, *at).await?;
    }
    Ok(())
}
