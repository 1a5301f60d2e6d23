//! `surge`: donates at a fixed rate, as the half minute after a call to action does, and waits until all has settled.
//!
//! Modules in reading order.

pub(crate) mod history;

pub(crate) mod plan;

pub(crate) mod drive;

mod settle;

mod report;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use host_local::random;
use serde_json::json;

use super::Verdict;
use super::chaos;
use super::client::Place;
use super::console::say;
use super::sandbox::Sandbox;
use plan::Schedule;

/// Most donations a second.
const RATE_MAX: u32 = 500;
/// Longest surge.
const SECONDS_MAX: u32 = 3_600;

#[derive(Debug, Args)]
pub(crate) struct SurgeArguments {
    #[command(flatten)]
    place: Place,
    /// Donations a second, 1 to 500
    #[arg(long, default_value_t = 20)]
    rate: u32,
    /// For how long, 1 to 3600
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// How many of the donors give by direct debit, such as 10%
    #[arg(long, default_value = "0%", value_parser = share, value_name = "SHARE")]
    direct_debits: u8,
    /// Have the host kill this many function processes a second meanwhile
    #[arg(long, default_value_t = 0)]
    kills: u32,
    /// How long an unanswered request is sent again with its key, in seconds
    #[arg(long, default_value_t = 120)]
    patience: u64,
    /// How long to wait for everything to settle, in seconds
    #[arg(long, default_value_t = 600)]
    settle: u64,
    /// Have the sandbox fail so many requests in a hundred meanwhile, such as capture-then-reset@5; may be repeated
    #[arg(long, value_name = "FAULT@RATE", value_parser = fault)]
    fault: Vec<(String, u8)>,
    /// Go as soon as all is answered, and leave the rest to settle by itself
    #[arg(long, conflicts_with = "settle")]
    no_wait: bool,
    /// File to write every request's outcome to, for `proof --history`
    #[arg(long)]
    history: Option<PathBuf>,
    /// Number that chooses the donations; a new one where none is given
    #[arg(long)]
    seed: Option<u64>,
}

/// Reads a share in hundredths: `10%`, or `10`.
fn share(text: &str) -> Result<u8, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok();
    number.filter(|share| *share <= 100).ok_or_else(|| "must be 0% to 100%".to_owned())
}

pub(crate) async fn run(arguments: SurgeArguments) -> anyhow::Result<Verdict> {
    if !(1..=RATE_MAX).contains(&arguments.rate) {
        bail!("--rate: must be 1 to {RATE_MAX} donations a second");
    }
    if !(1..=SECONDS_MAX).contains(&arguments.seconds) {
        bail!("--seconds: must be 1 to {SECONDS_MAX}");
    }
    let client = arguments.place.client().await?;
    client.reach().await?;
    let history = arguments.history.as_deref().map(history::Writer::create).transpose()?;
    let seed = arguments.seed.unwrap_or_else(|| u64::from_le_bytes(random::bytes()));
    let plan = plan::Plan::new(seed, arguments.rate, arguments.seconds);
    let plan = plan.with_direct_debits(arguments.direct_debits);
    say(format!("{} donations at {} a second, seed {seed}", plan.donations(), arguments.rate))?;
    for (name, rate) in &arguments.fault {
        let rule = json!({ "name": name, "rate": rate, "seconds": arguments.seconds });
        Sandbox::of(&client).await?.post("faults", &rule).await?;
    }
    if arguments.kills > 0 {
        chaos::begin(&client, arguments.kills, arguments.seconds).await?;
    }
    let driven = drive::drive(&client, &plan, Duration::from_secs(arguments.patience)).await?;
    if let Some(mut history) = history {
        history.write(&driven.lines).context("the history cannot be written")?;
    }
    report::accepted(&driven)?;
    if arguments.no_wait {
        return Ok(if driven.is_sound() { Verdict::Good } else { Verdict::Bad });
    }
    let patience = Duration::from_secs(arguments.settle);
    let settled = settle::wait(&client, &driven, arguments.direct_debits > 0, patience).await?;
    report::settled(&settled)?;
    let sound = driven.is_sound() && settled.outstanding == 0;
    Ok(if sound { Verdict::Good } else { Verdict::Bad })
}

fn fault(text: &str) -> Result<(String, u8), String> {
    let (name, rate) = text.split_once('@').ok_or("must be FAULT@RATE, such as capture-then-reset@5")?;
    let rate = rate.parse().map_err(|_| "the rate must be a whole number from 1 to 100")?;
    Ok((name.to_owned(), rate))
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_of_a_hundred() {
        assert_eq!((share("10%"), share("0"), share("100%")), (Ok(10), Ok(0), Ok(100)));
        for wrong in ["101%", "-1", "half", "", "%"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }
}
