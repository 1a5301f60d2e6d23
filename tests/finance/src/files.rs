//! The folder: what lies in it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Most bytes of one file, several times what the largest export has.
const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Most files of a folder that is an export.
const FILES_MAX: usize = 100;

/// Why a folder could not be read; nothing is known about the export.
#[derive(Debug, thiserror::Error)]
pub enum FolderFault {
    /// The folder or a file in it cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is too much to be an export.
    #[error("{path} is not an export: it has more than {FILES_MAX} files or {BYTES_MAX} bytes in one")]
    TooMuch {
        /// Which.
        path: PathBuf,
    },
}

/// Every file by its name, with its bytes. A folder or a link in it has none, and is in no manifest.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The folder from the root, for programs that run elsewhere.
pub(crate) fn absolute(folder: &Path) -> Result<PathBuf, FolderFault> {
    folder.canonicalize().map_err(|source| FolderFault::Unreadable { path: folder.to_owned(), source })
}

/// Reads all files of a folder.
pub(crate) fn read(folder: &Path) -> Result<Files, FolderFault> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        |source| FolderFault::Unreadable { path, source }
    };
    let mut files = Files::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let entry = entry.map_err(unreadable(folder))?;
        let path = entry.path();
        let metadata = entry.metadata().map_err(unreadable(&path))?;
        if files.len() == FILES_MAX || metadata.len() > BYTES_MAX {
            return Err(FolderFault::TooMuch { path });
        }
        let bytes = if metadata.is_file() { fs::read(&path).map_err(unreadable(&path))? } else { Vec::new() };
        files.insert(entry.file_name().to_string_lossy().into_owned(), bytes);
    }
    Ok(files)
}

/// SHA-256, lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}
