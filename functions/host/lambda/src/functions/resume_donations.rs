use adapters_aws::{DynamoDonations, SnsEvents, SystemClock};
use app::resume_donations::ResumeDonations;
use lambda_runtime::{Error, service_fn};
use resume_donations::{Config, handle};

use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let resume_donations = ResumeDonations {
        donations: DynamoDonations::new(&host.aws, config.donations_table),
        events: SnsEvents::patient(&host.aws, config.events_topic_arn),
        clock: SystemClock,
    };
    lambda_runtime::run(service_fn(|event| handle(&resume_donations, event))).await
}
