//! Our side of every comparison, and invented donations.

use std::fs;
use std::path::PathBuf;

use adapters_providers::stripe::{StripeConnector, StripeSettings, StripeTimeouts};
use app::ports::{Clock, Collection, Credentials, Fault, ProviderCredentials};
use domain::currency::Currency;
use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey};
use domain::money::Money;
use domain::time::Timestamp;
use serde_json::{Value, json};

pub(crate) const API_KEY: &str = "sk_test_invented_and_secret";

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
pub(crate) fn connector(url: &str) -> StripeConnector<Known> {
    let (base_url, credentials) = (url.to_owned(), Known(Vec::new()));
    StripeConnector::new(StripeSettings { base_url, credentials, timeouts: StripeTimeouts::STANDARD })
        .unwrap()
}

/// A donation of 25.00 GBP from this test card; `n` makes it another one.
pub(crate) fn collection(n: u32, token: &str) -> Collection {
    let donation = donation(n);
    Collection {
        key: ProviderKey::of_attempt(&donation, 1),
        appeal: Appeal::parse("winter-example").unwrap(),
        amount: Money::from_minor(2_500, Currency::GBP).unwrap(),
        token: PaymentToken::parse(token).unwrap(),
        return_url: format!("https://give.example.org/donations/{donation}?capability=c2VhbA&a=b%20c"),
        donation,
        step_up: false,
    }
}

/// A donation's id, another one for each number.
pub(crate) fn donation(n: u32) -> DonationId {
    let digits: String = format!("{n:011}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
    DonationId::parse(&format!("exampledonation{digits}")).unwrap()
}

/// The call that a developer writes for this collection, following Stripe's documentation.
pub(crate) fn sdk_create(collection: &Collection) -> Value {
    let Collection { donation, appeal, amount, token, key, return_url, step_up } = collection;
    let mut parameters = json!({
        "amount": amount.minor(),
        "currency": amount.currency().code().to_lowercase(),
        "payment_method": token.as_str(),
        "confirm": true,
        "automatic_payment_methods": { "enabled": true, "allow_redirects": "never" },
        "return_url": return_url,
        "metadata": { "donation_id": donation.as_str(), "appeal": appeal.as_str() },
        "expand": ["latest_charge"],
    });
    if *step_up {
        parameters["payment_method_options"] = json!({ "card": { "request_three_d_secure": "any" } });
    }
    call("paymentIntents.create", json!([parameters, { "idempotencyKey": key.as_str() }]))
}

/// One call of the SDK.
pub(crate) fn call(method: &str, args: Value) -> Value {
    let mut job = json!({ "do": "call", "method": method });
    job["args"] = args;
    job
}

/// Every file of a kind (`answers` or `events`) in `contracts/providers/stripe`, by name.
pub(crate) fn contracts(kind: &str) -> Vec<(String, String)> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/providers/stripe").join(kind);
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
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
