use adapters_aws::{
    DynamoDonations, DynamoVelocity, SecretsManagerKeys, SnsEvents, SqsDeadLetters, SystemClock,
};
use app::capability::StatusAddresses;
use app::screening::{Allowance, RefusedSources, Screening};
use app::take_payment::TakePayment;
use domain::screening::Limits;
use lambda_runtime::{Error, service_fn};
use take_payment::{Config, handle};

use super::note_cold;
use crate::dead_letters::ParkedInSqs;
use crate::environment::Host;
use crate::providers::connect;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let keys = SecretsManagerKeys::new(&host.aws, config.capability_key_secret_arn, SystemClock);
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    let dead_letters = ParkedInSqs(SqsDeadLetters::new(&host.aws, config.dead_letters_url));
    let (keys_warm, donations_warm, connectors) = tokio::join!(
        keys.warm_up(),
        donations.warm_up_reading(),
        connect(host, &config.limits_table, config.providers)
    );
    [keys_warm, donations_warm].into_iter().for_each(note_cold);
    let take_payment = TakePayment {
        donations,
        events: SnsEvents::new(&host.aws, config.events_topic_arn),
        connectors: connectors?,
        addresses: StatusAddresses { keys, public_url: config.public_url },
        clock: SystemClock,
        screening: Screening {
            velocity: DynamoVelocity::new(&host.aws, config.limits_table.as_str()),
            limits: Limits::STANDARD,
            mode: config.screening,
            unscreened: Allowance::new(config.unscreened_per_minute),
            refused: RefusedSources::default(),
        },
    };
    lambda_runtime::run(service_fn(|event| handle(&take_payment, &dead_letters, event))).await
}
