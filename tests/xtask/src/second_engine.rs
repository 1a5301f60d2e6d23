//! The second engine: what it needs is built and installed, and then it runs.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::checks::root;

/// Deploys the pipeline to an engine that is not ours, takes donations there, and proves that none was lost.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<bool> {
    let build = ["build", "--locked", "--quiet", "-p", "host-lambda", "-p", "host-local", "--bins"];
    step("cargo", "", &build)?;
    step("npm", "infra-cdk", &["ci", "--no-audit", "--no-fund"])?;
    let run = ["run", "--locked", "--quiet", "-p", "tests-second-engine", "--bin", "second-engine", "--"];
    let status = Command::new("cargo").args(run).args(arguments).current_dir(root()).status()?;
    Ok(status.success())
}

fn step(program: &str, folder: &str, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(program);
    let status = command.args(arguments).current_dir(root().join(folder)).status();
    if !status.with_context(|| format!("{program} cannot be started; is it installed?"))?.success() {
        bail!("{program} {} failed", arguments.join(" "));
    }
    Ok(())
}
