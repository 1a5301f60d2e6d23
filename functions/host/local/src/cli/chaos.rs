//! `chaos`: has the host kill random function processes.

use std::time::Duration;

use clap::Args;
use host_local::stack::chaos::{ChaosReport, ChaosRequest};
use tokio::time::sleep;

use super::Verdict;
use super::client::{Client, Target};
use super::console::{progress, say};

#[derive(Debug, Args)]
pub(crate) struct ChaosArguments {
    #[command(flatten)]
    target: Target,
    /// Kills a second
    #[arg(long, default_value_t = 2)]
    rate: u32,
    /// For how long
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

pub(crate) async fn run(arguments: ChaosArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let before = begin(&client, arguments.rate, arguments.seconds).await?;
    let bar = progress(u64::from(arguments.rate) * u64::from(arguments.seconds), "killed");
    let killed = loop {
        sleep(Duration::from_millis(500)).await;
        let report: ChaosReport = client.get("chaos").await?;
        let killed = report.killed.saturating_sub(before.killed);
        bar.set_position(killed);
        if !report.running {
            break killed;
        }
    };
    bar.finish_and_clear();
    say(format!("{killed} processes killed in {} s", arguments.seconds))?;
    Ok(Verdict::Good)
}

/// Asks the host to begin; it goes on by itself.
pub(crate) async fn begin(client: &Client, rate: u32, seconds: u32) -> anyhow::Result<ChaosReport> {
    client.post("chaos", &ChaosRequest { rate, seconds }).await
}
