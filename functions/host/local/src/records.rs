//! What can be read of the pipeline wherever it runs: its tables, and the lists of its payment providers.

use std::sync::Arc;

use domain::ids::Provider as ProviderName;

use crate::aws::Aws;

/// The tables and the providers' accounts of one environment. Cheap to clone.
#[derive(Clone)]
pub struct Records(Arc<Held>);

/// What [`Records`] hold.
pub struct Held {
    /// Where the tables are.
    pub aws: Aws,
    /// The tables' names.
    pub tables: Tables,
    /// Where payments are taken.
    pub provider: Provider,
    /// For calls to the providers.
    pub http: reqwest::Client,
}

/// The physical names of the tables that are read here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Donations.
    pub donations: String,
    /// Journal entries, with the markers that make them unique.
    pub ledger: String,
    /// The work-list.
    pub work: String,
}

/// The payment providers that the functions talk to.
pub struct Provider {
    /// Base URL of Stripe, or of the sandbox, which is several providers at one address.
    pub url: String,
    /// The account at each provider.
    pub accounts: Vec<Account>,
    /// Whether it is the sandbox rather than providers themselves.
    pub is_sandbox: bool,
}

/// An account at one of the providers.
pub struct Account {
    /// Which provider.
    pub provider: ProviderName,
    /// Its base URL.
    pub url: String,
    /// Opens its API; never printed.
    pub api_key: String,
}

impl Records {
    /// Holds them.
    pub fn new(held: Held) -> Self {
        Self(Arc::new(held))
    }
}

impl std::ops::Deref for Records {
    type Target = Held;

    fn deref(&self) -> &Held {
        &self.0
    }
}
