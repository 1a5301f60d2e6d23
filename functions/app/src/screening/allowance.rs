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

#[cfg(test)]
mod tests {
    use domain::time::Span;

    use super::*;

    #[test]
    fn so_many_are_taken_in_a_minute_of_the_clock_and_as_many_in_the_next() {
        let (allowance, start) = (Allowance::new(2), Timestamp::from_millis(7 * MINUTE));
        let end = start.plus(Span::millis(MINUTE - 1));
        assert!(allowance.take(start) && allowance.is_left(start), "one is left");
        assert!(allowance.take(end) && !allowance.is_left(end) && !allowance.take(end), "and then none");
        let next = start.plus(Span::minutes(1));
        assert!(allowance.is_left(next) && allowance.take(next) && allowance.take(next));
        assert!(!allowance.take(next.plus(Span::seconds(59))));
    }

    #[test]
    fn an_allowance_of_none_lets_nothing_through() {
        let (allowance, now) = (Allowance::new(0), Timestamp::from_millis(MINUTE));
        assert!(!allowance.is_left(now) && !allowance.take(now));
    }
}
