//! What GoCardless says, from `contracts/providers/gocardless`, and a connector to say it to.

use std::time::Duration;

use adapters_providers::CallTimeouts;
use adapters_providers::gocardless::{GoCardlessConnector, GoCardlessSettings};
use app::ports::{Collection, Credentials, Fault, ProviderCredentials};
use domain::currency::Currency;
use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey, ProviderReference};
use domain::money::Money;
use domain::payment::PaymentOutcome;
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::payloads::Payloads;
use crate::server::{Act, answer};

pub(crate) const API_KEY: &str = "sandbox_invented_and_secret";
pub(crate) const DONATION: &str = "adaexampledonation22222222";
pub(crate) const REFERENCE: &str = "PM0EXAMPLE0001";
/// When the recorded payments were made: 2026-11-20T20:00:01.123Z.
pub(crate) const CREATED_AT: Timestamp = Timestamp::from_millis(1_795_204_801_123);
/// When the recorded payouts were made: 2026-11-30T06:00:00Z.
pub(crate) const PAID_AT: Timestamp = Timestamp::from_millis(1_796_018_400_000);

const GOCARDLESS: Payloads = Payloads("gocardless");

/// Credentials that are at hand.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Vec<&'static str>);

impl ProviderCredentials for Known {
    async fn credentials(&self) -> Result<Credentials, Fault> {
        let webhook_secrets = self.0.iter().map(|&secret| secret.into()).collect();
        Ok(Credentials { api_key: API_KEY.into(), webhook_secrets })
    }
}

pub(crate) fn connector(url: &str) -> GoCardlessConnector<Known> {
    connector_of(url, Known(vec![]), CallTimeouts::STANDARD)
}

/// A connector that loses patience at once; for servers that stall.
pub(crate) fn impatient_connector(url: &str) -> GoCardlessConnector<Known> {
    let timeouts = CallTimeouts { call: Duration::from_millis(150), ..CallTimeouts::STANDARD };
    connector_of(url, Known(vec![]), timeouts)
}

/// A connector for these acts: patient, but where one of them stalls it gives up after a while that no act on this
/// machine takes otherwise.
pub(crate) fn connector_for(url: &str, acts: &[Act]) -> GoCardlessConnector<Known> {
    let stalls = acts.iter().any(|act| matches!(act, Act::WriteAndStall(_)));
    let call = if stalls { Duration::from_secs(2) } else { CallTimeouts::STANDARD.call };
    connector_of(url, Known(vec![]), CallTimeouts { call, ..CallTimeouts::STANDARD })
}

pub(crate) fn connector_of<C: ProviderCredentials>(
    url: &str,
    credentials: C,
    timeouts: CallTimeouts,
) -> GoCardlessConnector<C> {
    GoCardlessConnector::new(GoCardlessSettings { base_url: url.to_owned(), credentials, timeouts }).unwrap()
}

/// Where payments are asked for.
/// The answer of the account's limiter.
pub(crate) const LIMITED: &str = "error.429.rate_limit_exceeded";
pub(crate) const PAYMENTS_PATH: &str = "/payments";

/// The answer that says that the money was taken.
pub(crate) fn taken() -> String {
    text("answers", "payment.confirmed")
}

pub(crate) fn collection() -> Collection {
    let donation = donation();
    Collection {
        key: ProviderKey::of_attempt(&donation, 1),
        step_up: false,
        donation,
        appeal: Appeal::parse("winter-example").unwrap(),
        amount: gbp(2500),
        token: PaymentToken::parse("MD0EXAMPLE0001").unwrap(),
        return_url: format!("https://give.example.org/donations/{DONATION}?capability=c2VhbA"),
    }
}

pub(crate) fn captured(minor: u64) -> PaymentOutcome {
    PaymentOutcome::Captured { reference: reference(), amount: gbp(minor), created_at: CREATED_AT }
}

pub(crate) fn processing() -> PaymentOutcome {
    PaymentOutcome::Processing { reference: reference() }
}

pub(crate) const fn unknown(reason: &'static str) -> PaymentOutcome {
    PaymentOutcome::Unknown { reason }
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
    Money::from_minor(minor, Currency::GBP).unwrap()
}

/// The names of all files of a kind (`answers` or `notifications`), without their ending, sorted.
pub(crate) fn names(kind: &str) -> Vec<String> {
    GOCARDLESS.names(kind)
}

pub(crate) fn text(kind: &str, name: &str) -> String {
    GOCARDLESS.text(kind, name)
}

/// A file's content with one value, named by its path, changed.
pub(crate) fn altered(kind: &str, name: &str, path: &str, value: Value) -> String {
    GOCARDLESS.altered(kind, name, path, value)
}

/// A page of a list that goes no further.
pub(crate) fn listed(resource: &str, items: &[Value]) -> Act {
    let meta = json!({ "cursors": { "before": null, "after": null }, "limit": 500 });
    Act::WriteAndClose(answer(200, "", &json!({ resource: items, "meta": meta }).to_string()))
}

/// A list of events about one thing, newest first as GoCardless lists them.
pub(crate) fn events_of((kind, id): (&str, &str), actions: &[&str]) -> Act {
    let event = |action: &&str| {
        json!({
            "id": "EV0EXAMPLE0001", "resource_type": format!("{kind}s"), "action": action,
            "details": {}, "metadata": {}, "links": { kind: id },
        })
    };
    listed("events", &actions.iter().rev().map(event).collect::<Vec<_>>())
}

/// The events of a webhook's body.
pub(crate) fn events(name: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(&text("notifications", name)).unwrap();
    body["events"].as_array().unwrap().clone()
}

/// The status that an answer comes with: that of its name, or the one for what was made or shown.
pub(crate) fn status_of(name: &str) -> u16 {
    name.strip_prefix("error.").map_or(201, |rest| rest[..3].parse().unwrap())
}
