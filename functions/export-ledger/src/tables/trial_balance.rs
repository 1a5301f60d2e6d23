//! The trial balance: each account in each currency that anything was posted to, then one total for each
//! currency.

use super::{MEDIA_TYPE, write};
use crate::file::File;
use crate::ledger::{Ledger, Sums, decimal};
use domain::currency::Currency;

const HEADER: [&str; 7] = ["row", "account_code", "account", "currency", "debit", "credit", "balance"];

/// Rows of accounts have `account` in the first column, rows of totals `total` and no account.
pub(crate) fn file(ledger: &Ledger) -> File {
    let accounts = ledger
        .closing()
        .iter()
        .map(|(slot, &sums)| row("account", &slot.code, &slot.path, slot.currency, sums));
    let totals = ledger.totals.iter().map(|(&currency, &sums)| row("total", "", "", currency, sums));
    File {
        name: "trial-balance.csv".to_owned(),
        media_type: MEDIA_TYPE,
        rows: ledger.closing().len() + ledger.totals.len(),
        bytes: write(b"", HEADER, accounts.chain(totals)),
    }
}

fn row(kind: &str, code: &str, path: &str, currency: Currency, sums: Sums) -> [String; 7] {
    let amount = |minor| decimal(minor, currency).to_string();
    let texts = [kind, code, path, currency.code()].map(str::to_owned);
    let [kind, code, path, currency] = texts;
    [kind, code, path, currency, amount(sums.debit), amount(sums.credit), amount(sums.balance())]
}
