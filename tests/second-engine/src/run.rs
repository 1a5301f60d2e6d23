//! Donations, from the first to the proof, by the command line that everybody uses.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use sandbox::{GoCardlessSettings, Sandbox, Settings, WebhookEndpoint};
use tests_second_engine::target;
use tokio::process::Command;

use crate::account::{GOCARDLESS_TOKEN, STRIPE_KEY, WEBHOOK_SECRET};
use crate::deploy::ENVIRONMENT;

/// Donations a second: an invocation costs the engine a tenth of a second.
const RATE: u32 = 4;

/// Says what is going on.
pub(crate) fn say(text: &str) {
    // When standard output is gone, nobody listens.
    if writeln!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(1);
    }
}

/// The payment providers, which send their webhooks to the deployed API.
pub(crate) async fn sandbox(folder: &Path, address: SocketAddr, api: &str) -> Result<Sandbox> {
    let endpoint = |provider: &str| WebhookEndpoint {
        id: format!("second-{provider}"),
        url: format!("{api}/webhooks/{provider}"),
        secrets: vec![WEBHOOK_SECRET.into()],
        enabled_events: Vec::new(),
    };
    let mut settings = Settings::new(folder.join("sandbox"), STRIPE_KEY.to_owned());
    settings.bind = address;
    settings.certificates = Some(folder.join("certificate.pem"));
    settings.webhooks.push(endpoint("stripe"));
    let mut gocardless = GoCardlessSettings::new(GOCARDLESS_TOKEN);
    gocardless.webhooks.push(endpoint("gocardless"));
    settings.gocardless = Some(gocardless);
    Ok(sandbox::start(settings).await?)
}

/// Takes so many donations, has one given back, books the fees, and compares what everybody says. Waits at most so many
/// seconds for everything to settle.
pub(crate) async fn donations(folder: &Path, donations: u32, settle: u32) -> Result<bool> {
    let history = folder.join("surge.jsonl");
    let history = history.to_str().context("a path that is text")?;
    let (rate, seconds) = (RATE.to_string(), donations.div_ceil(RATE).to_string());
    let settle = settle.to_string();
    let surge = ["surge", "--rate", &rate, "--seconds", &seconds, "--history", history, "--settle", &settle];
    let gift = ["donate", "--amount", "71.00", "--gift-aid", "--wait"];
    let Some(_) = outpour(&surge).await? else { return Ok(false) };
    let Some(answers) = outpour(&gift).await? else { return Ok(false) };
    let id = answers.split('"').nth(3).context("an answer names its donation first")?;
    let refund = ["refund", id, "--amount", "20.00", "--by", "finance@charity.example"];
    let (settle, timeline) = (["settle", "--within", &settle], ["donation", id]);
    let proof = ["proof", "--strict", "--history", history];
    let rest: [&[&str]; 6] = [&refund, &settle, &timeline, &["queues"], &["reconcile"], &proof];
    for step in rest {
        if outpour(step).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs a command to its end, and gives what it said; `None` when it failed.
async fn outpour(step: &[&str]) -> Result<Option<String>> {
    say(&format!("── outpour {}", step.join(" ")));
    let mut command = Command::new(target().join("debug/outpour"));
    let command = command.args(step).args(["--env", ENVIRONMENT]).stderr(Stdio::inherit());
    let output = command.output().await.context("outpour cannot be started; build host-local first")?;
    let said = String::from_utf8(output.stdout).context("what outpour says is text")?;
    say(said.trim_end());
    if !output.status.success() {
        say(&output.status.to_string());
        return Ok(None);
    }
    Ok(Some(said))
}
