use accept_donation::{Config, Function, handle};
use adapters_aws::{DynamoDonations, SecretsManagerKeys, SnsEvents, SystemClock};
use app::accept_donation::AcceptDonation;
use app::capability::StatusAddresses;
use lambda_runtime::{Error, service_fn};

use super::note_cold;
use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let keys = SecretsManagerKeys::new(&host.aws, config.capability_key_secret_arn, SystemClock);
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    let events = SnsEvents::new(&host.aws, config.events_topic_arn);
    let (keys_warm, donations_warm, events_warm) =
        tokio::join!(keys.warm_up(), donations.warm_up_writing(), events.warm_up());
    [keys_warm, donations_warm, events_warm].into_iter().for_each(note_cold);
    let function = Function {
        accept_donation: AcceptDonation {
            donations,
            events,
            clock: SystemClock,
            charity: config.charity,
            first_check_after: config.first_check_after,
        },
        addresses: StatusAddresses { keys, public_url: config.public_url },
        source_address: config.source_address,
        minimums: config.amount_min,
    };
    lambda_runtime::run(service_fn(|event| handle(&function, event))).await
}
