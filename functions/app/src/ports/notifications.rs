use domain::ids::{NotificationId, Provider};
use domain::time::Timestamp;

use super::Fault;

/// A verified webhook notification as it was received.
#[derive(Clone, PartialEq, Eq)]
pub struct Notification {
    /// `provider#event id`.
    pub id: NotificationId,
    /// The raw body.
    pub body: String,
    /// When it was received.
    pub received_at: Timestamp,
}

/// The store of raw webhook notifications.
pub trait Notifications {
    /// Keeps a notification; keeping it again changes nothing. True when it is new.
    fn keep(&self, notification: &Notification) -> impl Future<Output = Result<bool, Fault>>;

    /// The notification with this id.
    fn load(&self, id: &NotificationId) -> impl Future<Output = Result<Option<Notification>, Fault>>;
}

/// The queue from which notifications are applied.
pub trait NotificationQueue {
    /// Asks for a kept notification to be applied. After any fault it may be queued or not.
    fn enqueue(&self, provider: Provider, id: &NotificationId) -> impl Future<Output = Result<(), Fault>>;
}
