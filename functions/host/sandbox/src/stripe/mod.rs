//! Stripe: its objects, its API under `/v1`, the bank's page under `/3ds` and its signed events.

// One request, from its admission to its reply.
pub(crate) mod api;

mod auth;
pub(crate) mod form;
mod params;
pub(crate) mod refusal;
mod route;

mod perform;

// What the API does.
mod payment_intents;

mod attempt;
mod late;

mod refund;

mod dispute;
mod disputes;

mod balance;
mod payout;

mod event;
mod expand;
mod lists;

// What it does it with.
mod cards;
mod charge;
mod currency;
mod intent;
mod kind;
mod method;
mod show;

// What only the sandbox has.
pub(crate) mod control;

// What happens without a request.
pub(crate) mod letter;
pub(crate) mod timers;

mod signature;

pub(crate) mod three_d_secure;
