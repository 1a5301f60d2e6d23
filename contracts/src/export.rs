//! What an operator sends to `export-ledger` and gets back.

use serde::{Deserialize, Serialize};

/// Asks for the entries of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// First business date, `YYYY-MM-DD`.
    pub from: String,
    /// Last business date, included.
    pub to: String,
}

/// Names what was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportAnswer {
    /// Object keys in the bucket of exports; the manifest is the last. All lie in one folder, whose name ends in the
    /// first 12 digits of the manifest's SHA-256: a period that is exported again with more entries gets other keys.
    pub keys: Vec<String>,
    /// Entries in the period.
    pub entries: u64,
    /// SHA-256 of the manifest, lower-case hexadecimal.
    pub manifest_sha256: String,
}
