//! Payment connectors: one module per provider, each the only place that knows the provider's words.
//!
//! A connector implements [`app::ports::PaymentProvider`], [`app::ports::Webhooks`] and
//! [`app::ports::NotificationReader`]. Each has to be asked three questions by whoever adds one: which answers prove
//! that no money was taken, which prove that it was, and (everything else) which prove nothing.

pub mod gocardless;
pub mod stripe;

mod any;
mod http;
mod outcomes;
mod secrets;
mod settings;
mod words;

pub use any::{Connector, ConnectorError, EveryNotification, Speaker, UnknownProvider};
pub use settings::{CallTimeouts, ConnectorSettings, SettingsError};
