//! The contract files and the Rust types say the same, in both directions.
//!
//! The files under `contracts/` are written by hand and are the truth; the types are written by hand and
//! small. What either says and the other lacks fails here: an example that does not parse or does not come
//! back as it was, a value that its schema refuses, an enum, heading, route, message or environment key that
//! only one side knows.

#![cfg(test)]

mod files;
mod generated;
mod schemas;

mod scalars;

mod http;
mod operator_functions;
mod operators;
mod problems;

mod events;

mod stored;
mod takings;

mod export;

mod metrics;

mod topology;

mod configuration;
