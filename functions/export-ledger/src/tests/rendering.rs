//! Every byte of every file of a tiny ledger.

use expect_test::{ExpectFile, expect_file};

use super::ledgers::{exporter, request, tiny};

/// Compares a file; line ends and byte-order marks are written out so that the snapshot shows and keeps them.
async fn check(file: &str, expected: ExpectFile) {
    let export = exporter(tiny());
    let answer = export.run(&request("2026-11-20", "2026-11-22")).await.unwrap();
    let kept = export.exports.0.borrow();
    let bytes = &kept[answer.keys.iter().find(|key| key.ends_with(&format!("/{file}"))).unwrap()];
    let text = String::from_utf8(bytes.clone()).unwrap();
    expected.assert_eq(&text.replace("\r\n", "¶\n").replace('\u{feff}', "<BOM>"));
}

#[tokio::test]
async fn lines_for_programs() {
    check("ledger-lines_example-trust_2026-11-20_2026-11-22_v1.1.csv", expect_file!["golden/lines.csv.txt"])
        .await;
}

#[tokio::test]
async fn lines_for_people() {
    check(
        "ledger-lines_example-trust_2026-11-20_2026-11-22_v1.1.excel.csv",
        expect_file!["golden/lines.excel.csv.txt"],
    )
    .await;
}

#[tokio::test]
async fn a_trial_balance() {
    check("trial-balance.csv", expect_file!["golden/trial-balance.csv.txt"]).await;
}

#[tokio::test]
async fn a_journal_for_hledger() {
    check("journal.hledger", expect_file!["golden/journal.hledger.txt"]).await;
}

#[tokio::test]
async fn a_ledger_for_beancount() {
    check("ledger.beancount", expect_file!["golden/ledger.beancount.txt"]).await;
}

#[tokio::test]
async fn a_manifest() {
    check("manifest.json", expect_file!["golden/manifest.json.txt"]).await;
}
