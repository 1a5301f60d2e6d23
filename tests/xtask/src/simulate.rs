//! The simulation: many seeds, one seed, or the planted mutants.

use std::process::Command;

use anyhow::{Result, bail};

use crate::checks::root;
use crate::mutants;

/// Runs seeds, or with `--mutants` (all) or `--mutant NAME` (one) plants bugs and looks whether seeds find
/// them. False when a seed fails, something that is expected never happens, or a mutant lives.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<bool> {
    let arguments: Vec<String> = arguments.collect();
    if arguments.iter().any(|argument| argument.starts_with("--mutant")) {
        return plant(&arguments);
    }
    let status = Command::new("cargo")
        .args(["run", "--release", "--locked", "--quiet", "-p", "tests-simulator", "--bin", "simulate", "--"])
        .args(arguments)
        .current_dir(root())
        .status()?;
    Ok(status.success())
}

fn plant(arguments: &[String]) -> Result<bool> {
    let (mut name, mut seeds) = (None, 20_000);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match (argument.as_str(), rest.as_slice().first()) {
            ("--mutants", _) => {}
            ("--mutant", Some(value)) => {
                name = Some(value.as_str());
                rest.next();
            }
            ("--seeds", Some(value)) => {
                seeds = value.parse()?;
                rest.next();
            }
            _ => bail!("usage: cargo xtask simulate --mutants | --mutant NAME [--seeds N]"),
        }
    }
    mutants::run(name, seeds)
}
