//! `proof`: fetches what everybody says, and compares it.
//!
//! Fees and payouts are booked by `reconcile-payments`, which runs every hour. Until it has run they are
//! missing in the ledger, which says nothing of whether money was lost: so the proof says how many there are,
//! and counts them as differences only when they are older than two hours, or with `--strict`, as at the end
//! of a day.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use contracts::stored::WorkItem;
use contracts::time::to_rfc3339;
use domain::time::Timestamp;
use host_local::operator::clock::ClockView;
use host_local::operator::view::{Health, MailView};
use host_local::proof::{BOOKED_WITHIN, Evidence, Proof, STATES, amount, prove};

use super::Verdict;
use super::client::{Client, Place};
use super::console::{say, table};
use super::surge::history;

#[derive(Debug, Args)]
pub(crate) struct ProofArguments {
    #[command(flatten)]
    place: Place,
    /// History that `surge` wrote: every donation in it that was accepted must be stored; may be repeated
    #[arg(long)]
    history: Vec<PathBuf>,
    /// Count fees and payouts that are not booked yet as differences, however new they are
    #[arg(long)]
    strict: bool,
    /// Print the finding as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: ProofArguments) -> anyhow::Result<Verdict> {
    let client = arguments.place.client().await?;
    let mut promises = BTreeSet::new();
    for history in &arguments.history {
        promises.append(&mut promised(history)?);
    }
    let mut evidence = fetch(&client).await?;
    evidence.promised = promises;
    evidence.is_strict = arguments.strict;
    let proof = prove(&evidence);
    if arguments.json {
        say(serde_json::to_string_pretty(&proof).context("a finding is JSON")?)?;
    } else {
        show(&proof)?;
    }
    Ok(if proof.differences.is_empty() { Verdict::Good } else { Verdict::Bad })
}

fn promised(path: &Path) -> anyhow::Result<BTreeSet<String>> {
    Ok(history::read(path)?
        .into_iter()
        .filter(|line| line.status == 202)
        .filter_map(|line| line.donation_id)
        .collect())
}

/// Fetches the evidence. Donations first: whatever they claim must then be found with the others.
async fn fetch(client: &Client) -> anyhow::Result<Evidence> {
    let health: Health = client.get("health").await?;
    let mails: Option<Vec<MailView>> = client.get("mails").await?;
    Ok(Evidence {
        donations: client.all("stored/donations").await?,
        entries: client.all("stored/entries").await?,
        payments: client.all("payments").await?,
        refunds: client.all("refunds").await?,
        disputes: client.all("disputes").await?,
        movements: client.all("movements").await?,
        balances: client.get("balance").await?,
        mails_are_kept: mails.is_some(),
        mails: mails.unwrap_or_default(),
        queues: client.get("queues").await?,
        work: client.all("stored/work").await?,
        provider_is_ours_alone: health.provider_is_sandbox,
        now_ms: client.get::<ClockView>("clock").await?.now_ms,
        ..Evidence::default()
    })
}

fn show(proof: &Proof) -> anyhow::Result<()> {
    show_counts(proof)?;
    show_money(proof)?;
    show_what_waits(proof)?;
    if proof.differences.is_empty() {
        say("no difference")?;
        return Ok(());
    }
    say(format!("{} differences:", proof.differences.len()))?;
    for difference in &proof.differences {
        let at = difference.provider.as_ref().map(|provider| format!(" at {provider}")).unwrap_or_default();
        let donation = difference.donation_id.as_deref().unwrap_or("-");
        say(format!("  {donation}{at}: {}", difference.what))?;
    }
    Ok(())
}

fn show_counts(proof: &Proof) -> anyhow::Result<()> {
    let counts = &proof.counts;
    let state = |(number, name): (usize, &&'static str)| {
        let sign = if number == 0 { "=" } else { "+" };
        let donations = counts.states.get(name).copied().unwrap_or_default();
        (format!("{sign} {}", name.replace('_', " ")), donations)
    };
    let others = [
        ("captures at the providers", counts.provider_captures),
        ("captures that are one too many", counts.duplicate_captures),
        ("journal entries", counts.entries),
        ("receipts sent", counts.receipts_sent),
        ("receipts ambiguous", u64::try_from(proof.ambiguous_receipts.len())?),
        ("e-mails", counts.mails),
        ("dead letters", counts.dead_letters),
    ];
    let rows: Vec<Vec<String>> = std::iter::once(("accepted".to_owned(), counts.accepted))
        .chain(STATES.iter().enumerate().map(state))
        .map(|(name, number)| vec![name, number.to_string()])
        .chain([vec![]])
        .chain(others.map(|(name, number)| vec![name.to_owned(), number.to_string()]))
        .collect();
    Ok(table(&rows)?)
}

fn show_money(proof: &Proof) -> anyhow::Result<()> {
    let mut rows = vec![["", "donations", "ledger", "providers"].map(str::to_owned).to_vec()];
    for (currency, totals) in &proof.totals {
        for (effect, sums) in &totals.effects {
            let cells = [sums.donations, sums.ledger, sums.provider].map(|sum| amount(sum.into(), currency));
            rows.push([vec![effect.replace('_', " ")], cells.to_vec()].concat());
        }
        if totals.duplicates > 0 {
            rows.push(vec!["  of it taken twice".to_owned(), amount(totals.duplicates.into(), currency)]);
        }
    }
    table(&rows)?;
    for balance in &proof.balances {
        let shown = |minor| amount(minor, &balance.currency);
        say(format!(
            "balance at {}: ledger {}, not booked yet {}, provider {}",
            balance.provider,
            shown(balance.ledger),
            shown(balance.unbooked),
            shown(balance.provider_says)
        ))?;
    }
    Ok(())
}

/// What is shown and is no difference.
fn show_what_waits(proof: &Proof) -> anyhow::Result<()> {
    for id in &proof.ambiguous_receipts {
        say(format!("ambiguous receipt: {id}"))?;
    }
    if !proof.under_way.is_empty() {
        say(format!("{} payments have not ended; prove again later", proof.under_way.len()))?;
    }
    if !proof.refunds_under_way.is_empty() {
        say(format!("{} donations have a refund under way", proof.refunds_under_way.len()))?;
    }
    if proof.counts.unbooked_movements > 0 {
        say(format!(
            "{} movements of the providers' balances are not booked yet; fees and payouts older than {} hours \
             count as differences, and all of them with --strict",
            proof.counts.unbooked_movements,
            BOOKED_WITHIN.as_millis() / 3_600_000
        ))?;
    }
    for item in &proof.open_work {
        let since = to_rfc3339(Timestamp::from_millis(item.opened_at));
        say(format!("on the work-list since {since}: {}", told(item)))?;
    }
    for item in &proof.explained {
        let by = item.closed_by.as_deref().unwrap_or("somebody");
        say(format!("explained by {by}: {}", told(item)))?;
    }
    Ok(())
}

fn told(item: &WorkItem) -> String {
    let money = item.minor.zip(item.currency.as_deref());
    let money = money.map(|(minor, currency)| format!(", {}", amount(minor.into(), currency)));
    let kind = item.kind.name().replace('_', " ");
    format!("{kind} {} at {}{}", item.reference, item.provider, money.unwrap_or_default())
}
