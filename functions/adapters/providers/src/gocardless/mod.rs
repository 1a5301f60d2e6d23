//! GoCardless, or anything that speaks its API: Bacs Direct Debit.
//!
//! The token is a mandate (`MD…`) that the donor has given; a payment is asked for against it, confirmed days later,
//! and may be taken back after that, for ever, under the Direct Debit Guarantee. What an answer means is decided in one
//! module, `outcome`; what a notification means in `notifications`.
//!
//! | answer to "collect" | outcome |
//! |---|---|
//! | no connection: nothing was sent | not executed |
//! | 429; 401 and 403, which also raise an alarm | not executed |
//! | 2xx | by the payment's status; an unknown one, or another donation's payment, is unknown |
//! | `invalid_state`, `idempotent_creation_conflict` | the payment that the key made is read: it means success |
//! | `invalid_state`, `mandate_…` or `bank_account_disabled`; `link_not_found` | declined: the mandate is unusable |
//! | `invalid_state`, anything else | unknown: this kind of error may mean that it was done before |
//! | `validation_failed`, `invalid_api_usage` | rejected |
//! | 5xx, timeout, reset, unreadable or endless body, anything else | unknown |
//!
//! | status | outcome |
//! |---|---|
//! | `pending_customer_approval`, `pending_submission`, `submitted` | processing |
//! | `confirmed`, `paid_out` | captured |
//! | `cancelled`, `customer_approval_denied` | cancelled |
//! | `failed` | declined |
//! | `charged_back` | captured: the money was there, and that a bank took it back is a dispute |
//!
//! Of a payment that is looked up its events are read too where it is `failed`: one that was `confirmed` before was
//! captured, and is taken back since. A cancelled chargeback gives the money back.
//!
//! Sources: `developer.gocardless.com/api-reference`, and GoCardless's own SDKs `gocardless_pro` 3.22.0 and
//! `gocardless-nodejs` 10.1.2; API version [`API_VERSION`].

mod declines;
mod outcome;
mod requests;
mod signs;
mod wire;

mod client;
mod connector;
mod life;

mod notifications;
mod webhooks;

mod movements;
mod refunds;
mod settlement;

pub use crate::settings::{
    CallTimeouts as GoCardlessTimeouts, ConnectorSettings as GoCardlessSettings, SettingsError,
};
pub use connector::GoCardlessConnector;
pub use notifications::{GoCardlessNotice, GoCardlessNotifications};
pub use settlement::{GoCardlessMovement, GoCardlessPayout, Moved, PayoutStatus, SettlementRefusal};
pub use webhooks::GoCardlessWebhooks;

/// The name of this provider in ids, stored items and the API.
pub const PROVIDER: &str = "gocardless";

/// The version of GoCardless's API that every call asks for.
pub const API_VERSION: &str = "2015-07-06";
