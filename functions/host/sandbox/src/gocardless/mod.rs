//! GoCardless: Bacs Direct Debit payments, their refunds and payouts, and signed batches of events.
//!
//! The API is version `2015-07-06`, at the root of the host as GoCardless has it:
//! <https://developer.gocardless.com/api-reference>.

// One request, from its admission to its reply.
pub(crate) mod api;

mod auth;
mod document;
mod filters;
mod limiter;
mod refusal;
mod route;

mod perform;

mod key;

// What the API does.
mod lists;
mod payments;
mod refunds;

mod mandate;

// What it does it with.
mod cause;
mod days;
mod fee;
mod ids;

mod event;
mod item;
mod payment;
mod payout;
mod refund;

// What happens to a payment, whoever asks for it.
mod progress;

mod settle;

// What happens without a request.
pub(crate) mod letter;
pub(crate) mod timers;

// What only the sandbox has.
pub(crate) mod control;

mod storm;

pub(crate) mod account;

pub(crate) use event::DELIVERED_KIND;
