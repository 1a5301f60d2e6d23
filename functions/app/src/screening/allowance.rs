//! How much may go on without a check.

use std::sync::{Mutex, PoisonError};

use domain::time::Timestamp;

/// Milliseconds of a minute.
const MINUTE: u64 = 60_000;

/// So many a minute, by the minutes of the clock, in this process.
#[derive(Debug)]
pub struct Allowance {
    per_minute: u64,
    /// The minute, and how many of its were taken.
    taken: Mutex<(u64, u64)>,
}

impl Allowance {
    /// So many a minute.
    pub const fn new(per_minute: u64) -> Self {
        Self { per_minute, taken: Mutex::new((0, 0)) }
    }

    /// Takes one. False when none is left in this minute.
    pub(super) fn take(&self, now: Timestamp) -> bool {
        self.of_minute(now, |taken| {
            let is_left = *taken < self.per_minute;
            *taken = taken.saturating_add(1);
            is_left
        })
    }

    /// Whether one is left in this minute.
    pub(super) fn is_left(&self, now: Timestamp) -> bool {
        self.of_minute(now, |taken| *taken < self.per_minute)
    }

    fn of_minute<T>(&self, now: Timestamp, look: impl FnOnce(&mut u64) -> T) -> T {
        let minute = now.as_millis() / MINUTE;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.0 != minute {
            *taken = (minute, 0);
        }
        look(&mut taken.1)
    }
}
