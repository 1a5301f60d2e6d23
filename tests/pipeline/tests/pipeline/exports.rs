//! Exports of the running stack.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::stack::{Offer, Stack, found};

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_same_ledger_exports_to_the_same_bytes_and_an_open_day_exports_again() {
    let stack = Stack::start().await;
    let mut accepted = Vec::new();
    for (amount, currency) in [("91.00", "GBP"), ("7.43", "GBP"), ("20.00", "EUR"), ("2500", "JPY")] {
        accepted.push(stack.accepted(&Offer::of(amount).with("/currency", json!(currency))).await);
    }
    accepted.push(stack.accepted(&Offer::of("92.00").token("pm_card_visa_chargeDeclined")).await);
    stack.until_settled(&accepted, PATIENCE).await;
    let first = export(&stack, "first").await;
    let second = export(&stack, "second").await;
    assert_eq!(contents(&first), contents(&second));

    let later = stack.accepted(&Offer::of("93.00")).await;
    stack.until_settled(std::slice::from_ref(&later), PATIENCE).await;
    let third = export(&stack, "third").await;
    let (before, after) = (contents(&first), contents(&third));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert_ne!(before["manifest.json"], after["manifest.json"]);
    let names: Vec<String> = accepted[..4].iter().map(|one| one.id.clone()).chain([later.id]).collect();
    let lines = after.iter().find(|(name, _)| name.starts_with("ledger-lines")).unwrap().1;
    assert!(names.iter().all(|id| found::holds(lines, id)), "every captured donation is in the lines");
    assert!(!found::holds(lines, &accepted[4].id), "a declined one is not");
}

#[tokio::test]
async fn finances_own_tools_accept_the_export_and_find_the_providers_sums_in_it() {
    let stack = Stack::start().await;
    let history = stack.folder().join("history.jsonl");
    let surge =
        ["surge", "--rate", "20", "--seconds", "3", "--seed", "9", "--history", history.to_str().unwrap()];
    let surge = stack.run_command(&surge).await;
    assert_eq!(surge.code, Some(0), "{surge:?}\n{}", stack.tail());
    let returned = stack.accepted(&Offer::of("94.00")).await;
    stack.until_settled(std::slice::from_ref(&returned), PATIENCE).await;
    let reference = stack.captures_of(&returned.id).await[0]["reference"].as_str().unwrap().to_owned();
    stack.call_provider("/v1/refunds", &[("payment_intent", &reference)]).await;
    stack.until_status(&returned, "refunded", PATIENCE).await;
    stack.until_settled(std::slice::from_ref(&returned), PATIENCE).await;

    // Fees are booked from the provider's own list.
    stack.reconcile().await;
    let balance = stack.local("balance").await;
    let sums: BTreeMap<String, String> = balance
        .as_array()
        .unwrap()
        .iter()
        .map(|held| {
            let code = held["currency"].as_str().unwrap();
            (code.to_owned(), major(code, held["minor"].as_i64().unwrap()))
        })
        .collect();
    let folder = export(&stack, "exported").await;
    let report = tokio::task::spawn_blocking(move || tests_finance::check_export(&folder)).await.unwrap();
    let report = report.unwrap_or_else(|error| panic!("{error:?}"));
    let clearing = report.balances.iter().filter(|balance| balance.account.ends_with(":Balance"));
    let booked: BTreeMap<String, String> =
        clearing.map(|balance| (balance.currency.clone(), balance.balance.clone())).collect();
    assert!(sums.len() == 3, "{sums:?}");
    assert_eq!(booked, sums, "the ledger has at the provider what the provider holds");
}

/// Minor units as finance writes them.
fn major(currency: &str, minor: i64) -> String {
    match currency {
        "JPY" => minor.to_string(),
        _ => format!("{}.{:02}", minor / 100, minor % 100),
    }
}

/// Exports yesterday and today, so that midnight in the ledger's zone is no matter.
async fn export(stack: &Stack, name: &str) -> std::path::PathBuf {
    let out = stack.folder().join(name);
    let today = jiff::Timestamp::now().in_tz("Europe/London").unwrap().date();
    let (from, to) = (today.yesterday().unwrap().to_string(), today.to_string());
    let arguments = ["export", "--from", &from, "--to", &to, "--out", out.to_str().unwrap()];
    let ended = stack.run_command(&arguments).await;
    assert_eq!(ended.code, Some(0), "{ended:?}\n{}", stack.tail());
    out
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = found::files(folder)
        .into_iter()
        .map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&file).unwrap()));
    files.collect()
}
