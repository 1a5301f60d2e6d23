//! What Stripe says, from `contracts/providers/stripe`, and a connector to say it to.

use std::time::Duration;

use adapters_providers::stripe::{StripeConnector, StripeSettings, StripeTimeouts};
use app::ports::{Collection, Credentials, Fault, ProviderCredentials};
use domain::currency::Currency;
use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey, ProviderReference};
use domain::money::Money;
use domain::time::Timestamp;
use serde_json::Value;

use crate::payloads::Payloads;
use crate::server::{Act, Server, answering};

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

/// A connector for this act: patient, but where it stalls it gives up after a while that no act on this machine takes
/// otherwise.
pub(crate) fn connector_for(url: &str, act: &Act) -> StripeConnector<Known> {
    let stalls = matches!(act, Act::WriteAndStall(_));
    let call = if stalls { Duration::from_secs(2) } else { StripeTimeouts::STANDARD.call };
    connector_with(url, StripeTimeouts { call, ..StripeTimeouts::STANDARD })
}

fn connector_with(url: &str, timeouts: StripeTimeouts) -> StripeConnector<Known> {
    connector_of(url, Known(vec![]), timeouts)
}

pub(crate) fn connector_of<C: ProviderCredentials>(
    url: &str,
    credentials: C,
    timeouts: StripeTimeouts,
) -> StripeConnector<C> {
    StripeConnector::new(StripeSettings { base_url: url.to_owned(), credentials, timeouts }).unwrap()
}

/// When the provider made the payment that is kept.
pub(crate) const fn created_at() -> Timestamp {
    Timestamp::from_millis(1_795_204_800_000)
}

/// The answer of the account's limiter.
pub(crate) const LIMITED: &str = "error.429.rate_limit";
/// Where payments are asked for.
pub(crate) const PAYMENTS_PATH: &str = "/v1/payment_intents";

/// The answer that says that the money was taken.
pub(crate) fn taken() -> String {
    text("answers", "payment_intent.succeeded")
}

pub(crate) fn collection() -> Collection {
    let donation = donation();
    Collection {
        key: ProviderKey::of_attempt(&donation, 1),
        step_up: false,
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
    id(REFERENCE)
}

pub(crate) fn id(text: &str) -> ProviderReference {
    ProviderReference::parse(text).unwrap()
}

pub(crate) fn gbp(minor: u64) -> Money {
    money(minor, "GBP")
}

pub(crate) fn money(minor: u64, currency: &str) -> Money {
    Money::from_minor(minor, Currency::from_code(currency).unwrap()).unwrap()
}

/// The status that an answer comes with: that of its name, or the one for what was made or shown.
pub(crate) fn status_of(name: &str) -> u16 {
    name.strip_prefix("error.").map_or(200, |rest| rest[..3].parse().unwrap())
}

/// A server that gives the answer of this name.
pub(crate) fn showing(name: &str) -> Server {
    answering(status_of(name), "", &text("answers", name))
}

const STRIPE: Payloads = Payloads("stripe");

/// The names of all files of a kind (`answers` or `events`), without their ending, sorted.
pub(crate) fn names(kind: &str) -> Vec<String> {
    STRIPE.names(kind)
}

pub(crate) fn text(kind: &str, name: &str) -> String {
    STRIPE.text(kind, name)
}

/// A file's content with one value, named by its path, changed.
pub(crate) fn altered(kind: &str, name: &str, path: &str, value: Value) -> String {
    STRIPE.altered(kind, name, path, value)
}
