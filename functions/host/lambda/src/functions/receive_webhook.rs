use adapters_aws::{DynamoNotifications, SecretsManagerCredentials, SqsNotificationQueue, SystemClock};
use adapters_providers::Speaker;
use app::receive_webhook::ReceiveWebhook;
use lambda_runtime::{Error, service_fn};
use receive_webhook::{Config, handle};

use super::note_cold;
use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let notifications = DynamoNotifications::new(&host.aws, config.notifications_table);
    let queue = SqsNotificationQueue::new(&host.aws, config.notifications_queue_url);
    let (notifications_warm, queue_warm) = tokio::join!(notifications.warm_up_writing(), queue.warm_up());
    [notifications_warm, queue_warm].into_iter().for_each(note_cold);
    let mut webhooks = Vec::with_capacity(config.providers.len());
    for sender in config.providers {
        let credentials = SecretsManagerCredentials::new(&host.aws, sender.secret_arn, SystemClock);
        note_cold(credentials.warm_up().await);
        webhooks.push(Speaker::new(&sender.name, credentials)?);
    }
    let receive_webhook = ReceiveWebhook { webhooks, notifications, queue, clock: SystemClock };
    lambda_runtime::run(service_fn(|event| handle(&receive_webhook, event))).await
}
