//! Every check, in the order in which a failure is cheapest to learn of.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::checks::{Check, check, root};
use crate::tally::Tally;

/// The version of cargo-deny that the rules in `deny.toml` are written for.
const CARGO_DENY: &str = "0.20.2";

/// Runs everything, whatever fails on the way, and says at the end how much passed.
pub(crate) fn run() -> Result<bool> {
    let deny = cargo_deny()?;
    let deny = deny.to_str().unwrap_or("cargo-deny");
    let checks = [
        check("formatting", ".", "cargo", &["fmt", "--all", "--check"])?,
        check(
            "lints",
            ".",
            "cargo",
            &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
        )?,
        check("licences, bans, sources", ".", deny, &["check", "licenses", "bans", "sources"])?,
        check("binaries", ".", "cargo", &["build", "--locked", "-p", "host-lambda", "-p", "host-local"])?,
        check("tests", ".", "cargo", &["test", "--workspace", "--locked", "--no-fail-fast"])?,
        check("infrastructure packages", "infra-cdk", "npm", &["ci", "--no-audit", "--no-fund"])?,
        check("infrastructure", "infra-cdk", "npm", &["test"])?,
    ];
    Ok(report(&checks))
}

fn report(checks: &[Check]) -> bool {
    let mut sum = Tally::default();
    println!();
    for Check { name, is_ok, tally, seconds } in checks {
        let verdict = if *is_ok { "ok" } else { "FAILED" };
        println!("{verdict:>6}  {seconds:>5} s  {name}");
        sum.passed += tally.passed;
        // A check that fails without a failed test of its own (formatting, lints) counts as one.
        sum.failed += if *is_ok { tally.failed } else { tally.failed.max(1) };
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    sum.failed == 0
}

/// cargo-deny in the pinned version: the machine's own, or one built once under `target/`.
fn cargo_deny() -> Result<PathBuf> {
    let is_pinned = |program: &PathBuf| {
        let version = Command::new(program).arg("--version").output();
        version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim_end().ends_with(CARGO_DENY))
    };
    let own = PathBuf::from("cargo-deny");
    if is_pinned(&own) {
        return Ok(own);
    }
    let folder = root().join("target/tools");
    let built = folder.join("bin/cargo-deny");
    if !is_pinned(&built) {
        println!("building cargo-deny {CARGO_DENY} into target/tools");
        let installed = Command::new("cargo")
            .args(["install", "cargo-deny", "--locked", "--quiet", "--version", CARGO_DENY, "--root"])
            .arg(&folder)
            .status()?;
        ensure!(installed.success(), "cargo-deny {CARGO_DENY} could not be built");
    }
    Ok(built)
}
