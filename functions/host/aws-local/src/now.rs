//! The world's clock and fresh names. These endpoints stand in for AWS, which has its own; the functions'
//! time and ids come through ports, and the queues' rules are given both.

#![expect(clippy::disallowed_methods, reason = "the one place here that asks the system for time and ids")]

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// Milliseconds since the epoch; 0 on a machine whose clock is set before it.
pub(crate) fn system_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// A name that nothing else has.
pub(crate) fn fresh_id() -> String {
    Uuid::now_v7().to_string()
}

/// A number to disguise ids with.
pub(crate) fn fresh_seed() -> u64 {
    Uuid::now_v7().as_u64_pair().1
}
