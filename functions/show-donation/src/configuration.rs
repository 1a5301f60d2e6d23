use kit::environment::{ConfigurationError, Environment};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// ARN of the secret that holds the capability keys.
    pub capability_key_secret_arn: String,
    /// Where donors reach the API.
    pub public_url: String,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(environment: &Environment) -> Result<Self, ConfigurationError> {
        let donations_table = environment.text("DONATIONS_TABLE");
        let capability_key_secret_arn = environment.text("CAPABILITY_KEY_SECRET_ARN");
        let public_url = environment.text("PUBLIC_URL");
        environment.build(|| {
            Some(Self {
                donations_table: donations_table?,
                capability_key_secret_arn: capability_key_secret_arn?,
                public_url: public_url?,
            })
        })
    }
}
