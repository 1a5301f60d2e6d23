//! `attack`: tries stolen cards from a few addresses while honest donors give from one, as in a call centre, and sees
//! how many tries reach the provider and how many honest gifts are taken.
//!
//! It needs the sandbox: its tokens stand for as many cards as there are numbers.

mod plan;

mod finding;

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use host_local::operator::view::Health;
use host_local::random;

use super::Verdict;
use super::client::{Client, Target};
use super::console::say;
use super::surge::drive::drive;
use plan::{Attackers, Honest};

/// Most tries, and most honest donations, of one attack.
const DONATIONS_MAX: u32 = 200_000;
/// Addresses of one network for documentation (RFC 5737), without its first and last.
const SOURCES_MAX: u8 = 254;
const SECONDS_MAX: u32 = 3_600;

#[derive(Debug, Args)]
pub(crate) struct AttackArguments {
    #[command(flatten)]
    target: Target,
    /// Cards to try, nine in ten of which the bank declines
    #[arg(long, default_value_t = 10_000)]
    attempts: u32,
    /// Addresses that they are tried from, 1 to 254
    #[arg(long, default_value_t = 5)]
    sources: u8,
    /// For how long, 1 to 3600
    #[arg(long, default_value_t = 100)]
    seconds: u32,
    /// Honest donations a second beside it, three in a hundred of which the bank declines
    #[arg(long, default_value_t = 50)]
    honest_rate: u32,
    /// Payments that the tries may cause at the provider
    #[arg(long, default_value_t = 300)]
    calls_max: usize,
    /// How long to wait for every payment to end, in seconds
    #[arg(long, default_value_t = 600)]
    settle: u64,
    /// Number that chooses the cards; a new one where none is given
    #[arg(long)]
    seed: Option<u64>,
    /// Print the finding as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: AttackArguments) -> anyhow::Result<Verdict> {
    check(&arguments)?;
    let client = Client::new(&arguments.target)?;
    let health: Health = client.get("health").await?;
    if !health.provider_is_sandbox {
        bail!("the provider is not the sandbox; nobody tries cards elsewhere");
    }
    let seed = arguments.seed.unwrap_or_else(|| u64::from_le_bytes(random::bytes()));
    let attackers = Attackers {
        seed,
        attempts: arguments.attempts,
        sources: arguments.sources,
        seconds: arguments.seconds,
    };
    let honest = Honest { seed, rate: arguments.honest_rate, seconds: arguments.seconds };
    if !arguments.json {
        say(format!(
            "{} cards tried from {} addresses within {} s, {} honest donations a second, seed {seed}",
            arguments.attempts, arguments.sources, arguments.seconds, arguments.honest_rate
        ))?;
    }
    let patience = Duration::from_secs(60);
    let (tried, given) =
        tokio::try_join!(drive(&client, &attackers, patience), drive(&client, &honest, patience))?;
    let finding = finding::find(&client, &tried, (&honest, &given), Duration::from_secs(arguments.settle));
    let finding = finding.await?;
    if arguments.json {
        say(serde_json::to_string_pretty(&finding).context("a finding is JSON")?)?;
    } else {
        finding::show(&finding)?;
    }
    Ok(if finding.is_contained(arguments.calls_max) { Verdict::Good } else { Verdict::Bad })
}

fn check(arguments: &AttackArguments) -> anyhow::Result<()> {
    if !(1..=DONATIONS_MAX).contains(&arguments.attempts) {
        bail!("--attempts: must be 1 to {DONATIONS_MAX}");
    }
    if !(1..=SOURCES_MAX).contains(&arguments.sources) {
        bail!("--sources: must be 1 to {SOURCES_MAX}");
    }
    if !(1..=SECONDS_MAX).contains(&arguments.seconds) {
        bail!("--seconds: must be 1 to {SECONDS_MAX}");
    }
    if arguments.honest_rate.saturating_mul(arguments.seconds) > DONATIONS_MAX {
        bail!("--honest-rate: there must be at most {DONATIONS_MAX} honest donations in all");
    }
    Ok(())
}
