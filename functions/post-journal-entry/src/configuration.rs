use kit::environment::{ConfigurationError, Environment};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// Name of the ledger's table.
    pub ledger_table: String,
    /// URL of the dead-letter queue.
    pub dead_letters_url: String,
    /// IANA name of the zone that decides an entry's business date.
    pub ledger_zone: String,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(environment: &Environment) -> Result<Self, ConfigurationError> {
        let donations_table = environment.text("DONATIONS_TABLE");
        let ledger_table = environment.text("LEDGER_TABLE");
        let dead_letters_url = environment.text("LEDGER_DEAD_LETTERS_URL");
        let ledger_zone = environment.text("LEDGER_ZONE");
        environment.build(|| {
            Some(Self {
                donations_table: donations_table?,
                ledger_table: ledger_table?,
                dead_letters_url: dead_letters_url?,
                ledger_zone: ledger_zone?,
            })
        })
    }
}
