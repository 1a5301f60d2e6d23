use adapters_aws::{DynamoDonations, SnsEvents, SystemClock};
use app::resolve_review::ResolveReview;
use lambda_runtime::{Error, service_fn};
use resolve_review::{Config, handle};

use super::note_cold;
use crate::environment::Host;
use crate::providers::connect;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    note_cold(donations.warm_up_reading().await);
    let resolve_review = ResolveReview {
        donations,
        events: SnsEvents::new(&host.aws, config.events_topic_arn),
        connectors: connect(host, &config.limits_table, config.providers).await?,
        clock: SystemClock,
    };
    // Boxed once per process, for its size.
    Box::pin(lambda_runtime::run(service_fn(|event| handle(&resolve_review, event)))).await
}
