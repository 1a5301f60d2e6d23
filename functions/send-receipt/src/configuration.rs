use kit::environment::{ConfigurationError, Environment};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// URL of the dead-letter queue.
    pub dead_letters_url: String,
    /// ARN of the secret that holds the capability keys.
    pub capability_key_secret_arn: String,
    /// Legal name of the charity.
    pub charity_name: String,
    /// Registered number of the charity.
    pub charity_number: String,
    /// Address that a donor may write to.
    pub charity_contact: String,
    /// Verified sender of receipts.
    pub receipt_sender: String,
    /// SES configuration set.
    pub receipt_configuration_set: String,
    /// Where donors reach the API.
    pub public_url: String,
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
        let dead_letters_url = environment.text("RECEIPTS_DEAD_LETTERS_URL");
        let capability_key_secret_arn = environment.text("CAPABILITY_KEY_SECRET_ARN");
        let charity_name = environment.text("CHARITY_NAME");
        let charity_number = environment.text("CHARITY_NUMBER");
        let charity_contact = environment.text("CHARITY_CONTACT");
        let receipt_sender = environment.text("RECEIPT_SENDER");
        let receipt_configuration_set = environment.text("RECEIPT_CONFIGURATION_SET");
        let public_url = environment.text("PUBLIC_URL");
        let ledger_zone = environment.text("LEDGER_ZONE");
        environment.build(|| {
            Some(Self {
                donations_table: donations_table?,
                dead_letters_url: dead_letters_url?,
                capability_key_secret_arn: capability_key_secret_arn?,
                charity_name: charity_name?,
                charity_number: charity_number?,
                charity_contact: charity_contact?,
                receipt_sender: receipt_sender?,
                receipt_configuration_set: receipt_configuration_set?,
                public_url: public_url?,
                ledger_zone: ledger_zone?,
            })
        })
    }
}
