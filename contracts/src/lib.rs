//! All that crosses a process boundary.
//!
//! The files beside this crate are the truth: `http/openapi.yaml`, `events/`, `topology.json`. The types here are
//! their small serde counterparts, and `tests/agreement` proves that the two say the same in both directions.

pub mod time;

pub mod http;
pub mod idempotency_key;
pub mod problem;
pub mod shape;

pub mod events;
pub mod providers;

pub mod telemetry;

pub mod stored;

pub mod export;

pub mod topology;
