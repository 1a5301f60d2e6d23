//! A stack of release binaries, and the command line that speaks to it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::checks::root;

/// How long a stack may take to stop.
const STOP_MAX: Duration = Duration::from_secs(30);

/// A running stack; dropping it kills it.
pub(super) struct Stack {
    process: Child,
    url: String,
}

impl Stack {
    /// Starts a stack on the data in this folder, with these settings beside the shipped ones, and waits until it is
    /// ready. What it logs is in `stack.log` there.
    pub(super) fn up(folder: &Path, settings: &[&str]) -> Result<Self> {
        let log = File::options().create(true).append(true).open(folder.join("stack.log"))?;
        let mut process = Command::new(outpour())
            .args(["up", "--port", "0", "--data"])
            .arg(folder.join("data"))
            .args(settings.iter().flat_map(|setting| ["--set", setting]))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("the stack cannot be started")?;
        let output = process.stdout.take().context("the stack's output is piped")?;
        let mut stack = Self { process, url: String::new() };
        for line in BufReader::new(output).lines() {
            if let Some(url) = line?.strip_prefix("ready ") {
                url.clone_into(&mut stack.url);
                return Ok(stack);
            }
        }
        bail!("the stack did not come up; see {}", folder.join("stack.log").display())
    }

    /// Runs a command of the command line against the stack. Whether it went well.
    pub(super) fn outpour(&self, arguments: &[&str]) -> Result<bool> {
        let status = Command::new(outpour()).args(arguments).env("OUTPOUR_URL", &self.url).status();
        Ok(status.context("the command line cannot be started")?.success())
    }

    /// Has the stack stop as Ctrl-C does, and waits for its end.
    pub(super) fn stop(mut self) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.process.id())?), Signal::SIGTERM)?;
        let until = Instant::now() + STOP_MAX;
        while self.process.try_wait()?.is_none() {
            ensure!(Instant::now() < until, "the stack does not stop");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let killed = self.process.kill().and_then(|()| self.process.wait());
        if let Err(error) = killed {
            eprintln!("a stack may still run: {error}");
        }
    }
}

fn outpour() -> PathBuf {
    root().join("target/release/outpour")
}
