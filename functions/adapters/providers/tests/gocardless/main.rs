//! The GoCardless connector against sockets that really reset, stall, truncate and lie, and against what GoCardless
//! says.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../collect_faults/mod.rs"]
mod collect_faults;
#[path = "../every_question/mod.rs"]
mod every_question;
#[path = "../listed/mod.rs"]
mod listed;
#[path = "../logs/mod.rs"]
mod logs;
#[path = "../payloads/mod.rs"]
mod payloads;
#[path = "../raw_server/mod.rs"]
mod server;

mod fixtures;

mod settings;

mod bounced;
mod cancel;
mod collect_answers;
mod collect_made_before;
mod collect_request;
mod find;
mod look_up;
mod secrecy;

mod effects;
mod notifications;
mod taken_back;
mod webhooks;

mod movements;
mod refunds;
mod settlement;
mod signs;
