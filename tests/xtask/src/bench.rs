//! The benchmark: builds what it measures as it is deployed, and runs it.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::checks::root;

/// Runs the benchmark with these arguments. Whether an aim is met is for the reader: only a benchmark that cannot be
/// run fails.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<bool> {
    cargo(&["build", "--locked", "--profile", "deployed", "-p", "host-lambda", "-p", "bench"])?;
    // Counts do not depend on how the local host itself is built, and this build of it is the one at hand.
    cargo(&["build", "--locked", "-p", "host-local"])?;
    let target = root().join("target");
    let status = Command::new(target.join("deployed/bench"))
        .arg("--outpour")
        .arg(target.join("debug/outpour"))
        .args(arguments)
        .status()
        .context("the benchmark cannot be started")?;
    Ok(status.success())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    let status = Command::new("cargo").args(arguments).current_dir(root()).status()?;
    ensure!(status.success(), "cargo {} failed", arguments.join(" "));
    Ok(())
}
