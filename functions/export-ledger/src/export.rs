//! The use case: read, check, render, keep.

use app::ports::{Exports, Fault, Journal};
use contracts::export::{ExportAnswer, ExportRequest};
use contracts::stored::PostedEntry;
use domain::ids::CharityId;
use jiff::civil::Date;
use lambda_runtime::Diagnostic;
use tracing::info;

use crate::file::{File, folder};
use crate::ledger::{Ledger, LedgerError};
use crate::manifest::{FileSummary, Manifest};
use crate::period::{Period, PeriodRefusal};
use crate::{journals, tables};

/// Most entries of one export: they are held in memory, together with the largest file made of them.
pub const ENTRIES_MAX: usize = 100_000;

/// Every file but the manifest, in the sequence in which they are kept. Each is made twice, once for its
/// digest and once to be kept, and dropped before the next is made: memory is scarcer than the moment that it
/// takes.
const FILES: [fn(&Ledger) -> File; 5] = [
    tables::lines::machine,
    tables::lines::excel,
    journals::hledger::file,
    journals::beancount::file,
    tables::trial_balance::file,
];

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ExportLedger<J, E> {
    /// The ledger's journal.
    pub journal: J,
    /// Where finished exports are kept.
    pub exports: E,
    /// The charity whose ledger it is.
    pub charity: CharityId,
    /// IANA name of the zone that decides an entry's business date.
    pub zone: String,
}

/// Why nothing, or not everything, was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The request asks for what cannot be: change it.
    #[error(transparent)]
    Refused(#[from] ExportRefusal),
    /// The journal could not be read or a file could not be kept.
    #[error("{}", .0.chain())]
    Fault(#[from] Fault),
    /// The journal was read, but what it holds is not a ledger: somebody must look.
    #[error("cannot export the ledger: {0}")]
    Ledger(#[from] LedgerError),
}

/// Why the request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExportRefusal {
    /// The dates are not a period.
    #[error(transparent)]
    Period(#[from] PeriodRefusal),
    /// The period holds too much.
    #[error("`from` to `to` holds more than {ENTRIES_MAX} entries; ask for fewer days")]
    TooManyEntries,
}

impl From<ExportError> for Diagnostic {
    fn from(error: ExportError) -> Self {
        let error_type = match error {
            ExportError::Refused(_) => "Refused",
            ExportError::Fault(_) | ExportError::Ledger(_) => "Fault",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

impl<J: Journal, E: Exports> ExportLedger<J, E> {
    /// Exports a period.
    ///
    /// # Errors
    /// [`ExportError`]. Whatever was kept by then is right, and is not complete without its manifest.
    pub async fn run(&self, request: &ExportRequest) -> Result<ExportAnswer, ExportError> {
        let period = Period::parse(&request.from, &request.to).map_err(ExportRefusal::from)?;
        let by_date = self.read(period).await?;
        let ledger = Ledger::of(self.charity.clone(), self.zone.clone(), period, by_date)?;
        let files = FILES.iter().map(|render| FileSummary::from(&render(&ledger))).collect();
        let manifest = Manifest::of(&ledger, files).file();
        let manifest_sha256 = manifest.sha256();
        let folder = folder(&ledger, &manifest_sha256);
        let mut keys = Vec::with_capacity(FILES.len() + 1);
        for render in FILES {
            keys.push(self.keep(&folder, render(&ledger)).await?);
        }
        keys.push(self.keep(&folder, manifest).await?);
        info!(
            entries = ledger.count(),
            manifest = manifest_sha256,
            "exported {} to {}",
            period.from(),
            period.to()
        );
        Ok(ExportAnswer { keys, entries: ledger.count() as u64, manifest_sha256 })
    }

    /// The entries of every date, one date after the other so that the store is not asked for a year at once.
    async fn read(&self, period: Period) -> Result<Vec<(Date, Vec<PostedEntry>)>, ExportError> {
        let (mut by_date, mut count) = (Vec::new(), 0);
        for date in period.dates() {
            let entries = self.journal.entries_on(&date.to_string()).await?;
            count += entries.len();
            if count > ENTRIES_MAX {
                return Err(ExportRefusal::TooManyEntries.into());
            }
            by_date.push((date, entries));
        }
        Ok(by_date)
    }

    async fn keep(&self, folder: &str, file: File) -> Result<String, Fault> {
        let key = format!("{folder}{}", file.name);
        self.exports.keep(&key, file.media_type, file.bytes).await?;
        Ok(key)
    }
}
