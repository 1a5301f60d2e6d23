use adapters_aws::{DynamoDonations, DynamoNotifications, SnsEvents, SqsDeadLetters, SystemClock};
use adapters_providers::stripe::StripeNotifications;
use app::apply_notification::ApplyNotification;
use apply_notification::{Config, handle};
use lambda_runtime::{Error, service_fn};

use super::note_cold;
use crate::dead_letters::ParkedInSqs;
use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    note_cold(donations.warm_up_reading().await);
    let dead_letters = ParkedInSqs(SqsDeadLetters::new(&host.aws, config.dead_letters_url));
    let apply_notification = ApplyNotification {
        notifications: DynamoNotifications::new(&host.aws, config.notifications_table),
        reader: StripeNotifications,
        donations,
        events: SnsEvents::new(&host.aws, config.events_topic_arn),
        clock: SystemClock,
    };
    lambda_runtime::run(service_fn(|event| handle(&apply_notification, &dead_letters, event))).await
}
