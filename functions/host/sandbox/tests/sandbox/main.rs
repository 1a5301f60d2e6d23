//! The sandbox over HTTP, as a connector sees it: every test starts one on a folder and a port of its own.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod client;
mod fixtures;
mod receiver;

mod declines;
mod payments;
mod refunds;
mod refusals;
mod shapes;
mod three_d_secure;

mod idempotency;
mod lists;

mod faults;
mod rules;

mod deliveries;
mod webhooks;

mod killed;
mod restart;
