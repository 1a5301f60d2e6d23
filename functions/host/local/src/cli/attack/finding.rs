//! What came of an attack: how much of it reached the provider, and how many honest gifts were taken.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use contracts::stored::DonationItem;
use host_local::operator::view::ProviderPayment;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::plan::Honest;
use crate::cli::client::Client;
use crate::cli::console::table;
use crate::cli::surge::drive::Driven;
use crate::cli::surge::plan::Schedule;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So few donations that lack something are looked at one by one.
const FEW: usize = 1_000;
/// How many in a thousand honest gifts have to be taken.
const PASS_MIN: u64 = 990;

/// The finding.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// What became of the tries.
    attackers: Side,
    /// What became of the honest donations.
    honest: Side,
    /// Honest donations that the bank would take.
    honest_good: u64,
    /// Of these, the captured ones.
    honest_captured: u64,
    /// The same in thousandths.
    honest_pass_per_mille: u64,
}

/// What became of the donations of one side.
#[derive(Debug, Default, Serialize)]
struct Side {
    /// Requests.
    sent: usize,
    /// Donations that were accepted.
    accepted: usize,
    /// Payments that the provider was asked for.
    provider_calls: usize,
    /// Donations by the state of their payment.
    payments: BTreeMap<String, usize>,
    /// Donations whose donor has to confirm with the bank, or had to.
    stepped_up: usize,
}

impl Finding {
    /// Whether no more tries reached the provider than may, and the honest were not hindered.
    pub(super) fn is_contained(&self, calls_max: usize) -> bool {
        self.attackers.provider_calls <= calls_max
            && self.honest_pass_per_mille >= PASS_MIN
            && [&self.attackers, &self.honest].iter().all(|side| side.accepted == side.sent)
    }
}

/// Waits until every payment has ended or is with the donor, and looks.
pub(super) async fn find(
    client: &Client,
    tried: &Driven,
    (honest, given): (&Honest, &Driven),
    patience: Duration,
) -> anyhow::Result<Finding> {
    let (attacks, gifts) = (tried.accepted(), given.accepted());
    let ours: BTreeSet<&str> = attacks.keys().chain(gifts.keys()).copied().collect();
    let donations = ended(client, &ours, patience).await?;
    let payments: Vec<ProviderPayment> = client.all("payments").await?;
    let side = |driven: &Driven, ids: &BTreeMap<&str, usize>| {
        let mut side = Side { sent: driven.lines.len(), accepted: ids.len(), ..Side::default() };
        side.provider_calls = payments.iter().filter(|payment| names(payment, ids)).count();
        for donation in donations.iter().filter(|donation| ids.contains_key(donation.id.as_str())) {
            *side.payments.entry(donation.payment.state.clone()).or_default() += 1;
            side.stepped_up += usize::from(donation.step_up.is_some());
        }
        side
    };
    let good_keys: BTreeSet<String> = (0..honest.donations())
        .filter(|number| honest.is_good(*number))
        .map(|number| honest.donation(number).key)
        .collect();
    let good: BTreeSet<&str> = given
        .lines
        .iter()
        .filter(|line| good_keys.contains(&line.key))
        .filter_map(|line| line.donation_id.as_deref())
        .collect();
    let captured = donations.iter().filter(|donation| donation.payment.state == "captured");
    let honest_captured = captured.filter(|donation| good.contains(donation.id.as_str())).count();
    let (honest_good, honest_captured) = (u64::try_from(good_keys.len())?, u64::try_from(honest_captured)?);
    Ok(Finding {
        attackers: side(tried, &attacks),
        honest: side(given, &gifts),
        honest_good,
        honest_captured,
        honest_pass_per_mille: (honest_captured * 1_000).checked_div(honest_good).unwrap_or(1_000),
    })
}

fn names(payment: &ProviderPayment, ids: &BTreeMap<&str, usize>) -> bool {
    payment.donation_id.as_deref().is_some_and(|id| ids.contains_key(id))
}

/// Our donations, once each payment has ended or waits for its donor; or as they are when patience ends.
async fn ended(
    client: &Client,
    ours: &BTreeSet<&str>,
    patience: Duration,
) -> anyhow::Result<Vec<DonationItem>> {
    let start = Instant::now();
    loop {
        let owed: Vec<String> = client.all("stored/owed").await?;
        let is_over = start.elapsed() > patience;
        if is_over || owed.iter().filter(|id| ours.contains(id.as_str())).count() <= FEW {
            let mut donations: Vec<DonationItem> = client.all("stored/donations").await?;
            donations.retain(|donation| ours.contains(donation.id.as_str()));
            if is_over || donations.iter().all(has_ended) {
                return Ok(donations);
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

fn has_ended(donation: &DonationItem) -> bool {
    !matches!(donation.payment.state.as_str(), "accepted" | "collecting" | "unknown" | "processing")
}

/// Prints the finding.
pub(super) fn show(finding: &Finding) -> std::io::Result<()> {
    let heading = ["", "sent", "accepted", "provider calls", "captured", "declined", "stepped up"];
    let row = |name: &str, side: &Side| {
        let state = |name: &str| side.payments.get(name).copied().unwrap_or(0);
        let numbers = [
            side.sent,
            side.accepted,
            side.provider_calls,
            state("captured"),
            state("declined"),
            side.stepped_up,
        ];
        std::iter::once(name.to_owned()).chain(numbers.map(|number| number.to_string())).collect()
    };
    let heading = heading.map(str::to_owned).to_vec();
    table(&[heading, row("card testers", &finding.attackers), row("honest donors", &finding.honest)])?;
    let Finding { honest_captured, honest_good, honest_pass_per_mille: rate, .. } = finding;
    table(&[vec![format!(
        "{honest_captured} of {honest_good} honest gifts that the bank takes were captured: {}.{} %",
        rate / 10,
        rate % 10
    )]])
}
