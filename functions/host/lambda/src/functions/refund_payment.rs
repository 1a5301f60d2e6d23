use adapters_aws::{DynamoDonations, DynamoWorkList, SnsEvents, SqsDeadLetters, SystemClock};
use app::refund_payment::RefundPayment;
use lambda_runtime::{Error, service_fn};
use refund_payment::{Config, handle};

use super::note_cold;
use crate::dead_letters::ParkedInSqs;
use crate::environment::Host;
use crate::providers::connect;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    let dead_letters = ParkedInSqs(SqsDeadLetters::new(&host.aws, config.dead_letters_url));
    let (donations_warm, connectors) =
        tokio::join!(donations.warm_up_reading(), connect(host, &config.limits_table, config.providers));
    note_cold(donations_warm);
    let refund_payment = RefundPayment {
        donations,
        events: SnsEvents::new(&host.aws, config.events_topic_arn),
        connectors: connectors?,
        work: DynamoWorkList::new(&host.aws, config.work_table),
        clock: SystemClock,
    };
    lambda_runtime::run(service_fn(|event| handle(&refund_payment, &dead_letters, event))).await
}
