//! Stripe, or anything that speaks its API: `PaymentIntent`s, signed webhooks, snapshot events.
//!
//! What an answer means is decided in one module, `outcome`; what a notification means in `notifications`.
//!
//! | answer to "collect" | outcome |
//! |---|---|
//! | no connection: nothing was sent | not executed |
//! | 429; 409 with an error; 401 and 403, which also raise an alarm | not executed |
//! | 2xx | by the payment's status; an unknown one, or another donation's payment, is unknown |
//! | 2xx, `succeeded` | captured, with the amount that Stripe took, even where it is not the one asked for |
//! | 402 `card_error` | declined |
//! | 400 or 404 `resource_missing` for `payment_method` | declined: the token is unusable |
//! | 4xx `invalid_request_error` | rejected, unless Stripe asks for a retry (`Stripe-Should-Retry: true`): unknown |
//! | 400 `idempotency_error` | unknown: the key was used before, so a payment may exist |
//! | 5xx (a stored one that is replayed as well), timeout, reset, unreadable or endless body, anything else | unknown |
//!
//! `Stripe-Should-Retry: false` changes no outcome: it says not to call again, never that no money was taken. A call
//! that was turned away with 409 or 429 is made again in a moment unless it says so.
//!
//! Sources, under `docs.stripe.com`: `/api/payment_intents`, `/api/errors`, `/api/idempotent_requests`,
//! `/error-low-level`, `/rate-limits` and `/webhooks`; API version [`API_VERSION`].

mod balance;
mod declines;
mod disputes;
mod outcome;
mod refunds;
mod signs;
mod wire;

mod client;
mod connector;

mod notifications;
mod webhooks;

pub use crate::settings::{
    CallTimeouts as StripeTimeouts, ConnectorSettings as StripeSettings, SettingsError,
};
pub use connector::StripeConnector;
pub use notifications::StripeNotifications;
pub use webhooks::StripeWebhooks;

/// The version of Stripe's API that every call asks for, whatever the account's own version is.
pub const API_VERSION: &str = "2026-10-28.endive";
