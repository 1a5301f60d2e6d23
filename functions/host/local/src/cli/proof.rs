//! `proof`: fetches what everybody says, and compares it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use domain::currency::Currency;
use domain::money::Money;
use host_local::operator::view::Health;
use host_local::proof::{Evidence, Proof, prove};

use super::Verdict;
use super::client::{Client, Target};
use super::console::{say, table};
use super::surge::history;

#[derive(Debug, Args)]
pub(crate) struct ProofArguments {
    #[command(flatten)]
    target: Target,
    /// History that `surge` wrote: every donation in it that was accepted must be stored
    #[arg(long)]
    history: Option<PathBuf>,
    /// Print the finding as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: ProofArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let promised = arguments.history.as_deref().map(promised).transpose()?.unwrap_or_default();
    let proof = prove(&fetch(&client, promised).await?);
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
async fn fetch(client: &Client, promised: BTreeSet<String>) -> anyhow::Result<Evidence> {
    let health: Health = client.get("health").await?;
    Ok(Evidence {
        donations: client.all("stored/donations").await?,
        entries: client.all("stored/entries").await?,
        payments: client.all("payments").await?,
        refunds: client.all("refunds").await?,
        mails: client.get("mails").await?,
        queues: client.get("queues").await?,
        promised,
        provider_is_ours_alone: health.provider_is_sandbox,
    })
}

fn show(proof: &Proof) -> anyhow::Result<()> {
    let counts = &proof.counts;
    let rows = [
        ("accepted", counts.accepted),
        ("= captured", counts.captured),
        ("+ returned", counts.returned),
        ("+ declined", counts.declined),
        ("+ unknown", counts.unknown),
        ("+ action required", counts.action_required),
        ("+ processing", counts.processing),
        ("+ under review", counts.under_review),
        ("+ not settled yet", counts.not_settled),
        ("", 0),
        ("captures at the provider", counts.provider_captures),
        ("journal entries", counts.entries),
        ("receipts sent", counts.receipts_sent),
        ("receipts ambiguous", u64::try_from(proof.ambiguous_receipts.len())?),
        ("e-mails", counts.mails),
        ("dead letters", counts.dead_letters),
    ];
    let cell = |(name, number): (&str, u64)| {
        if name.is_empty() { vec![] } else { vec![name.to_owned(), number.to_string()] }
    };
    table(&rows.map(cell))?;
    for (code, totals) in &proof.totals {
        let amount =
            |minor: u64| match Currency::from_code(code).map(|currency| Money::from_minor(minor, currency)) {
                Ok(Ok(money)) => money.to_string(),
                Ok(Err(_)) | Err(_) => minor.to_string(),
            };
        say(format!(
            "{code} captured: donations {}, ledger {}, provider {}",
            amount(totals.donations),
            amount(totals.ledger),
            amount(totals.provider)
        ))?;
    }
    for id in &proof.ambiguous_receipts {
        say(format!("ambiguous receipt: {id}"))?;
    }
    if !proof.under_way.is_empty() {
        say(format!("{} payments have not ended; prove again later", proof.under_way.len()))?;
    }
    if proof.differences.is_empty() {
        say("no difference")?;
        return Ok(());
    }
    say(format!("{} differences:", proof.differences.len()))?;
    for difference in &proof.differences {
        say(format!("  {}: {}", difference.donation_id.as_deref().unwrap_or("-"), difference.what))?;
    }
    Ok(())
}
