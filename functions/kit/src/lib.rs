//! Lambda glue: everything that a handler needs and no use case should know.
//!
//! - [`environment`]: typed configuration, read whole and once, all mistakes reported together.
//! - [`providers`]: how payment providers are configured, by one naming rule.
//! - [`batch`]: an SQS batch as messages handled at once within a bound, each isolated from the others.
//! - [`http`]: API Gateway requests and answers, and problems in the form of RFC 9457.
//! - [`telemetry`]: one JSON line for each thing worth a line, and what was measured.

pub mod environment;
pub mod providers;

pub mod batch;
pub mod http;

mod metrics;
pub mod telemetry;

/// What is left of an invocation.
pub mod deadline {
    use std::time::Duration;

    /// Time left until `deadline_ms`, seen at `now_ms` (both epoch milliseconds); zero once it has passed.
    pub fn time_left(deadline_ms: u64, now_ms: u64) -> Duration {
        Duration::from_millis(deadline_ms.saturating_sub(now_ms))
    }
}
