//! The files that the functions' output goes to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// A log larger than this is set aside when the host starts.
const LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How much of a log's end is shown when a process does not start.
const TAIL_BYTES_MAX: u64 = 4 * 1024;

/// Sets an overgrown log aside, replacing the one that was set aside before.
pub(super) fn rotate(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > LOG_BYTES_MAX => {
            std::fs::rename(path, path.with_extension("old.log"))
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Opens a log for appending, and says where its end is now.
pub(super) fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let end = file.metadata()?.len();
    Ok((file, end))
}

/// What was written since `from`, or the end of it; empty when the log cannot be read.
pub(super) fn tail(path: &Path, from: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(from.max(end.saturating_sub(TAIL_BYTES_MAX))))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    match read() {
        Ok(text) => text,
        Err(error) => format!("(its log {} cannot be read: {error})", path.display()),
    }
}
