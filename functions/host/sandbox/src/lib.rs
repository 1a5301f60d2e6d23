//! A payment provider to develop and test against: it speaks Stripe's HTTP API on loopback, takes no money, and goes
//! wrong in every way a provider can, on demand.
//!
//! Stripe's official SDKs and any connector written for Stripe work against it unchanged, in API version
//! `2026-10-28.endive`: payment intents (create, confirm, cancel, 3-D Secure), refunds, charges, balance, events,
//! signed webhooks and idempotency keys. What Stripe has and the sandbox has not is refused by name, never ignored.
//!
//! Money is in integer minor units throughout. Everything that was answered survives a SIGKILL of the process.
//!
//! # Faults
//!
//! A [`Fault`] is asked for in any of these ways:
//! - the request header `Sandbox-Fault: NAME[,NAME]` strikes that one request;
//! - `metadata[sandbox_fault]`, or a magic `amount`, strikes once per idempotency key, so that a retry gets through;
//! - `POST /_sandbox/faults`, or [`Settings::faults`], strikes whatever comes: a count, or a rate, for a time.
//!
//! | amount | fault | | amount | fault |
//! |---|---|---|---|---|
//! | 66601 | `latency` | | 66609 | `truncate` |
//! | 66602 | `reset-before` | | 66610 | `unreadable` |
//! | 66603 | `capture-then-reset` | | 66611 | `webhook-double` |
//! | 66604 | `500-before` | | 66612 | `webhook-delay` |
//! | 66605 | `500-stored` | | 66613 | `webhook-reorder` |
//! | 66606 | `capture-then-500` | | 66614 | `webhook-drop` |
//! | 66607 | `429` | | 66615 | `forget-keys` |
//! | 66608 | `stall` | | | |

#![recursion_limit = "256"]

// Starting, and the wire.
mod settings;

mod server;

mod http;
mod socket;

// One request, from its admission to its reply.
mod call;

mod auth;
mod form;
mod params;
mod refusal;
mod route;

mod perform;

mod answer;
mod state;
mod work;

// What the API does.
mod payment_intents;

mod attempt;

mod refund;

mod balance;

mod event;
mod expand;
mod lists;

// What it does it with.
mod cards;
mod charge;
mod currency;
mod intent;

// What happens without a request.
mod background;

mod signature;
mod webhooks;

mod three_d_secure;

// Faults and control.
mod control;
mod faults;

// What everything stands on.
mod clock;
mod ids;
mod storage;

pub use clock::Clock;
pub use faults::{Fault, FaultRule, HowOften, Requests, UnknownFault};
pub use server::{EndpointError, Sandbox, StartError, start};
pub use settings::{Settings, SettingsError, WebhookEndpoint, WebhookRetries};
pub use storage::open::OpenError;
pub use webhooks::ClientError;
