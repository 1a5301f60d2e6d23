//! The data folder: one process at a time, and no damaged file goes unnoticed.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::{Connection, OpenFlags};

use crate::error::StartError;

/// The data folder, locked for as long as this lives or anyone holds [`Folder::lock`]. The system lets go of
/// the lock when the process dies.
pub(crate) struct Folder {
    path: PathBuf,
    lock: Lock,
}

/// A share in the folder's lock, for a thread that may write to the folder after everything else is gone.
#[derive(Clone)]
pub(crate) struct Lock {
    _file: Arc<File>,
}

impl Folder {
    /// Makes the folder and its parts, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        for part in [path.to_owned(), path.join("mail"), path.join("s3")] {
            fs::create_dir_all(&part).map_err(|source| StartError::Folder { path: part, source })?;
        }
        let lock_path = path.join("lock");
        let failed = |source| StartError::Folder { path: lock_path.clone(), source };
        let lock = File::options().create(true).append(true).open(&lock_path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock: Lock { _file: Arc::new(lock) } }),
            Err(TryLockError::WouldBlock) => Err(StartError::Locked { path: lock_path }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// A share in the lock.
    pub(crate) fn lock(&self) -> Lock {
        self.lock.clone()
    }

    /// DynamoDB's tables.
    pub(crate) fn tables(&self) -> PathBuf {
        self.path.join("dynamodb.sqlite")
    }

    /// Queues, activity and the list of e-mails.
    pub(crate) fn store(&self) -> PathBuf {
        self.path.join("queues.sqlite")
    }

    /// Caught e-mails.
    pub(crate) fn mail(&self) -> PathBuf {
        self.path.join("mail")
    }

    /// S3's buckets.
    pub(crate) fn buckets(&self) -> PathBuf {
        self.path.join("s3")
    }
}

/// Checks a database that is there already, so that damage is told before anything is built on it.
///
/// # Errors
/// [`StartError::Damaged`] naming the file and what SQLite found.
pub(crate) fn check_database(path: &Path) -> Result<(), StartError> {
    if !path.exists() {
        return Ok(());
    }
    let damaged = |reason: String| StartError::Damaged { path: path.to_owned(), reason };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let check = Connection::open_with_flags(path, flags)
        .and_then(|c| c.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)));
    match check {
        Ok(found) if found == "ok" => Ok(()),
        Ok(found) => Err(damaged(found)),
        Err(error) => Err(damaged(error.to_string())),
    }
}
