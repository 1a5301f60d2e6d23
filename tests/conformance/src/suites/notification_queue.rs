//! `NotificationQueue`: what is asked for arrives.

use std::collections::BTreeSet;
use std::pin::pin;

use app::ports::NotificationQueue;
use contracts::events::{WebhookReceived, WebhookReceivedType};
use contracts::telemetry::{Scope, TraceContext, within};
use contracts::time::from_rfc3339;
use domain::ids::Provider;

use crate::fixtures::notification_id;
use crate::running::World;

/// A queue of notifications, empty at first.
pub(crate) trait NotificationQueueWorld: World {
    fn notification_queue(&self) -> impl NotificationQueue;

    /// What has arrived in the queue since the last time, at least `count` of them, each once.
    async fn queued(&self, count: usize) -> Vec<WebhookReceived>;
}

/// Holds an adapter to this suite.
macro_rules! notification_queue {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, notification_queue:
            a_queued_notification_arrives,
            queueing_again_sends_another_message,
            a_message_carries_the_trace_of_the_work_that_queues_it,
        }
    };
}
pub(crate) use notification_queue;

pub(crate) async fn a_queued_notification_arrives(world: &impl NotificationQueueWorld) {
    world.notification_queue().enqueue(Provider::STRIPE, &notification_id(1)).await.unwrap();
    let queued = world.queued(1).await;
    assert_eq!(queued.len(), 1);
    let message = &queued[0];
    assert_eq!(message.kind, WebhookReceivedType::WebhookReceivedV1);
    assert_eq!(message.provider, "stripe");
    assert_eq!(message.notification_id, notification_id(1).as_str());
    assert_eq!(message.traceparent, None);
    assert_eq!(message.id.parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
    from_rfc3339(&message.occurred_at).unwrap();
}

pub(crate) async fn a_message_carries_the_trace_of_the_work_that_queues_it(
    world: &impl NotificationQueueWorld,
) {
    let trace = TraceContext::begin("a test");
    let (queue, id) = (world.notification_queue(), notification_id(1));
    let work = pin!(queue.enqueue(Provider::STRIPE, &id));
    within(Scope::new(trace), work).await.0.unwrap();
    assert_eq!(world.queued(1).await[0].traceparent, Some(trace.to_string()));
}

pub(crate) async fn queueing_again_sends_another_message(world: &impl NotificationQueueWorld) {
    let queue = world.notification_queue();
    for number in [1, 1, 2] {
        queue.enqueue(Provider::STRIPE, &notification_id(number)).await.unwrap();
    }
    let queued = world.queued(3).await;
    let ids: BTreeSet<_> = queued.iter().map(|message| &message.id).collect();
    let about: Vec<_> = queued.iter().map(|message| message.notification_id.as_str()).collect();
    let first = about.iter().filter(|id| **id == notification_id(1).as_str()).count();
    assert_eq!((queued.len(), ids.len(), first), (3, 3, 2));
}
