//! The machine file: the format of its rows, and what they add up to.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::amount;
use crate::books::Posted;
use crate::findings::{Findings, Part};
use crate::manifest::{ControlTotal, Manifest, TypeCount};
use crate::rfc4180::{self, Rows};

/// The columns of schema version 1, in the sequence that finance imports.
pub(crate) const COLUMNS: [&str; 30] = [
    "business_date",
    "value_date",
    "occurred_at",
    "posted_at",
    "entry_seq",
    "entry_id",
    "line_no",
    "entry_type",
    "account_code",
    "account",
    "debit",
    "credit",
    "amount",
    "currency",
    "fund_class",
    "fund",
    "appeal",
    "provider",
    "provider_account",
    "provider_txn_id",
    "balance_txn_id",
    "payout_id",
    "donation_id",
    "fx_rate",
    "functional_amount",
    "functional_currency",
    "reverses_entry_id",
    "corrects_period",
    "description",
    "entry_hash",
];

/// A row, with its figures read.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    cells: &'a [Cow<'a, str>],
    /// Which row of the file it is, the header being 1.
    pub(crate) record: usize,
    pub(crate) debit: Decimal,
    pub(crate) credit: Decimal,
}

impl Line<'_> {
    /// The cell of a column.
    pub(crate) fn cell(&self, column: &str) -> &str {
        let found = COLUMNS.iter().zip(self.cells).find(|(name, _)| **name == column);
        found.map_or("", |(_, cell)| cell)
    }

    pub(crate) fn is_income(&self) -> bool {
        self.cell("account").starts_with("Income:")
    }

    /// The line as a tool would say it.
    pub(crate) fn posted(&self) -> Posted {
        Posted {
            entry: self.cell("entry_id").to_owned(),
            date: self.cell("business_date").to_owned(),
            account: self.cell("account").to_owned(),
            currency: self.cell("currency").to_owned(),
            amount: self.debit - self.credit,
        }
    }
}

/// Reads the file's rows; `None` when it is not the format at all. Which is then found.
pub(crate) fn rows<'a>(bytes: &'a [u8], findings: &mut Findings) -> Option<Rows<'a>> {
    let read = std::str::from_utf8(bytes)
        .map_err(|error| error.to_string())
        .and_then(|text| rfc4180::read(text).map_err(|error| error.to_string()));
    match read {
        Ok(rows) if rows[0] == COLUMNS => Some(rows),
        Ok(_) => {
            findings.add(
                Part::Lines,
                "the header is not the columns of schema version 1, without a byte-order mark",
            );
            None
        }
        Err(rule) => {
            findings.add(Part::Lines, rule);
            None
        }
    }
}

/// The lines whose figures can be read; every other is found.
pub(crate) fn lines<'a>(rows: &'a Rows<'a>, findings: &mut Findings) -> Vec<Line<'a>> {
    let mut lines = Vec::with_capacity(rows.len());
    for (cells, record) in rows.iter().zip(1..).skip(1) {
        let line = Line { cells, record, debit: Decimal::ZERO, credit: Decimal::ZERO };
        match figures(&line) {
            Ok((debit, credit)) => lines.push(Line { debit, credit, ..line }),
            Err(rule) => findings.add(Part::Lines, format!("record {record}: {rule}")),
        }
    }
    lines
}

fn figures(line: &Line<'_>) -> Result<(Decimal, Decimal), String> {
    let currency = line.cell("currency");
    let side = |column| match line.cell(column) {
        "" => Ok(Decimal::ZERO),
        text => match amount::read(text, currency)? {
            amount if amount > Decimal::ZERO => Ok(amount),
            amount => Err(format!("the {column} {amount} is not more than zero")),
        },
    };
    let (debit, credit) = (side("debit")?, side("credit")?);
    if debit.is_zero() == credit.is_zero() {
        return Err("there must be a debit or a credit, and not both".to_owned());
    }
    if amount::read(line.cell("amount"), currency)? != debit - credit {
        return Err("the amount is not the debit less the credit".to_owned());
    }
    Ok((debit, credit))
}

/// Compares the manifest's counts and control totals with what the lines add up to.
pub(crate) fn check_totals(manifest: &Manifest, lines: &[Line<'_>], findings: &mut Findings) {
    let mut types = BTreeMap::<&str, u64>::new();
    let mut totals = BTreeMap::<&str, (u64, Decimal, Decimal)>::new();
    for line in lines {
        if line.cell("line_no") == "1" {
            *types.entry(line.cell("entry_type")).or_default() += 1;
        }
        let total = totals.entry(line.cell("currency")).or_default();
        *total = (total.0 + 1, total.1 + line.debit, total.2 + line.credit);
    }
    let entries = types.values().sum();
    findings.compare(Part::Manifest, "lines", manifest.lines, lines.len() as u64);
    findings.compare(Part::Manifest, "entries", manifest.entries, entries);
    let ends = (entries > 0).then_some((1, entries));
    if manifest.first_entry_seq.zip(manifest.last_entry_seq) != ends {
        findings.add(Part::Manifest, format!("first and last entry_seq should be {ends:?}"));
    }
    let to_count =
        |(entry_type, entries): (&str, u64)| TypeCount { entry_type: entry_type.to_owned(), entries };
    let types: Vec<_> = types.into_iter().map(to_count).collect();
    if manifest.entry_types != types {
        findings.add(Part::Manifest, format!("entry_types should be {types:?}"));
    }
    let to_total = |(currency, (lines, debit, credit)): (&str, (u64, Decimal, Decimal))| ControlTotal {
        currency: currency.to_owned(),
        lines,
        debit: debit.to_string(),
        credit: credit.to_string(),
    };
    let totals: Vec<_> = totals.into_iter().map(to_total).collect();
    if manifest.control_totals != totals {
        findings.add(Part::Manifest, format!("control_totals should be {totals:?}"));
    }
}
