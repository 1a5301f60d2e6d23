//! Where fetched tools are kept.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::ToolFault;

/// How long a process waits for another that is fetching: more than all of its steps may take.
const LOCK_WAIT: Duration = Duration::from_secs(1500);

/// The folder, as an absolute path: the tools remember where they were put.
#[derive(Debug)]
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn at(folder: &Path) -> Result<Self, ToolFault> {
        create(folder)?;
        let failed = |source| ToolFault::Place { path: folder.to_owned(), source };
        folder.canonicalize().map(Self).map_err(failed)
    }

    pub(super) fn join(&self, tool: &str) -> PathBuf {
        self.0.join(tool)
    }

    /// Makes this process the only one that fetches, until the file is dropped.
    pub(super) fn lock(&self) -> Result<File, ToolFault> {
        let path = self.join("finance.lock");
        let failed = |source| ToolFault::Place { path: path.clone(), source };
        let file = File::create(&path).map_err(failed)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if began.elapsed() > LOCK_WAIT => {
                    return Err(ToolFault::Locked { path, seconds: LOCK_WAIT.as_secs() });
                }
                Err(TryLockError::WouldBlock) => sleep(Duration::from_millis(200)),
            }
        }
    }
}

/// Makes a folder and those above it.
pub(super) fn create(path: &Path) -> Result<(), ToolFault> {
    fs::create_dir_all(path).map_err(|source| ToolFault::Place { path: path.to_owned(), source })
}

/// Removes a folder, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), ToolFault> {
    match fs::remove_dir_all(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(ToolFault::Place { path: path.to_owned(), source })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The paths in a folder, sorted; none when there is no such folder.
pub(super) fn entries(path: &Path) -> Result<Vec<PathBuf>, ToolFault> {
    let failed = |source| ToolFault::Place { path: path.to_owned(), source };
    let read = match fs::read_dir(path) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(failed)?,
    };
    let mut paths = Vec::new();
    for entry in read {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}
