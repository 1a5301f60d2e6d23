//! What one donation costs end to end: the whole pipeline runs on this machine, from the API to the journal entry and
//! the receipt, and its endpoints count.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::Deserialize;
use tempfile::TempDir;

use crate::{http1, payload};

/// How long the stack may take to start, and the donations of a series to settle.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at what is owed still.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Callers that are no part of a donation: the completer, which runs by the clock, and whoever looks at the stack.
const OTHERS: [&str; 2] = ["resume-donations", "unnamed"];
/// The functions that only the provider's webhooks set to work.
const OF_WEBHOOKS: [&str; 2] = ["receive-webhook", "apply-notification"];

/// What some donations cost together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) donations: u64,
    /// By function and operation.
    pub(crate) calls: BTreeMap<(String, String), u64>,
    /// By function and table.
    pub(crate) write_units: BTreeMap<(String, String), u64>,
    /// Bytes that the functions have logged.
    pub(crate) log_bytes: u64,
    /// From the first request to nothing owed.
    pub(crate) took: Duration,
}

#[derive(Deserialize)]
struct Counters {
    requests: Vec<Requests>,
    write_units: Vec<WriteUnits>,
}

#[derive(Deserialize)]
struct Requests {
    function: String,
    operation: String,
    count: u64,
}

#[derive(Deserialize)]
struct WriteUnits {
    function: String,
    table: String,
    units: u64,
}

#[derive(Deserialize)]
struct Owed {
    items: Vec<String>,
}

impl Cost {
    /// Calls and write units.
    pub(crate) fn sums(&self) -> [u64; 2] {
        [&self.calls, &self.write_units].map(|rows| rows.values().sum())
    }

    /// Calls and write units without those that the provider's webhooks cause.
    pub(crate) fn sums_without_webhooks(&self) -> [u64; 2] {
        [&self.calls, &self.write_units].map(|rows| {
            let rest = rows.iter().filter(|((function, _), _)| !OF_WEBHOOKS.contains(&function.as_str()));
            rest.map(|(_, count)| count).sum()
        })
    }
}

/// Runs the pipeline and counts what these donations cost once every process is warm.
///
/// # Errors
/// The stack does not start, or the donations do not settle.
pub(crate) fn run(outpour: &Path, bootstrap: &Path, donations: u64) -> Result<Cost> {
    let stack = Stack::start(outpour, bootstrap)?;
    // The first ones start the processes, whose own first calls are no part of any donation.
    stack.donate("warm", donations)?;
    let (before, logged) = (stack.counters()?, stack.log_bytes()?);
    let took = stack.donate("measured", donations)?;
    let after = stack.counters()?;
    Ok(Cost {
        donations,
        calls: less(after.requests.into_iter().map(requests), before.requests.into_iter().map(requests)),
        write_units: less(
            after.write_units.into_iter().map(units),
            before.write_units.into_iter().map(units),
        ),
        log_bytes: stack.log_bytes()?.saturating_sub(logged),
        took,
    })
}

fn requests(row: Requests) -> ((String, String), u64) {
    ((row.function, row.operation), row.count)
}

fn units(row: WriteUnits) -> ((String, String), u64) {
    ((row.function, row.table), row.units)
}

/// What came to each count of a function.
fn less(
    after: impl Iterator<Item = ((String, String), u64)>,
    before: impl Iterator<Item = ((String, String), u64)>,
) -> BTreeMap<(String, String), u64> {
    let before: BTreeMap<_, u64> = before.collect();
    let after = after.filter(|((function, _), _)| !OTHERS.contains(&function.as_str()));
    let came = after.map(|(key, count)| {
        let earlier = before.get(&key).copied().unwrap_or(0);
        (key, count.saturating_sub(earlier))
    });
    came.filter(|(_, count)| *count > 0).collect()
}

/// A running pipeline. It is stopped when it is dropped.
struct Stack {
    child: Child,
    address: SocketAddr,
    data: TempDir,
}

impl Stack {
    fn start(outpour: &Path, bootstrap: &Path) -> Result<Self> {
        let data = TempDir::new()?;
        let mut child = Command::new(outpour)
            .args(["up", "--port", "0", "--data"])
            .arg(data.path())
            .arg("--bootstrap")
            .arg(bootstrap)
            // Nothing but the sandbox is to be paid with.
            .env_remove("STRIPE_API_KEY")
            .env_remove("STRIPE_WEBHOOK_SECRET")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(data.path().join("stderr"))?)
            .spawn()
            .with_context(|| format!("{} cannot be run", outpour.display()))?;
        let output = child.stdout.take().context("the output is piped")?;
        let mut stack = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), data };
        stack.address = ready(output).with_context(|| stack.complaints())?;
        Ok(stack)
    }

    /// Makes donations one after the other, and waits until nothing is owed to any.
    fn donate(&self, series: &str, donations: u64) -> Result<Duration> {
        let body = payload::donation()?;
        let began = Instant::now();
        for number in 0..donations {
            let key = format!("bench-{series}-{number:08}");
            let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
            let answer = http1::call(self.address, "POST", "/donations", &headers, body.as_bytes())?;
            ensure!(answer.status()? == 202, "not accepted: {}", String::from_utf8_lossy(&answer.body));
        }
        loop {
            let owed: Owed = self.ask("/_local/stored/owed")?;
            if owed.items.is_empty() {
                return Ok(began.elapsed());
            }
            ensure!(began.elapsed() < PATIENCE, "{} donations do not settle", owed.items.len());
            thread::sleep(LOOK_EVERY);
        }
    }

    /// What the stack has written to its standard error.
    fn complaints(&self) -> String {
        fs::read_to_string(self.data.path().join("stderr")).unwrap_or_else(|error| error.to_string())
    }

    fn counters(&self) -> Result<Counters> {
        self.ask("/_local/counters")
    }

    fn ask<T: for<'a> Deserialize<'a>>(&self, target: &str) -> Result<T> {
        let answer = http1::call(self.address, "GET", target, &[], b"")?;
        ensure!(answer.status()? == 200, "{target}: {}", String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).with_context(|| format!("{target} answers something else"))
    }

    fn log_bytes(&self) -> Result<u64> {
        let mut sum = 0;
        for entry in fs::read_dir(self.data.path().join("logs"))? {
            sum += entry?.metadata()?.len();
        }
        Ok(sum)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).map(Pid::from_raw);
        // A stack that cannot be asked to stop has ended already.
        let asked = pid.is_ok_and(|pid| kill(pid, Signal::SIGTERM).is_ok());
        let by = Instant::now() + Duration::from_secs(10);
        while asked && Instant::now() < by {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads until the stack says where it is.
fn ready(output: ChildStdout) -> Result<SocketAddr> {
    let (say, said) = channel();
    // It reads on to the end, so that the stack never waits for a reader.
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            drop(say.send(line));
        }
    });
    let by = Instant::now() + PATIENCE;
    loop {
        let left = by.saturating_duration_since(Instant::now());
        let Ok(line) = said.recv_timeout(left) else { bail!("the pipeline has not started") };
        if let Some(address) = line.strip_prefix("ready http://") {
            return Ok(address.parse()?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(function: &str, operation: &str, count: u64) -> ((String, String), u64) {
        ((function.to_owned(), operation.to_owned()), count)
    }

    #[test]
    fn only_what_came_between_two_readings_counts_and_only_of_the_functions() {
        let before = [row("accept-donation", "sns:Publish", 3), row("take-payment", "sns:Publish", 2)];
        let after = [
            row("accept-donation", "sns:Publish", 7),
            row("resume-donations", "dynamodb:Query", 16),
            row("send-receipt", "ses:SendEmail", 1),
            row("take-payment", "sns:Publish", 2),
            row("unnamed", "dynamodb:Scan", 9),
        ];
        let came = less(after.into_iter(), before.into_iter());
        let expected = [row("accept-donation", "sns:Publish", 4), row("send-receipt", "ses:SendEmail", 1)];
        assert_eq!(came, BTreeMap::from(expected));
    }

    #[test]
    fn what_webhooks_cause_can_be_left_out() {
        let calls = [row("accept-donation", "sns:Publish", 3), row("receive-webhook", "sqs:SendMessage", 9)];
        let cost = Cost { calls: BTreeMap::from(calls), ..Cost::default() };
        assert_eq!((cost.sums(), cost.sums_without_webhooks()), ([12, 0], [3, 0]));
    }
}
