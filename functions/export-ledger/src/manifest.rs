//! The manifest: what the period holds, and what every other file must be.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::file::{File, GENERATION, SCHEMA_VERSION};
use crate::ledger::{Ledger, decimal};
use crate::tables::COLUMNS;

/// The manifest, in the sequence in which it is written. Amounts are decimal texts of major units.
#[derive(Debug, Serialize)]
pub(crate) struct Manifest<'a> {
    schema_version: u32,
    generation: u32,
    charity: &'a str,
    /// IANA name of the zone that decides business dates.
    zone: &'a str,
    from: String,
    to: String,
    /// Columns of both tables of lines.
    columns: [&'static str; COLUMNS.len()],
    entries: usize,
    lines: u64,
    /// 1, or null when the period has no entries.
    first_entry_seq: Option<u64>,
    /// The same as `entries`, or null when the period has none.
    last_entry_seq: Option<u64>,
    /// The types that occur.
    entry_types: Vec<TypeCount>,
    /// One for each currency.
    control_totals: Vec<ControlTotal<'a>>,
    /// One for each account and currency, of the period's own entries.
    closing_balances: Vec<ClosingBalance<'a>>,
    files: Vec<FileSummary>,
}

#[derive(Debug, Serialize)]
struct TypeCount {
    entry_type: &'static str,
    entries: u64,
}

#[derive(Debug, Serialize)]
struct ControlTotal<'a> {
    currency: &'a str,
    lines: u64,
    debit: String,
    credit: String,
}

#[derive(Debug, Serialize)]
struct ClosingBalance<'a> {
    account_code: &'a str,
    account: &'a str,
    currency: &'a str,
    balance: String,
}

/// One of the other files.
#[derive(Debug, Serialize)]
pub(crate) struct FileSummary {
    name: String,
    media_type: &'static str,
    bytes: usize,
    /// Rows below a table's header, or entries of a journal.
    rows: usize,
    /// Lower-case hexadecimal.
    sha256: String,
}

impl From<&File> for FileSummary {
    fn from(file: &File) -> Self {
        let File { name, media_type, rows, bytes } = file;
        Self { name: name.clone(), media_type, bytes: bytes.len(), rows: *rows, sha256: file.sha256() }
    }
}

impl<'a> Manifest<'a> {
    /// The manifest of a ledger whose other files are these.
    pub(crate) fn of(ledger: &'a Ledger, files: Vec<FileSummary>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            generation: GENERATION,
            charity: ledger.charity.as_str(),
            zone: &ledger.zone,
            from: ledger.period.from().to_string(),
            to: ledger.period.to().to_string(),
            columns: COLUMNS.each_ref().map(|column| column.name),
            entries: ledger.count(),
            lines: ledger.totals.values().map(|sums| sums.lines).sum(),
            first_entry_seq: ledger.entries().map(|(seq, _)| seq).next(),
            last_entry_seq: ledger.entries().map(|(seq, _)| seq).last(),
            entry_types: entry_types(ledger),
            control_totals: control_totals(ledger),
            closing_balances: closing_balances(ledger),
            files,
        }
    }

    /// The manifest as a file. It has no rows.
    pub(crate) fn file(&self) -> File {
        let mut bytes =
            serde_json::to_vec_pretty(self).expect("texts, numbers and lists always have a JSON form");
        bytes.push(b'\n');
        File { name: "manifest.json".to_owned(), media_type: "application/json", rows: 0, bytes }
    }
}

fn entry_types(ledger: &Ledger) -> Vec<TypeCount> {
    let mut counts = BTreeMap::new();
    for (_, posted) in ledger.entries() {
        *counts.entry(posted.entry.subject().kind.name()).or_default() += 1;
    }
    counts.into_iter().map(|(entry_type, entries)| TypeCount { entry_type, entries }).collect()
}

fn control_totals(ledger: &Ledger) -> Vec<ControlTotal<'_>> {
    let totals = ledger.totals.iter().map(|(currency, sums)| ControlTotal {
        currency: currency.code(),
        lines: sums.lines,
        debit: decimal(sums.debit, *currency).to_string(),
        credit: decimal(sums.credit, *currency).to_string(),
    });
    totals.collect()
}

fn closing_balances(ledger: &Ledger) -> Vec<ClosingBalance<'_>> {
    let balances = ledger.closing().iter().map(|(slot, sums)| ClosingBalance {
        account_code: &slot.code,
        account: &slot.path,
        currency: slot.currency.code(),
        balance: decimal(sums.balance(), slot.currency).to_string(),
    });
    balances.collect()
}
