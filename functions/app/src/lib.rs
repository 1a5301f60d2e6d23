//! Use cases, and the ports they need. No SDK, no HTTP, no Lambda, no clock of its own.
//!
//! Each use case is one function over the ports it uses. It returns what happened, a refusal (the domain said no:
//! acknowledge the message) or a [`Fault`] (it could not be done: try again, or park it).

pub mod ports;

pub mod capability;
pub mod connectors;
pub mod listing;
pub mod marks;

mod stored_donation;
mod work;

mod follow_payment;

pub mod accept_donation;
pub mod show_donation;

pub mod metered;

pub mod apply_notification;
pub mod receive_webhook;
pub mod screening;
pub mod take_payment;

pub mod refund_payment;
pub mod request_refund;
pub mod resolve_review;

pub mod reconcile_payments;

pub mod post_journal_entry;
pub mod send_receipt;

pub mod resume_donations;

pub use ports::Fault;
