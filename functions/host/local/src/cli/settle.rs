//! `settle`: waits until nothing is owed to any donation but what banks take days over: payment, receipt, journal
//! entry.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use contracts::stored::DonationItem;
use tokio::time::{Instant, sleep};

use super::Verdict;
use super::client::{Client, Place};
use super::clock::span;
use super::console::{duration, progress, say};

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// So few donations to which something is owed are looked at one by one.
const FEW: usize = 100;

#[derive(Debug, Args)]
pub(crate) struct SettleArguments {
    #[command(flatten)]
    place: Place,
    /// How long to wait: seconds, or a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = span)]
    within: Duration,
}

pub(crate) async fn run(arguments: SettleArguments) -> anyhow::Result<Verdict> {
    let client = arguments.place.client().await?;
    let began = Instant::now();
    let Owed { outstanding, with_bank } =
        wait(0, arguments.within, async || owed(&client, None, false).await).await?;
    let took = duration(began.elapsed());
    if with_bank > 0 {
        say(format!("{with_bank} donations are with a bank, for days"))?;
    }
    if outstanding == 0 {
        say(format!("nothing else is owed to any donation, after {took}"))?;
        return Ok(Verdict::Good);
    }
    say(format!("something is still owed to {outstanding} donations after {took}"))?;
    Ok(Verdict::Bad)
}

/// What is owed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owed {
    /// Donations to which something is owed, those that are with a bank left out.
    pub(crate) outstanding: usize,
    /// Donations that are with a bank, for days.
    pub(crate) with_bank: usize,
}

/// Waits until nothing is outstanding; what is owed when that is so, or when patience ends. `length` is how many
/// donations may be outstanding, as far as that is known. A stack that is away for a while is waited for too.
pub(crate) async fn wait(
    length: usize,
    patience: Duration,
    look: impl AsyncFn() -> anyhow::Result<Owed>,
) -> anyhow::Result<Owed> {
    let start = Instant::now();
    let bar = progress(u64::try_from(length)?, "settled");
    let owed = loop {
        match look().await {
            Ok(owed) => {
                let left = u64::try_from(owed.outstanding)?;
                if bar.length().is_none_or(|most| most < left) {
                    bar.set_length(left);
                }
                bar.set_position(bar.length().unwrap_or(0).saturating_sub(left));
                if owed.outstanding == 0 || start.elapsed() > patience {
                    break owed;
                }
            }
            Err(error) if start.elapsed() > patience => return Err(error),
            Err(error) => tracing::debug!(%error, "the stack is away"),
        }
        sleep(LOOK_EVERY).await;
    };
    bar.finish_and_clear();
    Ok(owed)
}

/// What is owed to these donations, or to any where none are given. Which of them are with a bank is looked up where
/// there are few, or many because of `has_direct_debits`.
pub(crate) async fn owed(
    client: &Client,
    ours: Option<&BTreeSet<&str>>,
    has_direct_debits: bool,
) -> anyhow::Result<Owed> {
    let mut owed: BTreeSet<String> = client.all::<String>("stored/owed").await?.into_iter().collect();
    owed.retain(|id| ours.is_none_or(|ours| ours.contains(id.as_str())));
    if owed.is_empty() || (owed.len() > FEW && !has_direct_debits) {
        return Ok(Owed { outstanding: owed.len(), with_bank: 0 });
    }
    let donations: Vec<DonationItem> = client.all("stored/donations").await?;
    let is_with_bank = |donation: &&DonationItem| donation.payment.state == "processing";
    let with_bank =
        donations.iter().filter(is_with_bank).filter(|donation| owed.contains(&donation.id)).count();
    Ok(Owed { outstanding: owed.len().saturating_sub(with_bank), with_bank })
}
