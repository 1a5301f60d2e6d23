//! What the use cases need from the world, each named by the need.
//!
//! Every port says what an error means. A [`Fault::Transient`] may have had its effect or not, unless the port says
//! otherwise; every operation is safe to repeat. One conformance suite runs against every adapter of a port.

mod budgets;
mod donations;
mod events;
mod exports;
mod fault;
mod journal;
mod mailer;
mod notifications;
mod provider;
mod readings;
mod receipts;
mod secrets;
mod signs;
mod velocity;
mod webhooks;
mod work;
mod world;

pub use budgets::{Budgets, Pause};
pub use donations::{Acceptance, Donations, Saved, Stored};
pub use events::{DonationEventKind, Events};
pub use exports::Exports;
pub use fault::Fault;
pub use journal::{Journal, Posted};
pub use mailer::{Mail, MailFault, Mailer};
pub use notifications::{Notification, NotificationQueue, Notifications};
pub use provider::{Collected, Collection, MovementPage, PaymentPage, PaymentProvider, RefundOrder};
pub use readings::Readings;
pub use receipts::ReceiptWriter;
pub use secrets::{CapabilityKeys, Credentials, ProviderCredentials};
pub use signs::{Sign, Watched};
pub use velocity::{Note, Velocity};
pub use webhooks::{
    About, Effect, NotificationReader, SignedNotification, Verified, WebhookRefusal, Webhooks,
};
pub use work::WorkList;
pub use world::{Calendar, Clock, Ids};
