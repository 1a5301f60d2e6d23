use kit::environment::{ConfigurationError, Environment};
use kit::providers::{ProviderSettings, called};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// Name of the table of budgets.
    pub limits_table: String,
    /// Name of the work-list's table.
    pub work_table: String,
    /// ARN of the topic.
    pub events_topic_arn: String,
    /// URL of the dead-letter queue.
    pub dead_letters_url: String,
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
        let work_table = environment.text("WORK_TABLE");
        let events_topic_arn = environment.text("EVENTS_TOPIC_ARN");
        let dead_letters_url = environment.text("REFUNDS_DEAD_LETTERS_URL");
        let providers = called(environment);
        environment.build(|| {
            Some(Self {
                donations_table: donations_table?,
                limits_table: limits_table?,
                work_table: work_table?,
                events_topic_arn: events_topic_arn?,
                dead_letters_url: dead_letters_url?,
                providers: providers?,
            })
        })
    }
}
