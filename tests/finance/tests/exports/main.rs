//! Exports that the real use case wrote, judged by the real tools: sound ones pass, and every damage is
//! noticed.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod damage;
mod kinds;
mod ledgers;
mod nasty;
mod open_periods;
mod tools;
