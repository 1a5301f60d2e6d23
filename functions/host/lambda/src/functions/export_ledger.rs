use adapters_aws::{DynamoJournal, S3Exports};
use export_ledger::{Config, ExportLedger, handle};
use lambda_runtime::{Error, service_fn};

use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let export = ExportLedger {
        journal: DynamoJournal::new(&host.aws, config.ledger_table),
        exports: S3Exports::new(&host.aws, config.exports_bucket),
        charity: config.charity,
        zone: config.ledger_zone,
    };
    lambda_runtime::run(service_fn(|event| handle(&export, event))).await
}
