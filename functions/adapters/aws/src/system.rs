//! The machine's own clock and source of ids.

use std::time::{SystemTime, UNIX_EPOCH};

use app::ports::{Clock, Ids};
use domain::time::Timestamp;
use uuid::Uuid;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// Now; the epoch itself on a machine whose clock stands before 1970.
    #[expect(clippy::disallowed_methods, reason = "this is the port that everybody else has to ask")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(
            u64::try_from(since.as_millis()).expect("milliseconds fit for 500 million years"),
        )
    }
}

/// UUIDs version 7 (RFC 9562, section 5.7): the machine's time and 74 random bits.
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidIds;

impl Ids for UuidIds {
    #[expect(clippy::disallowed_methods, reason = "this is the port that everybody else has to ask")]
    fn fresh(&self) -> String {
        Uuid::now_v7().hyphenated().to_string()
    }
}
