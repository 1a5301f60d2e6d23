use domain::time::Span;
use kit::environment::{ConfigurationError, Environment};
use kit::providers::{ProviderSettings, called};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the table of donations.
    pub donations_table: String,
    /// Name of the ledger's table.
    pub ledger_table: String,
    /// Name of the table of budgets, and of how far each provider was read.
    pub limits_table: String,
    /// Name of the work-list's table.
    pub work_table: String,
    /// ARN of the topic.
    pub events_topic_arn: String,
    /// IANA zone that decides an entry's business date.
    pub ledger_zone: String,
    /// How far each reading goes back behind the one before, so that what was late or failed is read again.
    pub overlap: Span,
    /// The providers.
    pub providers: Vec<ProviderSettings>,
}

/// Most hours that a run looks back: Stripe lists for as long as it keeps, but a run must end.
const HOURS_MAX: u64 = 24 * 31;

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(environment: &Environment) -> Result<Self, ConfigurationError> {
        let donations_table = environment.text("DONATIONS_TABLE");
        let ledger_table = environment.text("LEDGER_TABLE");
        let limits_table = environment.text("LIMITS_TABLE");
        let work_table = environment.text("WORK_TABLE");
        let events_topic_arn = environment.text("EVENTS_TOPIC_ARN");
        let ledger_zone = environment.text("LEDGER_ZONE");
        let overlap = environment.parsed("RECONCILE_HOURS", |text| {
            let hours = text.parse().ok().filter(|hours| (1..=HOURS_MAX).contains(hours));
            hours.map(Span::hours).ok_or_else(|| format!("must be a whole number from 1 to {HOURS_MAX}"))
        });
        let providers = called(environment);
        environment.build(|| {
            Some(Self {
                donations_table: donations_table?,
                ledger_table: ledger_table?,
                limits_table: limits_table?,
                work_table: work_table?,
                events_topic_arn: events_topic_arn?,
                ledger_zone: ledger_zone?,
                overlap: overlap?,
                providers: providers?,
            })
        })
    }
}
