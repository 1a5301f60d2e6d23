//! Our side of every comparison, and invented donations.

use std::fs;
use std::path::PathBuf;

use adapters_providers::CallTimeouts;
use adapters_providers::gocardless::{GoCardlessConnector, GoCardlessSettings};
use app::ports::{Clock, Collection, Credentials, Fault, ProviderCredentials};
use domain::currency::Currency;
use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey};
use domain::money::Money;
use domain::time::Timestamp;

pub(crate) const API_KEY: &str = "sandbox_invented_and_secret";

/// Credentials that are at hand: the one API key, and these webhook secrets.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Vec<String>);

impl ProviderCredentials for Known {
    async fn credentials(&self) -> Result<Credentials, Fault> {
        let webhook_secrets = self.0.iter().map(|secret| secret.as_str().into()).collect();
        Ok(Credentials { api_key: API_KEY.into(), webhook_secrets })
    }
}

/// Our connector, calling there.
pub(crate) fn connector(url: &str) -> GoCardlessConnector<Known> {
    let (base_url, credentials) = (url.to_owned(), Known(Vec::new()));
    let timeouts = CallTimeouts::STANDARD;
    GoCardlessConnector::new(GoCardlessSettings { base_url, credentials, timeouts }).unwrap()
}

/// The donation that the recorded payments are for.
pub(crate) fn collection() -> Collection {
    let donation = DonationId::parse("adaexampledonation22222222").unwrap();
    Collection {
        key: ProviderKey::of_attempt(&donation, 1),
        appeal: Appeal::parse("winter-example").unwrap(),
        amount: Money::from_minor(2_500, Currency::GBP).unwrap(),
        token: PaymentToken::parse("MD0EXAMPLE0001").unwrap(),
        return_url: format!("https://give.example.org/donations/{donation}"),
        step_up: false,
        donation,
    }
}

/// Every file of a kind (`answers` or `notifications`) in `contracts/providers/gocardless`, by name.
pub(crate) fn contracts(kind: &str) -> Vec<(String, String)> {
    let providers = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/providers/gocardless");
    let entries = fs::read_dir(providers.join(kind)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, String)> = paths
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are {kind} to read");
    files
}

/// One of those files.
pub(crate) fn contract(kind: &str, name: &str) -> String {
    contracts(kind).into_iter().find(|(found, _)| found == name).unwrap_or_else(|| panic!("no {name}")).1
}

/// A clock that stands still, so that there is time for every page.
pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }
}
