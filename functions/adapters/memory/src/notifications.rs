//! Raw notifications, the queue they are applied from, and parked messages.

use std::collections::BTreeMap;

use app::ports::{Fault, Notification, NotificationQueue, Notifications};
use contracts::events::{WebhookReceived, WebhookReceivedType};
use contracts::stored::NotificationItem;
use contracts::telemetry;
use contracts::time::to_rfc3339;
use domain::ids::{NotificationId, Provider};
use domain::time::Timestamp;

use crate::calls::Operation;
use crate::memory::{Memory, State};

const KEEP: &str = "keep a notification";
const LOAD: &str = "load a notification";
const ENQUEUE: &str = "queue a notification";
const PARK: &str = "park a message";

/// How long a notification is kept, as in DynamoDB.
const KEPT_SECONDS: u64 = 90 * 24 * 60 * 60;

/// A message that was taken out of the way of its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The message.
    pub body: String,
    /// Its text attributes.
    pub attributes: BTreeMap<String, String>,
    /// Why.
    pub reason: String,
}

impl Memory {
    /// Takes the messages queued since the last time, oldest first, for whoever delivers them.
    pub fn take_queued_notifications(&self) -> Vec<WebhookReceived> {
        std::mem::take(&mut self.state().queued)
    }

    /// Parks a message: the twin of a dead-letter queue.
    ///
    /// # Errors
    /// It may be parked or not.
    pub async fn park(
        &self,
        body: &str,
        attributes: &BTreeMap<String, String>,
        reason: &str,
    ) -> Result<(), Fault> {
        let parked =
            Parked { body: body.to_owned(), attributes: attributes.clone(), reason: reason.to_owned() };
        let call = self.call(Operation::ParkMessage, "", move |state| state.parked.push(parked));
        call.await.map_err(|struck| struck.fault(PARK))
    }

    /// Every parked message, oldest first.
    pub fn parked(&self) -> Vec<Parked> {
        self.state().parked.clone()
    }

    /// The messages parked since there were so many, oldest first.
    pub fn parked_since(&self, known: usize) -> Vec<Parked> {
        self.state().parked.iter().skip(known).cloned().collect()
    }
}

impl Notifications for Memory {
    async fn keep(&self, notification: &Notification) -> Result<bool, Fault> {
        let item = NotificationItem {
            id: notification.id.to_string(),
            body: notification.body.clone(),
            received_at: notification.received_at.as_millis(),
            expires_at: notification.received_at.as_seconds().saturating_add(KEPT_SECONDS),
        };
        let put = move |state: &mut State| {
            let is_new = !state.notifications.contains_key(&item.id);
            if is_new {
                state.notifications.insert(item.id.clone(), item);
            }
            is_new
        };
        let call = self.call(Operation::KeepNotification, notification.id.as_str(), put);
        call.await.map_err(|struck| struck.fault(KEEP))
    }

    async fn load(&self, id: &NotificationId) -> Result<Option<Notification>, Fault> {
        let key = id.to_string();
        let get = move |state: &mut State| state.notifications.get(&key).cloned();
        let call = self.call(Operation::LoadNotification, id.as_str(), get);
        let Some(found) = call.await.map_err(|struck| struck.fault(LOAD))? else { return Ok(None) };
        Ok(Some(Notification {
            id: NotificationId::parse(&found.id).map_err(|malformed| Fault::permanent(LOAD, malformed))?,
            body: found.body,
            received_at: Timestamp::from_millis(found.received_at),
        }))
    }
}

impl NotificationQueue for Memory {
    async fn enqueue(&self, provider: Provider, id: &NotificationId) -> Result<(), Fault> {
        let notification_id = id.to_string();
        let traceparent = telemetry::current().map(|trace| trace.to_string());
        let send = move |state: &mut State| {
            let message = WebhookReceived {
                id: state.fresh_id(),
                kind: WebhookReceivedType::WebhookReceivedV1,
                provider: provider.name().to_owned(),
                notification_id,
                occurred_at: to_rfc3339(state.now),
                traceparent,
            };
            state.queued.push(message);
        };
        let call = self.call(Operation::EnqueueNotification, id.as_str(), send);
        call.await.map_err(|struck| struck.fault(ENQUEUE))
    }
}
