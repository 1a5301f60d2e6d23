//! The sandbox over HTTP, as a connector sees it: every test starts one on a folder and a port of its own.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod client;
mod fixtures;
mod receiver;

mod declines;
mod disputes;
mod late;
mod payments;
mod payouts;
mod refunds;
mod refusals;
mod shapes;
mod three_d_secure;

mod idempotency;
mod lists;

mod faults;
mod outage;
mod rules;

mod days;
mod deliveries;
mod storm;
mod webhooks;

mod killed;
mod restart;
