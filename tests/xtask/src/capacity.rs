//! The capacity plan: simulated, printed and drawn.

use std::process::Command;

use anyhow::{Result, bail};

use crate::checks::root;

/// Where the plots go.
const FOLDER: &str = "target/capacity";

/// Prints the plan and draws its plots into `target/capacity`.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> Result<bool> {
    if arguments.next().is_some() {
        bail!("usage: cargo xtask capacity");
    }
    let status = Command::new("cargo")
        .args(["run", "--locked", "--quiet", "-p", "tests-capacity", "--bin", "capacity", "--", FOLDER])
        .current_dir(root())
        .status()?;
    Ok(status.success())
}
