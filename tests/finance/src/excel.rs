//! The Excel file: the machine file's rows, and what a spreadsheet would make of them.

use std::borrow::Cow;

use crate::findings::{Findings, Part};
use crate::lines::COLUMNS;
use crate::rfc4180::{self, Rows};

/// Columns that a spreadsheet must read as numbers, dates and times, and so as they stand; every other is
/// text.
const VALUES: [&str; 12] = [
    "business_date",
    "value_date",
    "occurred_at",
    "posted_at",
    "entry_seq",
    "line_no",
    "account_code",
    "debit",
    "credit",
    "amount",
    "fx_rate",
    "functional_amount",
];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Compares the file with the machine file, and says how many rows it has below the header.
pub(crate) fn check(bytes: &[u8], machine: Option<&Rows<'_>>, findings: &mut Findings) -> Option<usize> {
    let part = Part::Excel;
    let Some(bytes) = bytes.strip_prefix(b"\xEF\xBB\xBF") else {
        findings
            .add(part, "it does not begin with a byte-order mark, so a spreadsheet would guess its encoding");
        return None;
    };
    let read = std::str::from_utf8(bytes)
        .map_err(|error| error.to_string())
        .and_then(|text| rfc4180::read(text).map_err(|error| error.to_string()));
    let rows = match read {
        Ok(rows) => rows,
        Err(rule) => {
            findings.add(part, rule);
            return None;
        }
    };
    if rows[0] != COLUMNS {
        findings.add(part, "the header is not the columns of schema version 1");
        return None;
    }
    if let Some(machine) = machine {
        findings.compare(part, "the number of rows", rows.len(), machine.len());
        for (record, (people, machine)) in (2_usize..).zip(rows.iter().zip(machine).skip(1)) {
            check_row(record, people, machine, findings);
        }
    }
    Some(rows.len() - 1)
}

fn check_row(record: usize, people: &[Cow<'_, str>], machine: &[Cow<'_, str>], findings: &mut Findings) {
    for ((column, people), machine) in COLUMNS.iter().zip(people).zip(machine) {
        let rule = check_cell(people, machine, !VALUES.contains(column));
        if let Err(rule) = rule {
            findings.add(Part::Excel, format!("record {record}: {column} {people:?} {rule}"));
        }
    }
}

fn check_cell(people: &str, machine: &str, is_text: bool) -> Result<(), &'static str> {
    let is_guarded = people.strip_prefix('\'') == Some(machine);
    if people != machine && !(is_text && is_guarded) {
        return Err("is not what the machine file says");
    }
    if is_text && !is_guarded && runs(machine) {
        return Err("would run as a formula");
    }
    if is_text && !is_guarded && is_retyped(machine) {
        return Err("would not stay the text that it is");
    }
    if !is_text && machine.len() > 1 && machine.starts_with('0') && !machine.starts_with("0.") {
        return Err("would lose the zeros that it begins with");
    }
    Ok(())
}

/// Source: OWASP, CSV Injection.
fn runs(text: &str) -> bool {
    matches!(text.bytes().next(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n' | 0))
}

/// Whether a spreadsheet certainly puts something else in the text's place: a boolean, a number without the
/// zeros that it began with, a day.
fn is_retyped(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    if text == "true" || text == "false" {
        return true;
    }
    let (word, rest) =
        text.split_at(text.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(text.len()));
    let is_month = MONTHS.contains(&word);
    let begins = if is_month { rest } else { &*text };
    begins.contains(|digit: char| digit.is_ascii_digit())
        && begins.chars().all(|mark| mark.is_ascii_digit() || "-/.,:e".contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_change_must_be_guarded() {
        for text in
            ["=1+1", "+44", "-1", "@A1", "0012", "1-2", "1/2", "1e5", "2026-11-20", "may-2026", "TRUE"]
        {
            assert!(check_cell(text, text, true).is_err(), "{text}");
            assert!(check_cell(&format!("'{text}"), text, true).is_ok(), "{text}");
        }
        for text in ["", "red-nose", "mayor-2026", "pi_1", "2-for-1", "march"] {
            assert!(check_cell(text, text, true).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_figure_must_stand_as_it_is() {
        assert!(check_cell("-25.00", "-25.00", false).is_ok());
        assert!(check_cell("'-25.00", "-25.00", false).is_err());
        assert!(check_cell("25.00", "25.01", false).is_err());
        assert!(check_cell("0110", "0110", false).is_err());
    }
}
