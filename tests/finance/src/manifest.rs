//! The manifest, and the folder against it.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::files::{Files, sha256};
use crate::findings::{Findings, Part};
use crate::lines::COLUMNS;

/// Name of the manifest.
pub(crate) const NAME: &str = "manifest.json";

/// Names of the files whose names are always the same.
pub(crate) const HLEDGER: &str = "journal.hledger";
pub(crate) const BEANCOUNT: &str = "ledger.beancount";
pub(crate) const TRIAL_BALANCE: &str = "trial-balance.csv";

/// What the manifest says; a field that is not known is as wrong as one that is missing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) schema_version: u64,
    pub(crate) generation: u64,
    pub(crate) charity: String,
    pub(crate) zone: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) columns: Vec<String>,
    pub(crate) entries: u64,
    pub(crate) lines: u64,
    pub(crate) first_entry_seq: Option<u64>,
    pub(crate) last_entry_seq: Option<u64>,
    pub(crate) entry_types: Vec<TypeCount>,
    pub(crate) control_totals: Vec<ControlTotal>,
    pub(crate) closing_balances: Vec<ClosingBalance>,
    pub(crate) files: Vec<FileSummary>,
}

/// How many entries of a type there are.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypeCount {
    pub(crate) entry_type: String,
    pub(crate) entries: u64,
}

/// Sums of a currency.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct ControlTotal {
    pub(crate) currency: String,
    pub(crate) lines: u64,
    pub(crate) debit: String,
    pub(crate) credit: String,
}

/// A balance after the last day.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClosingBalance {
    pub(crate) account_code: String,
    pub(crate) account: String,
    pub(crate) currency: String,
    pub(crate) balance: String,
}

/// What another file must be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSummary {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    pub(crate) sha256: String,
}

impl Manifest {
    /// Reads the manifest; without one the folder is no export.
    pub(crate) fn read(files: &Files) -> Result<Self, String> {
        let bytes = files.get(NAME).ok_or("there is no manifest: the export is not finished")?;
        serde_json::from_slice(bytes).map_err(|error| format!("it cannot be read: {error}"))
    }

    /// Name of the machine file.
    pub(crate) fn machine(&self) -> String {
        self.lines_name("csv")
    }

    /// Name of the Excel file.
    pub(crate) fn excel(&self) -> String {
        self.lines_name("excel.csv")
    }

    fn lines_name(&self, ending: &str) -> String {
        let Self { charity, from, to, schema_version, generation, .. } = self;
        format!("ledger-lines_{charity}_{from}_{to}_v{schema_version}.{generation}.{ending}")
    }

    /// Compares what needs no other file than the manifest.
    pub(crate) fn check_form(&self, findings: &mut Findings) {
        findings.compare(Part::Manifest, "schema_version", self.schema_version, 1);
        findings.compare(Part::Manifest, "generation", self.generation, 1);
        if self.columns != COLUMNS {
            findings.add(Part::Manifest, "columns are not the 30 of schema version 1");
        }
        let is_date =
            |text: &str| text.parse::<jiff::civil::Date>().is_ok_and(|date| date.to_string() == text);
        if !is_date(&self.from) || !is_date(&self.to) || self.from > self.to {
            findings.add(Part::Manifest, format!("{:?} to {:?} is not a period", self.from, self.to));
        }
        if jiff::tz::TimeZone::get(&self.zone).is_err() {
            findings.add(Part::Manifest, format!("{:?} is not a time zone", self.zone));
        }
    }

    /// Compares the folder with the list of files: every file is there, unchanged, and there is no other.
    pub(crate) fn check_files(&self, files: &Files, findings: &mut Findings) {
        let (machine, excel) = (self.machine(), self.excel());
        let expected = BTreeSet::from([&*machine, &*excel, HLEDGER, BEANCOUNT, TRIAL_BALANCE]);
        let listed: BTreeSet<&str> = self.files.iter().map(|file| &*file.name).collect();
        if listed != expected || listed.len() != self.files.len() {
            findings.add(Part::Manifest, format!("it lists {listed:?}, and an export has {expected:?}"));
        }
        for name in files.keys().filter(|name| *name != NAME && !listed.contains(&***name)) {
            findings.add(Part::Files, format!("{name} is not in the manifest"));
        }
        for FileSummary { name, media_type, bytes, sha256: digest, .. } in &self.files {
            let Some(content) = files.get(name) else {
                findings.add(Part::Files, format!("{name} is in the manifest and not in the folder"));
                continue;
            };
            findings.compare(Part::Files, &format!("the size of {name}"), content.len() as u64, *bytes);
            findings.compare(Part::Files, &format!("the SHA-256 of {name}"), &sha256(content), digest);
            let is_journal = [HLEDGER, BEANCOUNT].contains(&&**name);
            let kind = if is_journal { "text/plain; charset=utf-8" } else { "text/csv; charset=utf-8" };
            findings.compare(Part::Manifest, &format!("the media type of {name}"), &**media_type, kind);
        }
    }

    /// Compares how many rows a file turned out to have with what is said about it.
    pub(crate) fn check_rows(&self, name: &str, rows: usize, findings: &mut Findings) {
        if let Some(file) = self.files.iter().find(|file| file.name == name) {
            findings.compare(
                Part::Manifest,
                &format!("the number of rows of {name}"),
                file.rows,
                rows as u64,
            );
        }
    }
}
