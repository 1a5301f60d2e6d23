//! A finished file, and the names that files have.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::ledger::Ledger;

/// Version of the files' layout; a change that a reader would notice makes a new one.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// Which telling of its period it is. A second would restate what the first says; entries are only ever
/// added, so the first is all that there is.
pub(crate) const GENERATION: u32 = 1;

/// How many hexadecimal digits of the manifest's SHA-256 name a folder: enough that no two of a period's
/// manifests meet by chance, and should two meet, the bytes already there are kept and the later export
/// fails.
const FOLDER_DIGITS: usize = 12;

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

/// Where the files of an export are kept: `v1/<charity>/<from>_<to>/<first digits of the manifest's
/// SHA-256>/`.
///
/// The manifest holds the digest of every other file, so the folder's name follows from all bytes in it:
/// other bytes, other folder.
pub(crate) fn folder(ledger: &Ledger, manifest_sha256: &str) -> String {
    let (digits, _) = manifest_sha256.split_at(FOLDER_DIGITS);
    format!("v{SCHEMA_VERSION}/{}/{}/{digits}/", ledger.charity, ledger.period)
}

/// Name of a table of lines; it says what it holds even when it is taken out of its folder.
pub(crate) fn lines_name(ledger: &Ledger, extension: &str) -> String {
    let Ledger { charity, period, .. } = ledger;
    format!("ledger-lines_{charity}_{period}_v{SCHEMA_VERSION}.{GENERATION}.{extension}")
}
