//! `export-ledger`: write a period of the ledger as files that finance's own tools accept.
//!
//! In: an operator's `{"from": "2026-11-01", "to": "2026-11-30"}`. Out: six objects in the bucket of exports,
//! under `v1/<charity>/<from>_<to>/<first 12 hexadecimal digits of the manifest's SHA-256>/`, and their keys:
//!
//! | file | for | what it is |
//! |---|---|---|
//! | `ledger-lines_<charity>_<from>_<to>_v1.1.csv` | programs | one row for each posting, 30 columns |
//! | `ledger-lines_<charity>_<from>_<to>_v1.1.excel.csv` | people | the same rows, safe to open in a spreadsheet |
//! | `journal.hledger` | hledger, Ledger | every entry, and balance assertions |
//! | `ledger.beancount` | beancount | every entry, and balance assertions |
//! | `trial-balance.csv` | both | debits, credits and balance of each account and currency, then totals |
//! | `manifest.json` | programs | what the period holds, and size, rows and SHA-256 of every other file |
//!
//! (`v1.1` is the schema's version and the generation of the period's export.)
//!
//! # What a reader may rely on
//! - **The manifest is written last.** An export without one is not finished: run it again.
//! - **The same entries give the same bytes under the same keys**, on any machine, on any day: nothing in a
//!   file comes from a clock, from the sequence in which the store answered, or from the version of a tool.
//! - **What was exported never changes.** The keys name the content, so a period that is still open may be
//!   exported as often as it is wanted: each state of it has a folder of its own, and of two the one whose
//!   manifest counts more entries is the later, because entries are only added. A period that is over, with
//!   all its entries posted, has one folder for ever. Should there be other bytes under a key, they stay and
//!   the export fails.
//! - **Amounts are exact** decimal numbers of major units with all the decimals of their currency (`25.00`
//!   GBP, `500` JPY, `1.250` KWD). A debit is positive and a credit negative wherever one column or posting
//!   holds both.
//! - **Days** are business dates: the day in the ledger's zone on which an entry was posted. The value date
//!   is the day on which the money moved; for an entry that arrived late it is an earlier one.
//! - **A file stands alone.** Balances are those of the period's own entries; nothing is carried in from
//!   before `from`.
//! - **No file has donors' data**: a donation's id is all that leads back to a donor.
//!
//! # Reading the lines
//! Rows are sorted by `entry_seq`, then `line_no`. `entry_seq` counts the entries of the file from 1 with no
//! gap, in the sequence of business date, `posted_at` and `entry_id`. An empty cell means that the value does
//! not apply or is not known: `balance_txn_id`, `payout_id` and the `fx_` columns are filled only once a
//! settlement names them. `fund_class`, `fund` and `appeal` are filled on every income line and on no other,
//! so that sums by fund count each gift once. `entry_hash` is the SHA-256 that the ledger keeps with the
//! entry. The machine file is UTF-8 without a byte-order mark, with CRLF line ends and RFC 4180 quoting. The
//! Excel file begins with a byte-order mark and writes `'` before a text cell that a spreadsheet would run as
//! a formula (`=1+1`) or turn into a number or a date (`0012`, `1-2`, `may-2026`); never import it.
//!
//! # What notices a change
//! hledger (`hledger check --strict`) and beancount (`bean-check`) refuse a changed amount down to a fraction
//! of a minor unit, a missing or repeated posting or entry, an entry moved to another day, and an account
//! that was renamed or swapped, because each day of the journals begins and ends with the balance of every
//! account. They cannot see a changed id or appeal, or the amounts of two entries of one day exchanged; the
//! manifest's digests notice every change of any byte. The package `tests-finance` has these checks as one
//! call and one command.

mod configuration;

mod export;
mod ledger;
mod period;

mod file;
mod journals;
mod manifest;
mod tables;

#[cfg(test)]
mod tests;

use std::pin::pin;

use app::ports::{Exports, Journal};
use contracts::export::{ExportAnswer, ExportRequest};
use contracts::telemetry::{Metric, Scope, TraceContext, measure};
use lambda_runtime::LambdaEvent;

pub use configuration::Config;
pub use export::{ENTRIES_MAX, ExportError, ExportLedger, ExportRefusal};
pub use ledger::LedgerError;
pub use period::{DAYS_MAX, PeriodRefusal};

/// Handles one request of an operator. Running it again is safe: what is already kept stays as it is.
///
/// # Errors
/// [`ExportError`]; as a Lambda error its type is `Refused` (change the request) or `Fault` (try again, or
/// have the cause mended), and its message names the field and the rule, or the whole chain of causes.
pub async fn handle<J: Journal, E: Exports>(
    export: &ExportLedger<J, E>,
    event: LambdaEvent<ExportRequest>,
) -> Result<ExportAnswer, ExportError> {
    let scope = Scope::new(TraceContext::begin(&event.context.request_id));
    let work = pin!(async {
        let answer = export.run(&event.payload).await?;
        measure(Metric::ExportWritten, 1);
        Ok(answer)
    });
    kit::telemetry::invocation(scope, work).await
}
