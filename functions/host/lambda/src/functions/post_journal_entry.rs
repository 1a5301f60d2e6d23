use adapters_aws::{DynamoDonations, DynamoJournal, SqsDeadLetters, SystemClock, ZoneCalendar};
use app::post_journal_entry::PostJournalEntry;
use lambda_runtime::{Error, service_fn};
use post_journal_entry::{Config, handle};

use super::note_cold;
use crate::dead_letters::ParkedInSqs;
use crate::environment::Host;

pub(crate) async fn run(host: &Host) -> Result<(), Error> {
    let config = Config::read(&host.values)?;
    let calendar = ZoneCalendar::new(&config.ledger_zone)?;
    let donations = DynamoDonations::new(&host.aws, config.donations_table);
    note_cold(donations.warm_up_reading().await);
    let dead_letters = ParkedInSqs(SqsDeadLetters::new(&host.aws, config.dead_letters_url));
    let journal = DynamoJournal::new(&host.aws, config.ledger_table);
    let post_journal_entry = PostJournalEntry { donations, journal, calendar, clock: SystemClock };
    lambda_runtime::run(service_fn(|event| handle(&post_journal_entry, &dead_letters, event))).await
}
