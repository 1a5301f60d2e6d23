//! The rate limiter: so many requests in a minute, and on every answer how many are left.
//!
//! Rules: <https://developer.gocardless.com/api-reference/#making-requests-rate-limiting>.

use std::sync::{Mutex, PoisonError};

use super::days;
use crate::http::Reply;

const MINUTE_MS: i64 = 60_000;

/// Counts the requests of the current minute.
#[derive(Debug)]
pub(crate) struct Limiter {
    per_minute: u32,
    /// The minute that was last looked at, and the requests that came in it.
    seen: Mutex<(i64, u32)>,
}

/// Where the account stands after one more request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    limit: u32,
    remaining: u32,
    /// When the next minute begins, in milliseconds since the Unix epoch.
    reset_ms: i64,
    /// Whether the request was one too many.
    pub(crate) exceeded: bool,
}

impl Limiter {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, seen: Mutex::new((0, 0)) }
    }

    /// Counts one request.
    pub(crate) fn count(&self, now_ms: i64) -> Allowance {
        let minute = now_ms.div_euclid(MINUTE_MS);
        // The pair is changed in one assignment, so a panic elsewhere cannot have left it half changed.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let count = if seen.0 == minute { seen.1.saturating_add(1) } else { 1 };
        *seen = (minute, count);
        Allowance {
            limit: self.per_minute,
            remaining: self.per_minute.saturating_sub(count),
            reset_ms: (minute + 1).saturating_mul(MINUTE_MS),
            exceeded: count > self.per_minute,
        }
    }
}

impl Allowance {
    /// The same, with nothing left: what a client sees that is refused.
    pub(crate) fn spent(self) -> Self {
        Self { remaining: 0, ..self }
    }

    /// Adds the headers that every answer has.
    pub(crate) fn stamp(self, reply: Reply) -> Reply {
        reply
            .with("ratelimit-limit", self.limit.to_string())
            .with("ratelimit-remaining", self.remaining.to_string())
            .with("ratelimit-reset", days::http_date(self.reset_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_per_minute_of_the_clock() {
        let limiter = Limiter::new(2);
        let exceeded = |now_ms| limiter.count(now_ms).exceeded;
        assert_eq!([exceeded(0), exceeded(1), exceeded(59_999)], [false, false, true]);
        assert!(!exceeded(60_000), "a new minute");
    }
}
