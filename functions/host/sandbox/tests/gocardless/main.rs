//! The sandbox as GoCardless over HTTP, as a connector sees it: every test starts one on a folder and a port
//! of its own.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod client;
mod fixtures;
mod receiver;

mod idempotency;
mod lists;
mod payments;
mod refunds;
mod refusals;

mod control;
mod life;
mod payouts;

mod faults;
mod limiter;

mod storm;
mod webhooks;

mod restart;
