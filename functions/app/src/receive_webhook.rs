//! Receive a provider's webhook: verify it, keep it as it came, queue it, and only then say yes.

use crate::ports::{
    Clock, Fault, Notification, NotificationQueue, Notifications, SignedNotification, Verified,
    WebhookRefusal, Webhooks,
};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ReceiveWebhook<W, N, Q, C> {
    /// Who may speak for each provider.
    pub webhooks: Vec<W>,
    /// Where notifications are kept.
    pub notifications: N,
    /// From where they are applied.
    pub queue: Q,
    /// The time.
    pub clock: C,
}

impl<W: Webhooks, N: Notifications, Q: NotificationQueue, C: Clock> ReceiveWebhook<W, N, Q, C> {
    /// Who may speak for this provider; `None` when nobody was configured.
    pub fn speaker(&self, provider: &str) -> Option<&W> {
        self.webhooks.iter().find(|webhooks| webhooks.provider().name() == provider)
    }

    /// Takes a webhook in: all of its notifications are kept and queued before it is answered. A repetition is queued
    /// again, because the first may never have reached the queue.
    ///
    /// # Errors
    /// Some notification is not known to be kept and queued: the provider must be told to send them again.
    pub async fn run(
        &self,
        speaker: &W,
        notification: SignedNotification<'_>,
    ) -> Result<Result<(), WebhookRefusal>, Fault> {
        let received_at = self.clock.now();
        let verified = match speaker.verify(notification, received_at).await? {
            Ok(verified) => verified,
            Err(refusal) => return Ok(Err(refusal)),
        };
        for Verified { id, body } in verified {
            let kept = Notification { id: id.clone(), body, received_at };
            self.notifications.keep(&kept).await?;
            self.queue.enqueue(speaker.provider(), &id).await?;
        }
        Ok(Ok(()))
    }
}
