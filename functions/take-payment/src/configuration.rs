use kit::environment::{ConfigurationError, Environment};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// ARN of the topic.
    pub events_topic_arn: String,
    /// URL of the dead-letter queue.
    pub dead_letters_url: String,
    /// ARN of the secret that holds the provider's credentials.
    pub provider_secret_arn: String,
    /// ARN of the secret that holds the capability keys.
    pub capability_key_secret_arn: String,
    /// Base URL of the Stripe-speaking provider.
    pub stripe_url: String,
    /// Where donors reach the API.
    pub public_url: String,
}

impl Config {
    /// Every key that is read.
    pub const KEYS: &[&str] = &[
        "DONATIONS_TABLE",
        "EVENTS_TOPIC_ARN",
        "PAYMENTS_DEAD_LETTERS_URL",
        "PROVIDER_STRIPE_SECRET_ARN",
        "CAPABILITY_KEY_SECRET_ARN",
        "STRIPE_URL",
        "PUBLIC_URL",
    ];

    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(environment: &Environment) -> Result<Self, ConfigurationError> {
        let donations_table = environment.text("DONATIONS_TABLE");
        let events_topic_arn = environment.text("EVENTS_TOPIC_ARN");
        let dead_letters_url = environment.text("PAYMENTS_DEAD_LETTERS_URL");
        let provider_secret_arn = environment.text("PROVIDER_STRIPE_SECRET_ARN");
        let capability_key_secret_arn = environment.text("CAPABILITY_KEY_SECRET_ARN");
        let stripe_url = environment.text("STRIPE_URL");
        let public_url = environment.text("PUBLIC_URL");
        environment.build(|| {
            Some(Self {
                donations_table: donations_table?,
                events_topic_arn: events_topic_arn?,
                dead_letters_url: dead_letters_url?,
                provider_secret_arn: provider_secret_arn?,
                capability_key_secret_arn: capability_key_secret_arn?,
                stripe_url: stripe_url?,
                public_url: public_url?,
            })
        })
    }
}
