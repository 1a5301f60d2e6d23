//! The running stack, black box: the real `outpour` and `bootstrap` binaries as child processes, spoken to
//! over HTTP and the command line, killed for real, and looked at on disk.
//!
//! Each test has a stack of its own on free ports in a folder of its own; at most two run at a time. A test
//! that fails prints the ends of its stack's logs.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod stack;

mod idempotency;
mod lost_answers;
mod notifications;
mod three_d_secure;

mod killed_functions;
mod killed_receipts;
mod killed_stack;

mod fast_forward;
mod fast_forward_webhooks;
mod full_disk;
mod pacing;
mod provider_away;

mod parked;
mod redrive;

mod nastiest;

mod bounced_payouts;
mod breaches;
mod direct_debits;
mod exports;
mod surge_of_both;
mod taken_back;

mod card_numbers;
mod card_testers;
mod money_back;
mod permissions;
mod refusals;
mod runbook;
mod secrecy;
mod smoke;
mod telemetry;
mod unfit_environment;
