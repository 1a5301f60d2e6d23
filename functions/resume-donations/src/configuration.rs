use kit::environment::{ConfigurationError, Environment};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// ARN of the topic.
    pub events_topic_arn: String,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(environment: &Environment) -> Result<Self, ConfigurationError> {
        let donations_table = environment.text("DONATIONS_TABLE");
        let events_topic_arn = environment.text("EVENTS_TOPIC_ARN");
        environment
            .build(|| Some(Self { donations_table: donations_table?, events_topic_arn: events_topic_arn? }))
    }
}
