//! Waits until nothing is owed to the donations of a surge but what banks take days over, and measures how long each
//! took.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use contracts::stored::{DonationItem, EntryItem};
use domain::journal::EntryKind;
use tokio::time::Instant;

use super::drive::Driven;
use crate::cli::client::Client;
use crate::cli::settle::{self, Owed};

/// How a surge has settled. Times are milliseconds from the donation's acceptance.
pub(super) struct Settled {
    /// Donations to which something is owed still, those that are with a bank left out.
    pub(super) outstanding: usize,
    /// Donations that are with a bank, for days.
    pub(super) with_bank: usize,
    /// Until the provider's answer was known.
    pub(super) answered_ms: Vec<u64>,
    /// Until everything had been done: answer, receipt and journal entry.
    pub(super) done_ms: Vec<u64>,
    /// From the last answer of the API to nothing owed.
    pub(super) took: Duration,
}

/// Waits at most `patience`. A stack that is away for a while is waited for too.
pub(super) async fn wait(
    client: &Client,
    driven: &Driven,
    has_direct_debits: bool,
    patience: Duration,
) -> anyhow::Result<Settled> {
    let accepted: BTreeSet<&str> = driven.accepted().into_keys().collect();
    let start = Instant::now();
    let look = async || settle::owed(client, Some(&accepted), has_direct_debits).await;
    let Owed { outstanding, with_bank } = settle::wait(accepted.len(), patience, look).await?;
    let took = start.elapsed();
    let donations: Vec<DonationItem> = client.all("stored/donations").await?;
    let entries: Vec<EntryItem> = client.all("stored/entries").await?;
    let mut booked: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Capture.name()) {
        let Some(donation_id) = &entry.donation_id else { continue };
        let posted_at = booked.entry(donation_id).or_default();
        *posted_at = entry.posted_at.max(*posted_at);
    }
    let (mut answered_ms, mut done_ms) = (Vec::new(), Vec::new());
    for donation in donations.iter().filter(|donation| accepted.contains(donation.id.as_str())) {
        let Some(answered_at) = answered_at(donation) else { continue };
        answered_ms.push(answered_at.saturating_sub(donation.accepted_at));
        if donation.owed_shard.is_none() {
            let receipted_at = donation.receipt.as_ref().map(|receipt| receipt.since);
            let booked_at = booked.get(donation.id.as_str()).copied();
            let done_at = [receipted_at, booked_at].into_iter().flatten().fold(answered_at, u64::max);
            done_ms.push(done_at.saturating_sub(donation.accepted_at));
        }
    }
    Ok(Settled { outstanding, with_bank, answered_ms, done_ms, took })
}

/// When we knew whether money was taken.
fn answered_at(donation: &DonationItem) -> Option<u64> {
    let payment = &donation.payment;
    match payment.state.as_str() {
        "captured" => Some(payment.takings.as_ref()?.captures.first()?.captured_at),
        "declined" => payment.since,
        _ => None,
    }
}
