//! A payment provider to develop and test against: it speaks Stripe's HTTP API on loopback, takes no money,
//! and goes wrong in every way a provider can, on demand.
//!
//! Stripe's official SDKs and any connector written for Stripe work against it unchanged, in API version
//! `2026-10-28.endive`: payment intents (create, confirm, cancel, 3-D Secure), refunds, charges, balance,
//! events, signed webhooks and idempotency keys. What Stripe has and the sandbox has not is refused by name,
//! never ignored.
//!
//! Money is in integer minor units throughout. Everything that was answered survives a SIGKILL of the
//! process.
//!
//! # Faults
//!
//! A fault is asked for in any of these ways:
//! - the request header `Sandbox-Fault: NAME[,NAME]` strikes that one request;
//! - `metadata[sandbox_fault]`, or a magic `amount`, strikes once per idempotency key, so that a retry gets
//!   through;
//! - `POST /_sandbox/faults` strikes whatever comes, for a number of `seconds` if wanted. `GET` shows the
//!   rules, `DELETE` ends them:
//!   - `{"name": "429", "above": 25}`: what comes beyond 25 in a second, as Stripe's own limiter does;
//!   - `{"name": "stall=500", "rate": 20}`: one in five;
//!   - `{"name": "500-stored", "count": 3}`: the next three.
//!
//! A name that waits may say how long, in milliseconds: `latency=500`.
//!
//! | fault | amount | what happens |
//! |---|---|---|
//! | `latency` | 66601 | the request waits before it is worked on; its key is in use meanwhile |
//! | `reset-before` | 66602 | the connection is reset, and nothing was done |
//! | `capture-then-reset` | 66603 | the connection is reset, although all was done |
//! | `500-before` | 66604 | 500; nothing was done, and the key may be tried again |
//! | `500-stored` | 66605 | 500; nothing was done, and the key answers 500 for ever |
//! | `capture-then-500` | 66606 | 500, although all was done, and the key answers 500 for ever |
//! | `429` | 66607 | the limiter refuses, and nothing was done |
//! | `stall` | 66608 | all was done; half the body comes, and then nothing for a long time |
//! | `truncate` | 66609 | all was done; half the body comes, and the connection is closed |
//! | `unreadable` | 66610 | all was done; the answer is a 200 that is not JSON |
//! | `webhook-double` | 66611 | each event is delivered twice |
//! | `webhook-delay` | 66612 | the events are delivered late |
//! | `webhook-reorder` | 66613 | the last event is delivered first |
//! | `webhook-drop` | 66614 | the events are never delivered, and can only be read |
//! | `forget-keys` | 66615 | every key is forgotten first, as if a day had passed |

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
pub use server::{Sandbox, StartError, start};
pub use settings::{Settings, SettingsError, WebhookEndpoint, WebhookRetries};
pub use storage::open::OpenError;
pub use webhooks::ClientError;
