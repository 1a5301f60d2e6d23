//! `apply-notification`: apply a kept webhook notification to its donation.
//!
//! In: `webhook.received.v1` from the queue `notifications`. Out: the donation, moved forward or left as it is, and
//! `payment.captured.v1`, `payment.reversed.v1` or `refund.requested.v1` when that is what happened. What nobody has
//! taught us is parked; money without a donation goes to the work-list.

mod configuration;

use std::time::Duration;

use app::apply_notification::{Application, ApplyNotification};
use app::ports::{Clock, Donations, Events, NotificationReader, Notifications, PaymentProvider, WorkList};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use contracts::events::WebhookReceived;
use domain::ids::NotificationId;
use kit::batch::{Bounds, DeadLetters, Disposition, for_each_message};
use lambda_runtime::{Error, LambdaEvent};

pub use configuration::Config;

/// Messages of one batch handled at once; the topology says the same.
pub const MESSAGES_AT_ONCE: usize = 10;
/// Time that a message needs besides the questions to its provider.
const STORE_TIME: Duration = Duration::from_secs(4);

/// Handles one batch.
///
/// # Errors
/// A record carries no message id: the whole batch comes back.
pub async fn handle<N, R, D, E, P, W, C>(
    apply_notification: &ApplyNotification<N, R, D, E, P, W, C>,
    dead_letters: &impl DeadLetters,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, Error>
where
    N: Notifications,
    R: NotificationReader,
    D: Donations,
    E: Events,
    P: PaymentProvider,
    W: WorkList,
    C: Clock,
{
    // Few notifications call for a question to the provider, and hardly any for a slow one: a second question that does
    // not end in time is asked again when the message comes back.
    let call_time = Duration::from_millis(apply_notification.connectors.call_millis_max());
    let bounds = Bounds { at_once: MESSAGES_AT_ONCE, needs: call_time + STORE_TIME };
    let deadline = event.context.deadline;
    let time_left = || kit::deadline::time_left(deadline, apply_notification.clock.now().as_millis());
    for_each_message(event.payload, bounds, time_left, dead_letters, async |message: WebhookReceived| {
        let Ok(id) = NotificationId::parse(&message.notification_id) else {
            return Disposition::Park { reason: "notification_id is malformed".to_owned() };
        };
        match apply_notification.run(&id).await {
            Ok(Application::Applied | Application::Orphan) => Disposition::Ack,
            Ok(Application::TooEarly) => {
                Disposition::Retry { reason: format!("notification {id}: ahead of what it builds on") }
            }
            Ok(Application::Parked(why)) => Disposition::Park { reason: format!("notification {id}: {why}") },
            Err(fault) => Disposition::Retry { reason: format!("notification {id}: {}", fault.chain()) },
        }
    })
    .await
}

#[cfg(test)]
mod tests;
