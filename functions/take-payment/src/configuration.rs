use std::num::ParseIntError;

use app::screening::ScreeningMode;
use kit::environment::{ConfigurationError, Environment};
use kit::providers::{ProviderSettings, called};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// Name of the table of limits.
    pub limits_table: String,
    /// ARN of the topic.
    pub events_topic_arn: String,
    /// URL of the dead-letter queue.
    pub dead_letters_url: String,
    /// ARN of the secret that holds the capability keys.
    pub capability_key_secret_arn: String,
    /// The providers.
    pub providers: Vec<ProviderSettings>,
    /// Where donors reach the API.
    pub public_url: String,
    /// Whether screening has consequences.
    pub screening: ScreeningMode,
    /// How many payments a minute may go on unscreened in one environment.
    pub unscreened_per_minute: u64,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(environment: &Environment) -> Result<Self, ConfigurationError> {
        let donations_table = environment.text("DONATIONS_TABLE");
        let limits_table = environment.text("LIMITS_TABLE");
        let events_topic_arn = environment.text("EVENTS_TOPIC_ARN");
        let dead_letters_url = environment.text("PAYMENTS_DEAD_LETTERS_URL");
        let capability_key_secret_arn = environment.text("CAPABILITY_KEY_SECRET_ARN");
        let providers = called(environment);
        let public_url = environment.text("PUBLIC_URL");
        let screening = environment.parsed("SCREENING", ScreeningMode::parse);
        let unscreened_per_minute = environment.parsed("UNSCREENED_PER_MINUTE", |text| {
            text.parse().map_err(|_: ParseIntError| "must be a whole number")
        });
        environment.build(|| {
            Some(Self {
                donations_table: donations_table?,
                limits_table: limits_table?,
                events_topic_arn: events_topic_arn?,
                dead_letters_url: dead_letters_url?,
                capability_key_secret_arn: capability_key_secret_arn?,
                providers: providers?,
                public_url: public_url?,
                screening: screening?,
                unscreened_per_minute: unscreened_per_minute?,
            })
        })
    }
}
