//! The trial balance, against the lines and the manifest.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::amount;
use crate::books::{Balances, Slot};
use crate::findings::{Findings, Part};
use crate::lines::Line;
use crate::manifest::{ClosingBalance, Manifest};
use crate::report::Balance;
use crate::rfc4180;

const HEADER: [&str; 7] = ["row", "account_code", "account", "currency", "debit", "credit", "balance"];

/// Debits and credits.
type Sums = (Decimal, Decimal);

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct TrialBalance {
    /// Every account, as it stands in the file.
    pub(crate) accounts: Vec<Balance>,
    /// The same, to compute with.
    pub(crate) balances: Balances,
    /// Rows below the header.
    pub(crate) rows: usize,
    codes: Vec<String>,
    sums: BTreeMap<Slot, Sums>,
    totals: BTreeMap<String, Sums>,
}

/// Reads the file; `None` when it is not the format at all.
pub(crate) fn read(bytes: &[u8], findings: &mut Findings) -> Option<TrialBalance> {
    let read = std::str::from_utf8(bytes)
        .map_err(|error| error.to_string())
        .and_then(|text| rfc4180::read(text).map_err(|error| error.to_string()));
    let rows = match read {
        Ok(rows) if rows[0] == HEADER => rows,
        Ok(_) => {
            findings.add(Part::TrialBalance, format!("the header is not {HEADER:?}"));
            return None;
        }
        Err(rule) => {
            findings.add(Part::TrialBalance, rule);
            return None;
        }
    };
    let mut trial = TrialBalance { rows: rows.len() - 1, ..TrialBalance::default() };
    for (cells, record) in rows.iter().zip(1..).skip(1) {
        let [row, code, account, currency, debit, credit, balance] =
            std::array::from_fn(|column| cells.get(column).map_or("", |cell| &**cell));
        if let Err(rule) = trial.add([row, code, account, currency], [debit, credit, balance]) {
            findings.add(Part::TrialBalance, format!("record {record}: {rule}"));
        }
    }
    Some(trial)
}

impl TrialBalance {
    fn add(&mut self, texts: [&str; 4], figures: [&str; 3]) -> Result<(), String> {
        let [row, code, account, currency] = texts;
        let [debit, credit, balance] = figures;
        let sums = (amount::read(debit, currency)?, amount::read(credit, currency)?);
        let difference = amount::read(balance, currency)?;
        if difference != sums.0 - sums.1 {
            return Err(format!("the balance {balance} is not {debit} less {credit}"));
        }
        let is_first = match (row, account, code) {
            ("account", "", _) | ("account", _, "") => {
                return Err("a row of an account names none".to_owned());
            }
            ("account", ..) => {
                let (account, currency) = (account.to_owned(), currency.to_owned());
                let slot = (account.clone(), currency.clone());
                self.codes.push(code.to_owned());
                self.accounts.push(Balance { account, currency, balance: balance.to_owned() });
                self.balances.insert(slot.clone(), difference);
                self.sums.insert(slot, sums).is_none()
            }
            ("total", "", "") if difference.is_zero() => {
                self.totals.insert(currency.to_owned(), sums).is_none()
            }
            ("total", "", "") => return Err(format!("the total of {currency} is not zero")),
            _ => return Err("a row must be of an account or a total".to_owned()),
        };
        if is_first { Ok(()) } else { Err(format!("{account} {currency} is there twice")) }
    }

    /// Compares debits, credits and totals with what the lines add up to.
    pub(crate) fn check_lines(&self, lines: &[Line<'_>], findings: &mut Findings) {
        let (mut sums, mut totals) = (BTreeMap::<Slot, Sums>::new(), BTreeMap::<String, Sums>::new());
        for line in lines {
            let (account, currency) = (line.cell("account").to_owned(), line.cell("currency").to_owned());
            let total = totals.entry(currency.clone()).or_default();
            *total = (total.0 + line.debit, total.1 + line.credit);
            let sum = sums.entry((account, currency)).or_default();
            *sum = (sum.0 + line.debit, sum.1 + line.credit);
        }
        differences(&self.sums, &sums, findings);
        differences(&self.totals, &totals, findings);
    }

    /// Compares the balances with the manifest's, texts and sequence included.
    pub(crate) fn check_manifest(&self, manifest: &Manifest, findings: &mut Findings) {
        let closing = self.accounts.iter().zip(&self.codes).map(|(row, code)| ClosingBalance {
            account_code: code.clone(),
            account: row.account.clone(),
            currency: row.currency.clone(),
            balance: row.balance.clone(),
        });
        if !closing.eq(manifest.closing_balances.iter().cloned()) {
            findings.add(Part::Manifest, "closing_balances are not those of the trial balance");
        }
    }
}

fn differences<K: Ord + std::fmt::Debug>(
    file: &BTreeMap<K, Sums>,
    lines: &BTreeMap<K, Sums>,
    findings: &mut Findings,
) {
    let only_lines = lines.keys().filter(|key| !file.contains_key(*key));
    for key in file.keys().chain(only_lines) {
        let (is, should_be) = (file.get(key), lines.get(key));
        if is != should_be {
            let message = format!("{key:?} has {is:?} and the lines give {should_be:?} (debit, credit)");
            findings.add(Part::TrialBalance, message);
        }
    }
}
