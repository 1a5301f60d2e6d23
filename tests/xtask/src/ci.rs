//! Every check, in the order in which a failure is cheapest to learn of.

use anyhow::Result;

use crate::checks::{Check, check};
use crate::tally::Tally;
use crate::tools::cargo_tool;

/// The version of cargo-deny that the rules in `deny.toml` are written for.
const CARGO_DENY: &str = "0.20.2";

/// Runs everything, whatever fails on the way, and says at the end how much passed.
pub(crate) fn run() -> Result<bool> {
    let deny = cargo_tool("deny", CARGO_DENY)?;
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
        // A test deploys the infrastructure, too.
        check("infrastructure packages", "infra-cdk", "npm", &["ci", "--no-audit", "--no-fund"])?,
        check("tests", ".", "cargo", &["test", "--workspace", "--locked", "--no-fail-fast"])?,
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
