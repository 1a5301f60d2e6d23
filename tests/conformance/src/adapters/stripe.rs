//! The Stripe connector, against the sandbox that speaks Stripe's API.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use adapters_providers::stripe::{StripeConnector, StripeSettings, StripeTimeouts};
use app::ports::{Credentials, Fault, PaymentProvider, ProviderCredentials};
use domain::ids::DonationId;
use domain::time::Span;
use sandbox::{Clock, Sandbox, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::http_client;
use crate::fixtures::NOON;
use crate::fixtures::secrets::{API_KEY, credentials};
use crate::running::World;
use crate::suites::provider::ProviderWorld;
use crate::suites::provider_faults::Strike;

/// A sandbox in a folder of its own, whose clock stands at noon.
pub(crate) struct AtSandbox {
    sandbox: Sandbox,
    clock: Arc<AtomicI64>,
    http: reqwest::Client,
    _folder: TempDir,
}

/// Credentials that are at hand.
#[derive(Clone)]
struct AtHand;

impl ProviderCredentials for AtHand {
    async fn credentials(&self) -> Result<Credentials, Fault> {
        Ok(credentials())
    }
}

impl World for AtSandbox {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicI64::new(i64::try_from(NOON.as_millis()).unwrap()));
        let read = Arc::clone(&clock);
        let settings = Settings {
            clock: Clock::from_fn(move || read.load(Ordering::SeqCst)),
            ..Settings::new(folder.path(), API_KEY)
        };
        let sandbox = sandbox::start(settings).await.unwrap();
        Self { sandbox, clock, http: http_client(), _folder: folder }
    }

    async fn stop(self) {
        self.sandbox.stop().await;
    }
}

impl ProviderWorld for AtSandbox {
    fn provider(&self) -> impl PaymentProvider {
        let settings = StripeSettings {
            base_url: self.sandbox.url().to_owned(),
            credentials: AtHand,
            timeouts: StripeTimeouts::STANDARD,
        };
        StripeConnector::new(settings).unwrap()
    }

    fn advance(&self, span: Span) {
        self.clock.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }

    async fn strike(&self, strike: Strike) {
        let (name, on) = match strike {
            Strike::Throttle => ("429", "writes"),
            Strike::LostBefore => ("reset-before", "writes"),
            Strike::LostAfter => ("capture-then-reset", "writes"),
            Strike::LostQuestion => ("reset-before", "reads"),
        };
        let rule = json!({ "name": name, "count": 1, "on": on });
        let request = self.http.post(format!("{}/_sandbox/faults", self.sandbox.url())).json(&rule);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    async fn payments(&self, donation: &DonationId) -> usize {
        let request = self.http.get(format!("{}/v1/payment_intents?limit=100", self.sandbox.url()));
        let list: Value = request.bearer_auth(API_KEY).send().await.unwrap().json().await.unwrap();
        assert_eq!(list["has_more"], false);
        let payments = list["data"].as_array().unwrap().iter();
        payments.filter(|payment| payment["metadata"]["donation_id"] == donation.as_str()).count()
    }
}
