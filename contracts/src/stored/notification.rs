//! A webhook notification as it was received.

use serde::{Deserialize, Serialize};

/// A verified webhook notification: what the provider sent, byte for byte.
///
/// May hold donors' data (a provider's event can name the donor), so it lies in a table that counts as such.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationItem {
    /// `provider#event id`.
    pub id: String,
    /// The raw body. Providers send JSON, which is UTF-8.
    pub body: String,
    /// When it was received.
    pub received_at: u64,
    /// Epoch seconds after which it may be deleted.
    pub expires_at: u64,
}
