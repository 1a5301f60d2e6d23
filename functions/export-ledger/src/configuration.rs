use domain::ids::CharityId;
use jiff::tz::TimeZone;
use kit::environment::{ConfigurationError, Environment};

/// What the function reads from its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the ledger's table.
    pub ledger_table: String,
    /// Name of the bucket of exports.
    pub exports_bucket: String,
    /// IANA name of the zone that decides an entry's business date; the manifest says it.
    pub ledger_zone: String,
    /// The charity whose ledger it is; part of every key.
    pub charity: CharityId,
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn read(environment: &Environment) -> Result<Self, ConfigurationError> {
        let ledger_table = environment.text("LEDGER_TABLE");
        let exports_bucket = environment.text("EXPORTS_BUCKET");
        let ledger_zone = environment.parsed("LEDGER_ZONE", known_zone);
        let charity = environment.parsed("CHARITY", CharityId::parse);
        environment.build(|| {
            Some(Self {
                ledger_table: ledger_table?,
                exports_bucket: exports_bucket?,
                ledger_zone: ledger_zone?,
                charity: charity?,
            })
        })
    }
}

fn known_zone(name: &str) -> Result<String, &'static str> {
    let rule = "must be the IANA name of a time zone, such as Europe/London";
    TimeZone::get(name).map(|_| name.to_owned()).map_err(|_| rule)
}
