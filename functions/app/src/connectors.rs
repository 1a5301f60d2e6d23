//! Which connector speaks to which provider.

use domain::ids::Provider;

use crate::ports::{Fault, PaymentProvider};

/// The connectors that this environment was configured with, each for one provider.
#[derive(Debug)]
pub struct Connectors<P> {
    known: Vec<(Provider, P)>,
}

impl<P> Connectors<P> {
    /// These connectors.
    pub const fn new(known: Vec<(Provider, P)>) -> Self {
        Self { known }
    }

    /// The connector for a provider.
    ///
    /// # Errors
    /// A permanent fault: none is configured, and somebody must mend that.
    pub fn of(&self, provider: Provider) -> Result<&P, Fault> {
        self.known
            .iter()
            .find_map(|(known, connector)| (*known == provider).then_some(connector))
            .ok_or_else(|| Fault::permanent("speak to the provider", format!("{provider} is not configured")))
    }

    /// Every provider and its connector.
    pub fn iter(&self) -> impl Iterator<Item = (Provider, &P)> {
        self.known.iter().map(|(provider, connector)| (*provider, connector))
    }
}

impl<P: PaymentProvider> Connectors<P> {
    /// Most milliseconds that one call to any of the providers may take.
    pub fn call_millis_max(&self) -> u64 {
        self.known.iter().map(|(_, connector)| connector.call_millis_max()).max().unwrap_or(0)
    }
}
