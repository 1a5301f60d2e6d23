//! Logs: JSON lines on standard output, warnings and worse unless `LOG_LEVEL` says otherwise.
//!
//! A line is written where something is handled, once. No event, body, token, name or address is ever logged; ids are.

use tracing_subscriber::EnvFilter;

/// Sets the process's log up. Called once, before anything else.
pub fn start() {
    let filter = EnvFilter::try_from_env("LOG_LEVEL").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_env_filter(filter)
        .init();
}
