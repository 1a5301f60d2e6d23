//! Proves that an export of the ledger is what finance was promised, with tools that the project did not
//! write.
//!
//! [`check_export`] takes a folder of exported files, as `outpour export --out DIR` leaves it, and answers
//! with the balances that everybody agrees on, or with everything that is wrong. `cargo run -p tests-finance
//! -- DIR` is the same as a command.
//!
//! What is compared with what:
//!
//! - every file with its size, rows and SHA-256 in the manifest, and the folder with the list of files;
//! - the machine file with the rules of its format, each entry with zero in each currency and with its own
//!   content hash, and all of it with the manifest's control totals;
//! - the Excel file with the machine file, cell by cell, and with what a spreadsheet does to text;
//! - the trial balance with the lines and with the manifest;
//! - the journals with `hledger check --strict` and `bean-check`, then what these tools *say* the postings
//!   and balances are, with the lines and the trial balance, to the last decimal.
//!
//! The tools are fetched once into `target/tools` (see `src/tools/`): a machine where they can neither be
//! found nor fetched fails the check, for a check that was left out proves nothing.

mod report;

mod entries;
mod excel;
mod files;
mod findings;
mod lines;
mod manifest;
mod trial_balance;

mod amount;
mod books;
mod rfc4180;

mod check;
mod tools;

pub use check::{CheckError, check_export, check_export_with};
pub use files::FolderFault;
pub use findings::{Finding, Findings, Part};
pub use report::{Balance, Report};
pub use tools::{ToolFault, Tools};
