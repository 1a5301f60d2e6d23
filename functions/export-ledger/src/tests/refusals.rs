//! What is not exported, and what is said about it.

use contracts::stored::PostedEntry;
use domain::time::Timestamp;
use lambda_runtime::Diagnostic;

use super::ledgers::{CAPTURE, Sketch, exporter, request};
use crate::{ENTRIES_MAX, LedgerError};

async fn refusal(from: &str, to: &str) -> String {
    let export = exporter(Vec::new());
    let Diagnostic { error_type, error_message } = export.run(&request(from, to)).await.unwrap_err().into();
    assert_eq!(error_type, "Refused");
    assert!(export.exports.0.borrow().is_empty());
    error_message
}

async fn fault(entries: Vec<PostedEntry>) -> String {
    let export = exporter(entries);
    let error = export.run(&request("2026-11-20", "2026-11-21")).await.unwrap_err();
    let Diagnostic { error_type, error_message } = error.into();
    assert_eq!(error_type, "Fault");
    assert!(export.exports.0.borrow().is_empty());
    error_message
}

#[tokio::test]
async fn a_date_in_another_spelling_is_refused() {
    let spellings = [
        "",
        "20261120",
        "2026-11-20T00:00",
        "2026-11-31",
        "2026-02-29",
        "20-11-2026",
        " 2026-11-20",
        "1969-12-31",
        "9999-01-01",
        "0000-01-01",
        "-002026-01-01",
        "٢٠٢٦-١١-٢٠",
    ];
    for text in spellings {
        assert_eq!(
            refusal(text, "2026-11-20").await,
            "`from` must be a real date written YYYY-MM-DD, in the years 1970 to 9998",
            "{text}"
        );
        assert!(refusal("2026-11-20", text).await.starts_with("`to` must be a real date"), "{text}");
    }
}

#[tokio::test]
async fn a_period_that_ends_before_it_begins_is_refused() {
    assert_eq!(refusal("2026-11-21", "2026-11-20").await, "`from` must not be after `to`");
}

#[tokio::test]
async fn a_period_is_at_most_366_days() {
    let answer = exporter(Vec::new()).run(&request("2027-01-01", "2028-01-01")).await;
    assert!(answer.is_ok(), "{answer:?}");
    let message = refusal("2027-01-01", "2028-01-02").await;
    assert_eq!(message, "`from` to `to` must be at most 366 days, both included; this is 367");
}

#[tokio::test]
async fn more_entries_than_memory_holds_are_refused() {
    let export = exporter(vec![CAPTURE.entry(); ENTRIES_MAX + 1]);
    let error = export.run(&request("2026-11-20", "2026-11-20")).await.unwrap_err();
    assert_eq!(error.to_string(), "`from` to `to` holds more than 100000 entries; ask for fewer days");
}

#[tokio::test]
async fn an_entry_that_is_there_twice_stops_the_export() {
    let again = Sketch { date: "2026-11-21", ..CAPTURE };
    let message = fault(vec![CAPTURE.entry(), again.entry()]).await;
    let entry = CAPTURE.entry().entry.id().clone();
    assert_eq!(message, format!("cannot export the ledger: {}", LedgerError::Twice { entry }));
}

#[tokio::test]
async fn an_entry_with_an_impossible_day_or_moment_stops_the_export() {
    let value_date = PostedEntry { value_date: "2026-11-19\n".to_owned(), ..CAPTURE.entry() };
    assert!(fault(vec![value_date]).await.contains("has a value date that is not a date"));
    let moment = PostedEntry { posted_at: Timestamp::from_millis(u64::MAX), ..CAPTURE.entry() };
    assert!(fault(vec![moment]).await.contains("has a moment after the year 9999"));
}
