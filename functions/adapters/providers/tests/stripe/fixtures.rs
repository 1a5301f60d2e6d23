//! What Stripe says, from `contracts/providers/stripe`, and a connector to say it to.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use adapters_providers::stripe::{StripeConnector, StripeSettings, StripeTimeouts};
use app::ports::{Collection, Credentials, Fault, ProviderCredentials};
use domain::currency::Currency;
use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey, ProviderReference};
use domain::money::Money;
use serde_json::Value;

pub(crate) const API_KEY: &str = "sk_test_invented_and_secret";
pub(crate) const DONATION: &str = "adaexampledonation22222222";
pub(crate) const REFERENCE: &str = "pi_3Example00000000000001";

/// Credentials that are at hand.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Vec<&'static str>);

impl ProviderCredentials for Known {
    async fn credentials(&self) -> Result<Credentials, Fault> {
        let webhook_secrets = self.0.iter().map(|&secret| secret.into()).collect();
        Ok(Credentials { api_key: API_KEY.into(), webhook_secrets })
    }
}

pub(crate) fn connector(url: &str) -> StripeConnector<Known> {
    connector_with(url, StripeTimeouts::STANDARD)
}

/// A connector that loses patience at once; for servers that stall.
pub(crate) fn impatient_connector(url: &str) -> StripeConnector<Known> {
    connector_with(url, StripeTimeouts { call: Duration::from_millis(150), ..StripeTimeouts::STANDARD })
}

fn connector_with(url: &str, timeouts: StripeTimeouts) -> StripeConnector<Known> {
    let settings = StripeSettings { base_url: url.to_owned(), credentials: Known(vec![]), timeouts };
    StripeConnector::new(settings).unwrap()
}

pub(crate) fn collection() -> Collection {
    let donation = donation();
    Collection {
        key: ProviderKey::of_attempt(&donation, 1),
        donation,
        appeal: Appeal::parse("winter-example").unwrap(),
        amount: gbp(2500),
        token: PaymentToken::parse("pm_1Example00000000000000").unwrap(),
        return_url: format!("https://give.example.org/donations/{DONATION}?capability=c2VhbA&a=b c"),
    }
}

pub(crate) fn donation() -> DonationId {
    DonationId::parse(DONATION).unwrap()
}

pub(crate) fn reference() -> ProviderReference {
    ProviderReference::parse(REFERENCE).unwrap()
}

pub(crate) fn gbp(minor: u64) -> Money {
    Money::from_minor(minor, Currency::GBP).unwrap()
}

fn folder(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../contracts/providers/stripe").join(kind)
}

/// The names of all files of a kind (`answers` or `events`), without their ending, sorted.
pub(crate) fn names(kind: &str) -> Vec<String> {
    let files = fs::read_dir(folder(kind)).unwrap();
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".json").unwrap().to_owned())
        .collect();
    names.sort();
    names
}

pub(crate) fn text(kind: &str, name: &str) -> String {
    fs::read_to_string(folder(kind).join(format!("{name}.json"))).unwrap()
}

/// A file's content with one value, named by its path, changed.
pub(crate) fn altered(kind: &str, name: &str, path: &str, value: Value) -> String {
    let mut content: Value = serde_json::from_str(&text(kind, name)).unwrap();
    *content.pointer_mut(path).unwrap() = value;
    content.to_string()
}
