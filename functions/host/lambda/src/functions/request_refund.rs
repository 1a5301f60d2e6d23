use adapters_aws::{DynamoDonations, SnsEvents, SystemClock};
use app::request_refund::RequestRefund;
use lambda_runtime::{Error, service_fn};
use request_refund::{Config, handle};

use super::note_cold;
use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    note_cold(donations.warm_up_reading().await);
    let events = SnsEvents::new(&host.aws, config.events_topic_arn);
    let request_refund = RequestRefund { donations, events, clock: SystemClock };
    lambda_runtime::run(service_fn(|event| handle(&request_refund, event))).await
}
