//! A finished file, and the names that files have.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::ledger::Ledger;

/// Version of the files' layout; a change that a reader would notice makes a new one.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// Which export of its period it is. The first is final as long as the ledger is append-only.
pub(crate) const GENERATION: u32 = 1;

/// One file of an export.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    /// Rows below a table's header, or entries of a journal.
    pub(crate) rows: usize,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(&self.bytes))
    }
}

/// Where the files of an export are kept: `v1/<charity>/<from>_<to>/`.
pub(crate) fn folder(ledger: &Ledger) -> String {
    format!("v{SCHEMA_VERSION}/{}/{}/", ledger.charity, ledger.period)
}

/// Name of a table of lines; it says what it holds even when it is taken out of its folder.
pub(crate) fn lines_name(ledger: &Ledger, extension: &str) -> String {
    let Ledger { charity, period, .. } = ledger;
    format!("ledger-lines_{charity}_{period}_v{SCHEMA_VERSION}.{GENERATION}.{extension}")
}
