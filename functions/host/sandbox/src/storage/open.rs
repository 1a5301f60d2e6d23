//! Opens the database file, or says exactly why it cannot.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

/// The layout below; a file with another number was written by another version.
const LAYOUT: i64 = 3;

const FILE: &str = "sandbox.sqlite3";

/// Why the sandbox's database could not be opened. Each names the file.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder could not be made.
    #[error("the data folder {} cannot be made", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process has it. The caller stops that one, or picks another folder.
    #[error("{} is locked: another sandbox is running on it", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It is not a database, or part of it was overwritten. The caller restores or removes it.
    #[error("{} is damaged ({detail}): restore it, or move it away to start empty", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the database found.
        detail: String,
    },
    /// Another version of the sandbox wrote it.
    #[error("{} has layout {found}; this version writes layout {LAYOUT}", path.display())]
    Layout {
        /// The file.
        path: PathBuf,
        /// The layout it has.
        found: i64,
    },
    /// Anything else: permissions, a full disk.
    #[error("{} cannot be opened", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: rusqlite::Error,
    },
}

/// Opens, checks and, where it is new, lays out the database in `folder`. The file stays locked while it is
/// open.
pub(crate) fn open(folder: &Path) -> Result<Connection, OpenError> {
    fs::create_dir_all(folder).map_err(|source| OpenError::Folder { path: folder.to_owned(), source })?;
    let path = folder.join(FILE);
    let mut connection = Connection::open(&path).map_err(|error| named(&path, error))?;
    prepare(&mut connection).map_err(|error| named(&path, error))?;
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| named(&path, error))?;
    if verdict != "ok" {
        return Err(OpenError::Damaged { path, detail: verdict });
    }
    match lay_out(&mut connection).map_err(|error| named(&path, error))? {
        LAYOUT => Ok(connection),
        found => Err(OpenError::Layout { path, found }),
    }
}

/// Takes the file for this process alone and turns on the write-ahead log. The lock is asked for at once, so
/// that a second sandbox fails when it starts and not at its first payment.
fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT")
}

/// The layout of the file, after giving one to an empty file.
fn lay_out(connection: &mut Connection) -> rusqlite::Result<i64> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found != 0 {
        return Ok(found);
    }
    let step = connection.transaction()?;
    step.execute_batch(include_str!("schema.sql"))?;
    step.pragma_update(None, "user_version", LAYOUT)?;
    step.commit()?;
    Ok(LAYOUT)
}

fn named(path: &Path, error: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked { path },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Damaged { path, detail: error.to_string() }
        }
        _ => OpenError::Other { path, source: error },
    }
}
