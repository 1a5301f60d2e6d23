//! The machine's own clock, its timer and its source of ids.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use app::ports::{Clock, Ids, Pause};
use domain::time::{Span, Timestamp};
use uuid::Uuid;

/// How far ahead of the machine's clock this process lives; unset is not at all.
static AHEAD: OnceLock<Duration> = OnceLock::new();

/// The machine's clock, or a clock that runs ahead of it by a fixed time.
///
/// On AWS it is the machine's clock. The local host moves its whole stack ahead by days at once, and starts every
/// function process with how far ahead it is; see [`SystemClock::run_ahead`].
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// The process was told before how far ahead its clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("how far ahead the clock runs can be set once, before anything reads it")]
pub struct ClockIsSet;

impl SystemClock {
    /// Lets every clock of this process run ahead of the machine's by a fixed time. To be called once, at the start.
    /// The times in signatures of AWS requests, in log lines and in message ids stay the machine's.
    ///
    /// # Errors
    /// [`ClockIsSet`] when it was called before.
    pub fn run_ahead(by: Duration) -> Result<(), ClockIsSet> {
        AHEAD.set(by).map_err(|_| ClockIsSet)
    }
}

impl Clock for SystemClock {
    /// Now; the epoch itself on a machine whose clock stands before 1970.
    #[expect(clippy::disallowed_methods, reason = "this is the port that everybody else has to ask")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let since = since.saturating_add(AHEAD.get().copied().unwrap_or_default());
        Timestamp::from_millis(
            u64::try_from(since.as_millis()).expect("milliseconds fit for 500 million years"),
        )
    }
}

/// The runtime's timer, which no change of the clock disturbs.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioPause;

impl Pause for TokioPause {
    async fn pause(&self, span: Span) {
        tokio::time::sleep(Duration::from_millis(span.as_millis())).await;
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
