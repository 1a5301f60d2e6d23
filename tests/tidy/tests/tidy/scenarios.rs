//! The twenty nastiest scenarios: each has a test of its number, and an account of what its guard is worth.

use std::collections::BTreeSet;
use std::fs;

use crate::files::{root, texts};

/// Scenarios, numbered from 1.
const SCENARIOS: u32 = 20;
/// The account: one row for each guard that was taken out.
const ACCOUNT: &str = "tests/pipeline/NASTIEST.md";

/// Names of the Rust tests that are named after a scenario, with the file of each.
fn tests() -> Vec<(String, String)> {
    let mut tests = Vec::new();
    for (file, text) in texts(&[".rs"]) {
        for line in text.lines() {
            let rest = line.trim_start().strip_prefix("async fn scenario_");
            let Some(rest) = rest.or_else(|| line.trim_start().strip_prefix("fn scenario_")) else {
                continue;
            };
            let name = rest.split('(').next().unwrap_or_default();
            tests.push((format!("scenario_{name}"), file.clone()));
        }
    }
    tests
}

#[test]
fn every_nasty_scenario_has_a_test_and_an_account_of_its_guard() {
    let account = fs::read_to_string(root().join(ACCOUNT)).expect("the account of the scenarios is there");
    let rows: Vec<Vec<&str>> = account
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .map(|line| line.trim_end_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let tests = tests();
    for number in 1..=SCENARIOS {
        let prefix = format!("scenario_{number:02}_");
        let is_run = tests.iter().any(|(name, file)| {
            name.starts_with(&prefix) && file.starts_with("tests/pipeline/tests/pipeline/nastiest/")
        });
        assert!(is_run, "scenario {number} has no test on the running stack");
        let of_number = rows.iter().filter(|row| row[0] == number.to_string());
        let is_told = of_number
            .clone()
            .any(|row| row.len() == 4 && row[1].contains(&prefix) && row.iter().all(|cell| !cell.is_empty()));
        assert!(is_told, "{ACCOUNT} does not say what scenario {number} is worth");
    }
    let told: BTreeSet<&str> =
        rows.iter().filter_map(|row| row.get(1)).flat_map(|cell| cell.split('`')).collect();
    for (name, file) in &tests {
        assert!(told.contains(name.as_str()), "{ACCOUNT} does not tell of {name} in {file}");
    }
    let named = told.iter().filter(|name| name.starts_with("scenario_"));
    for name in named {
        assert!(tests.iter().any(|(test, _)| test == name), "{ACCOUNT} tells of {name}, which is no test");
    }
}
