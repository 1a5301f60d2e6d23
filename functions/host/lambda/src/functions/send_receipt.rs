use adapters_aws::{DynamoDonations, SecretsManagerKeys, SesMailer, SqsDeadLetters, SystemClock, UuidIds};
use app::capability::StatusAddresses;
use app::send_receipt::SendReceipt;
use lambda_runtime::{Error, service_fn};
use send_receipt::{Charity, Config, TemplateWriter, handle};

use super::note_cold;
use crate::dead_letters::ParkedInSqs;
use crate::environment::Host;
use crate::people::date_time_in;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let keys = SecretsManagerKeys::new(&host.aws, config.capability_key_secret_arn, SystemClock);
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    let (keys_warm, donations_warm) = tokio::join!(keys.warm_up(), donations.warm_up_reading());
    [keys_warm, donations_warm].into_iter().for_each(note_cold);
    let charity =
        Charity { name: config.charity_name, number: config.charity_number, contact: config.charity_contact };
    let dead_letters = ParkedInSqs(SqsDeadLetters::new(&host.aws, config.dead_letters_url));
    let send_receipt = SendReceipt {
        donations,
        mailer: SesMailer::new(&host.aws, &config.receipt_sender, config.receipt_configuration_set)?,
        writer: TemplateWriter::new(charity, date_time_in(&config.ledger_zone)?)?,
        addresses: StatusAddresses { keys, public_url: config.public_url },
        ids: UuidIds,
        clock: SystemClock,
    };
    lambda_runtime::run(service_fn(|event| handle(&send_receipt, &dead_letters, event))).await
}
