//! The host's clock: the machine's, and how far the operator has moved it forward.
//!
//! Everything on this host that has to do with time reads it: queues, schedules, the sandbox provider, the
//! events' time stamps, the operator's pages. Function processes are told how far ahead it is when they
//! start.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::random;

/// Most seconds of one move: 366 days.
pub const ADVANCE_SECONDS_MAX: u64 = 366 * 24 * 60 * 60;
/// Most seconds that the clock may be ahead of the machine's: ten years.
pub const AHEAD_SECONDS_MAX: u64 = 3_653 * 24 * 60 * 60;

/// What the file of the offset holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    offset_seconds: u64,
}

/// Why the clock cannot be used or was not moved.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The file of the offset is not readable as one.
    #[error("{} is damaged ({reason}); restore it, or move the whole data folder away to start anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file of the offset cannot be read or written.
    #[error("{} cannot be used: {source}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The move is empty or too long.
    #[error(
        "advance_seconds: must be 1 to {ADVANCE_SECONDS_MAX}, and the clock at most {AHEAD_SECONDS_MAX} ahead"
    )]
    OutOfRange,
}

/// The clock. Cheap to clone; it never goes back by itself.
#[derive(Debug, Clone)]
pub struct HostClock(Arc<watch::Sender<u64>>);

impl HostClock {
    /// A clock that is so many seconds ahead of the machine's.
    pub fn ahead_by(offset_seconds: u64) -> Self {
        Self(Arc::new(watch::Sender::new(offset_seconds)))
    }

    /// The clock of a data folder, as far ahead as it was left.
    ///
    /// # Errors
    /// The file is damaged or cannot be read.
    pub fn open(path: &Path) -> Result<Self, ClockError> {
        let damaged = |reason: String| ClockError::Damaged { path: path.to_owned(), reason };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::ahead_by(0)),
            Err(source) => return Err(ClockError::Unusable { path: path.to_owned(), source }),
        };
        let kept: Kept = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if kept.offset_seconds > AHEAD_SECONDS_MAX {
            return Err(damaged(format!("offset_seconds is more than {AHEAD_SECONDS_MAX}")));
        }
        Ok(Self::ahead_by(kept.offset_seconds))
    }

    /// Milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> u64 {
        random::now_ms() + self.offset_seconds() * 1_000
    }

    /// How many seconds ahead of the machine's clock it is.
    pub fn offset_seconds(&self) -> u64 {
        *self.0.borrow()
    }

    /// Changes when the clock is moved.
    pub fn moves(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }

    /// What the offset would be after a move.
    ///
    /// # Errors
    /// [`ClockError::OutOfRange`].
    pub(crate) fn after(&self, advance_seconds: u64) -> Result<u64, ClockError> {
        let allowed = (1..=ADVANCE_SECONDS_MAX).contains(&advance_seconds);
        let offset = allowed.then(|| self.offset_seconds() + advance_seconds);
        offset.filter(|offset| *offset <= AHEAD_SECONDS_MAX).ok_or(ClockError::OutOfRange)
    }

    /// Moves the clock. The offset must have been kept first, so that no restart takes it back.
    pub(crate) fn set(&self, offset_seconds: u64) {
        self.0.send_modify(|offset| *offset = offset_seconds.max(*offset));
    }
}

/// What is written into the file.
pub(crate) fn kept(offset_seconds: u64) -> String {
    serde_json::to_string(&Kept { offset_seconds }).expect("a number is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_forward_only_and_not_beyond_its_bounds() {
        let clock = HostClock::ahead_by(0);
        let before = clock.now_ms();
        clock.set(clock.after(90_000).unwrap());
        assert!(clock.now_ms() >= before + 90_000_000);
        clock.set(5);
        assert_eq!(clock.offset_seconds(), 90_000);
        for refused in [0, ADVANCE_SECONDS_MAX + 1, u64::MAX] {
            assert!(matches!(clock.after(refused), Err(ClockError::OutOfRange)), "{refused}");
        }
        assert!(HostClock::ahead_by(AHEAD_SECONDS_MAX).after(1).is_err());
    }

    #[test]
    fn a_kept_offset_is_read_back_and_a_damaged_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock.json");
        assert_eq!(HostClock::open(&path).unwrap().offset_seconds(), 0);
        fs::write(&path, kept(7)).unwrap();
        assert_eq!(HostClock::open(&path).unwrap().offset_seconds(), 7);
        for damaged in ["", "{}", r#"{"offset_seconds":-1}"#, r#"{"offset_seconds":99999999999}"#] {
            fs::write(&path, damaged).unwrap();
            let error = HostClock::open(&path).unwrap_err().to_string();
            assert!(error.contains("clock.json") && error.contains("damaged"), "{error}");
        }
    }
}
