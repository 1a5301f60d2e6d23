//! Which connector speaks to which provider.

use domain::ids::Provider;

use crate::listing::Listing;
use crate::ports::{Fault, PaymentProvider};

/// The connectors that this environment was configured with, each for one provider.
#[derive(Debug)]
pub struct Connectors<P> {
    known: Vec<Known<P>>,
}

#[derive(Debug)]
struct Known<P> {
    provider: Provider,
    connector: P,
    listing: Listing,
}

impl<P> Connectors<P> {
    /// These connectors.
    pub fn new(connectors: Vec<(Provider, P)>) -> Self {
        let known = connectors.into_iter().map(|(provider, connector)| Known {
            provider,
            connector,
            listing: Listing::default(),
        });
        Self { known: known.collect() }
    }

    /// The connector for a provider.
    ///
    /// # Errors
    /// A permanent fault: none is configured, and somebody must mend that.
    pub fn of(&self, provider: Provider) -> Result<&P, Fault> {
        Ok(&self.known(provider)?.connector)
    }

    /// What this environment has read of the provider's list of payments.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn listing_of(&self, provider: Provider) -> Result<&Listing, Fault> {
        Ok(&self.known(provider)?.listing)
    }

    /// Every provider and its connector.
    pub fn iter(&self) -> impl Iterator<Item = (Provider, &P)> {
        self.known.iter().map(|known| (known.provider, &known.connector))
    }

    fn known(&self, provider: Provider) -> Result<&Known<P>, Fault> {
        self.known
            .iter()
            .find(|known| known.provider == provider)
            .ok_or_else(|| Fault::permanent("speak to the provider", format!("{provider} is not configured")))
    }
}

impl<P: PaymentProvider> Connectors<P> {
    /// Most milliseconds that one call to any of the providers may take.
    pub fn call_millis_max(&self) -> u64 {
        self.known.iter().map(|known| known.connector.call_millis_max()).max().unwrap_or(0)
    }
}
