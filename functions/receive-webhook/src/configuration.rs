use kit::environment::{ConfigurationError, Environment};
use kit::providers::{SenderSettings, senders};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of notifications.
    pub notifications_table: String,
    /// URL of the queue of notifications.
    pub notifications_queue_url: String,
    /// The providers whose webhooks are taken in.
    pub providers: Vec<SenderSettings>,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(environment: &Environment) -> Result<Self, ConfigurationError> {
        let notifications_table = environment.text("NOTIFICATIONS_TABLE");
        let notifications_queue_url = environment.text("NOTIFICATIONS_QUEUE_URL");
        let providers = senders(environment);
        environment.build(|| {
            Some(Self {
                notifications_table: notifications_table?,
                notifications_queue_url: notifications_queue_url?,
                providers: providers?,
            })
        })
    }
}
