//! The Stripe connector against sockets that really reset, stall, truncate and lie, and against what Stripe says.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;
mod server;

mod settings;

mod collect_answers;
mod collect_faults;
mod collect_request;
mod find;
mod look_up;
mod secrecy;

mod notifications;
mod webhooks;
