use adapters_aws::{DynamoNotifications, SecretsManagerCredentials, SqsNotificationQueue, SystemClock};
use adapters_providers::stripe::StripeWebhooks;
use app::receive_webhook::ReceiveWebhook;
use lambda_runtime::{Error, service_fn};
use receive_webhook::{Config, handle};

use super::note_cold;
use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let credentials = SecretsManagerCredentials::new(&host.aws, config.provider_secret_arn, SystemClock);
    let notifications = DynamoNotifications::new(&host.aws, config.notifications_table);
    let queue = SqsNotificationQueue::new(&host.aws, config.notifications_queue_url);
    let (credentials_warm, notifications_warm, queue_warm) =
        tokio::join!(credentials.warm_up(), notifications.warm_up_writing(), queue.warm_up());
    [credentials_warm, notifications_warm, queue_warm].into_iter().for_each(note_cold);
    let webhooks = StripeWebhooks::new(credentials);
    let receive_webhook = ReceiveWebhook { webhooks, notifications, queue, clock: SystemClock };
    lambda_runtime::run(service_fn(|event| handle(&receive_webhook, event))).await
}
