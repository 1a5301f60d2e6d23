//! `settle`: waits until nothing is owed to any donation: payment, receipt, journal entry.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, sleep};

use super::Verdict;
use super::client::{Client, Target};
use super::clock::span;
use super::console::{duration, progress, say};

const LOOK_EVERY: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub(crate) struct SettleArguments {
    #[command(flatten)]
    target: Target,
    /// How long to wait: seconds, or a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = span)]
    within: Duration,
}

pub(crate) async fn run(arguments: SettleArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let began = Instant::now();
    let outstanding = wait(&client, None, arguments.within).await?;
    let took = duration(began.elapsed());
    if outstanding == 0 {
        say(format!("nothing is owed to any donation, after {took}"))?;
        return Ok(Verdict::Good);
    }
    say(format!("something is still owed to {outstanding} donations after {took}"))?;
    Ok(Verdict::Bad)
}

/// Waits until nothing is owed to these donations, or to any where none are given; how many are left when patience
/// ends. A stack that is away for a while is waited for too.
pub(crate) async fn wait(
    client: &Client,
    donations: Option<&BTreeSet<&str>>,
    patience: Duration,
) -> anyhow::Result<usize> {
    let start = Instant::now();
    let bar = progress(donations.map(|ours| u64::try_from(ours.len())).transpose()?.unwrap_or(0), "settled");
    let outstanding = loop {
        let owed: anyhow::Result<Vec<String>> = client.all("stored/owed").await;
        match owed {
            Ok(owed) => {
                let ours = |id: &&String| donations.is_none_or(|ours| ours.contains(id.as_str()));
                let outstanding = owed.iter().filter(ours).count();
                let left = u64::try_from(outstanding)?;
                if donations.is_none() && bar.length().is_none_or(|most| most < left) {
                    bar.set_length(left);
                }
                bar.set_position(bar.length().unwrap_or(0).saturating_sub(left));
                if outstanding == 0 || start.elapsed() > patience {
                    break outstanding;
                }
            }
            Err(error) if start.elapsed() > patience => return Err(error),
            Err(error) => tracing::debug!(%error, "the stack is away"),
        }
        sleep(LOOK_EVERY).await;
    };
    bar.finish_and_clear();
    Ok(outstanding)
}
