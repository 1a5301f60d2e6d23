use adapters_aws::{DynamoDonations, SecretsManagerKeys, SystemClock};
use app::capability::StatusAddresses;
use app::show_donation::ShowDonation;
use lambda_runtime::{Error, service_fn};
use show_donation::{Config, handle};

use super::note_cold;
use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let keys = SecretsManagerKeys::new(&host.aws, config.capability_key_secret_arn, SystemClock);
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    let (keys_warm, donations_warm) = tokio::join!(keys.warm_up(), donations.warm_up_reading());
    [keys_warm, donations_warm].into_iter().for_each(note_cold);
    let addresses = StatusAddresses { keys, public_url: config.public_url };
    let show_donation = ShowDonation { donations, addresses };
    lambda_runtime::run(service_fn(|event| handle(&show_donation, event))).await
}
