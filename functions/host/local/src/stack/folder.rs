//! The data folder: one host at a time, and files that are whole or not there.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another host uses it.
    #[error(
        "the data folder {} is in use by another outpour; stop that one first, or choose another folder with --data",
        folder.display()
    )]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// It cannot be made, read or written.
    #[error("{} cannot be used: {source}; choose another folder with --data", path.display())]
    Unusable {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Holds the folder until it is dropped, or until the process ends in whatever way.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Where things lie in the folder.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Makes the folder where it is missing, and takes it for this process.
    pub(super) fn open(root: &Path) -> Result<(Self, Lock), FolderError> {
        let root = std::path::absolute(root).map_err(unusable(root))?;
        let folder = Self { root };
        for path in [folder.root.clone(), folder.logs(), folder.processes()] {
            std::fs::create_dir_all(&path).map_err(unusable(&path))?;
        }
        let path = folder.root.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(unusable(&path))?;
        match file.try_lock() {
            Ok(()) => Ok((folder, Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Err(FolderError::Locked { folder: folder.root }),
            Err(TryLockError::Error(source)) => Err(FolderError::Unusable { path, source }),
        }
    }

    /// The functions' logs.
    pub(super) fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Notes of running processes.
    pub(super) fn processes(&self) -> PathBuf {
        self.root.join("processes")
    }

    /// The AWS endpoints' state.
    pub(super) fn aws(&self) -> PathBuf {
        self.root.join("aws")
    }

    /// The sandbox's state.
    pub(super) fn sandbox(&self) -> PathBuf {
        self.root.join("sandbox")
    }

    /// How far ahead the clock is.
    pub(super) fn clock(&self) -> PathBuf {
        self.root.join("clock.json")
    }

    /// The demonstration's secrets.
    pub(super) fn secrets(&self) -> PathBuf {
        self.root.join("secrets.json")
    }
}

/// Writes a file that only its owner may read, so that a crash leaves either all of it or nothing.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Unusable { path, source }
}
