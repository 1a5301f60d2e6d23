use adapters_aws::{
    DynamoDonations, DynamoJournal, DynamoReadings, DynamoWorkList, SnsEvents, SystemClock, ZoneCalendar,
};
use app::reconcile_payments::ReconcilePayments;
use lambda_runtime::{Error, service_fn};
use reconcile_payments::{Config, handle};

use super::note_cold;
use crate::environment::Host;
use crate::providers::connect;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    note_cold(donations.warm_up_reading().await);
    let reconcile_payments = ReconcilePayments {
        donations,
        events: SnsEvents::patient(&host.aws, config.events_topic_arn),
        journal: DynamoJournal::new(&host.aws, config.ledger_table),
        connectors: connect(host, &config.limits_table, config.providers).await?,
        work: DynamoWorkList::new(&host.aws, config.work_table),
        readings: DynamoReadings::new(&host.aws, config.limits_table),
        calendar: ZoneCalendar::new(&config.ledger_zone)?,
        clock: SystemClock,
    };
    lambda_runtime::run(service_fn(|event| handle(&reconcile_payments, config.overlap, event))).await
}
