use kit::environment::{ConfigurationError, Environment};
use kit::providers::{ProviderSettings, called};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// Name of the table of budgets.
    pub limits_table: String,
    /// ARN of the topic.
    pub events_topic_arn: String,
    /// The providers.
    pub providers: Vec<ProviderSettings>,
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
        let providers = called(environment);
        environment.build(|| {
            Some(Self {
                donations_table: donations_table?,
                limits_table: limits_table?,
                events_topic_arn: events_topic_arn?,
                providers: providers?,
            })
        })
    }
}
