use adapters_aws::{
    DynamoDonations, SecretsManagerCredentials, SecretsManagerKeys, SnsEvents, SqsDeadLetters, SystemClock,
};
use adapters_providers::stripe::{StripeConnector, StripeSettings, StripeTimeouts};
use app::capability::StatusAddresses;
use app::take_payment::TakePayment;
use lambda_runtime::{Error, service_fn};
use take_payment::{Config, handle};

use super::note_cold;
use crate::dead_letters::ParkedInSqs;
use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let keys = SecretsManagerKeys::new(&host.aws, config.capability_key_secret_arn, SystemClock);
    let credentials = SecretsManagerCredentials::new(&host.aws, config.provider_secret_arn, SystemClock);
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    let dead_letters = ParkedInSqs(SqsDeadLetters::new(&host.aws, config.dead_letters_url));
    let (keys_warm, credentials_warm, donations_warm) =
        tokio::join!(keys.warm_up(), credentials.warm_up(), donations.warm_up_reading());
    [keys_warm, credentials_warm, donations_warm].into_iter().for_each(note_cold);
    let provider = StripeConnector::new(StripeSettings {
        base_url: config.stripe_url,
        credentials,
        timeouts: StripeTimeouts::STANDARD,
    })?;
    let take_payment = TakePayment {
        donations,
        events: SnsEvents::new(&host.aws, config.events_topic_arn),
        provider,
        addresses: StatusAddresses { keys, public_url: config.public_url },
        clock: SystemClock,
    };
    lambda_runtime::run(service_fn(|event| handle(&take_payment, &dead_letters, event))).await
}
