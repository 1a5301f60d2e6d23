use std::num::ParseIntError;

use domain::ids::CharityId;
use domain::minimum::Minimums;
use domain::time::Span;
use kit::environment::{ConfigurationError, Environment};

use crate::SourceAddress;

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// ARN of the topic.
    pub events_topic_arn: String,
    /// ARN of the secret that holds the capability keys.
    pub capability_key_secret_arn: String,
    /// The charity.
    pub charity: CharityId,
    /// Where donors reach the API.
    pub public_url: String,
    /// From acceptance to the completer's first look.
    pub first_check_after: Span,
    /// The least that may be given.
    pub amount_min: Minimums,
    /// Where a caller's address is read.
    pub source_address: SourceAddress,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(environment: &Environment) -> Result<Self, ConfigurationError> {
        let donations_table = environment.text("DONATIONS_TABLE");
        let events_topic_arn = environment.text("EVENTS_TOPIC_ARN");
        let capability_key_secret_arn = environment.text("CAPABILITY_KEY_SECRET_ARN");
        let charity = environment.parsed("CHARITY", CharityId::parse);
        let public_url = environment.text("PUBLIC_URL");
        let first_check_after = environment.parsed("FIRST_CHECK_SECONDS", |text| {
            text.parse().map(Span::seconds).map_err(|_: ParseIntError| "must be a whole number of seconds")
        });
        let amount_min = environment.parsed("AMOUNT_MIN", Minimums::parse);
        let source_address = environment.parsed("SOURCE_ADDRESS", SourceAddress::parse);
        environment.build(|| {
            Some(Self {
                donations_table: donations_table?,
                events_topic_arn: events_topic_arn?,
                capability_key_secret_arn: capability_key_secret_arn?,
                charity: charity?,
                public_url: public_url?,
                first_check_after: first_check_after?,
                amount_min: amount_min?,
                source_address: source_address?,
            })
        })
    }
}
