//! Receive a provider's webhook: verify it, keep it as it came, queue it, and only then say yes.

use domain::ids::NotificationId;

use crate::ports::{
    Clock, Fault, Notification, NotificationQueue, Notifications, SignedNotification, WebhookRefusal,
    Webhooks,
};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ReceiveWebhook<W, N, Q, C> {
    /// Who may speak for the provider.
    pub webhooks: W,
    /// Where notifications are kept.
    pub notifications: N,
    /// From where they are applied.
    pub queue: Q,
    /// The time.
    pub clock: C,
}

impl<W: Webhooks, N: Notifications, Q: NotificationQueue, C: Clock> ReceiveWebhook<W, N, Q, C> {
    /// Takes a webhook in. A repetition is queued again, because the first may never have reached the queue.
    ///
    /// # Errors
    /// The notification is not known to be kept and queued: the provider must be told to send it again.
    pub async fn run(
        &self,
        notification: SignedNotification<'_>,
    ) -> Result<Result<NotificationId, WebhookRefusal>, Fault> {
        let received_at = self.clock.now();
        let id = match self.webhooks.verify(notification, received_at).await? {
            Ok(id) => id,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Ok(body) = std::str::from_utf8(notification.body) else {
            return Ok(Err(WebhookRefusal::NotAnEvent));
        };
        let kept = Notification { id: id.clone(), body: body.to_owned(), received_at };
        self.notifications.keep(&kept).await?;
        self.queue.enqueue(self.webhooks.provider(), &id).await?;
        Ok(Ok(id))
    }
}
