//! Processes that a killed host left behind.
//!
//! A function process ends by itself when its Runtime API goes away, because its next poll fails. One that is in the
//! middle of an invocation finishes that first. Each process is noted in a file with its id and the moment it
//! started, so that the next host can wait for exactly those and for nobody else's.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long the next host waits for the processes of the last one.
const AWAIT_MAX: Duration = Duration::from_secs(5);

/// A note of a running process; dropping it removes the file.
#[derive(Debug)]
pub(super) struct Note(Option<PathBuf>);

impl Drop for Note {
    fn drop(&mut self) {
        if let Some(path) = &self.0
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::debug!(%error, "the note of a process was already gone");
        }
    }
}

/// Notes a process. Where there is no `/proc` there is nothing to recognise a process by, and nothing is noted.
pub(super) fn note(folder: &Path, pid: Option<u32>) -> Note {
    let Some((pid, started)) = pid.and_then(|pid| Some((pid, start_time(pid)?))) else { return Note(None) };
    let path = folder.join(pid.to_string());
    match std::fs::write(&path, started) {
        Ok(()) => Note(Some(path)),
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "a process could not be noted");
            Note(None)
        }
    }
}

/// Waits for the noted processes of an earlier host to end, for a few seconds at most, and forgets those that have.
///
/// # Errors
/// The folder of notes cannot be read or written.
pub async fn await_leftovers(folder: &Path) -> std::io::Result<()> {
    let until = Instant::now() + AWAIT_MAX;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        while alive(&path) && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
        }
        if alive(&path) {
            tracing::warn!(note = %path.display(), "a function process of an earlier run is still busy");
        } else {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Whether the process of a note still runs: the same id, started at the same moment.
fn alive(note: &Path) -> bool {
    let pid = note.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let noted = std::fs::read_to_string(note).ok();
    let running = pid.and_then(start_time);
    running.is_some() && running == noted
}

/// When a process started, in clock ticks since boot: field 22 of `/proc/<pid>/stat` (man 5 `proc_pid_stat`). The
/// second field holds the command in parentheses and may itself hold spaces, so counting begins after the last one.
fn start_time(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    // A zombie has ended; it only waits to be counted.
    if state == "Z" {
        return None;
    }
    fields.nth(18).map(str::to_owned)
}
