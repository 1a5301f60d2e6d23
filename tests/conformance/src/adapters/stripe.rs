//! The Stripe connector, against the sandbox that speaks Stripe's API.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use adapters_providers::stripe::{StripeConnector, StripeSettings, StripeTimeouts};
use app::ports::{Collection, Credentials, Fault, PaymentProvider, ProviderCredentials};
use domain::ids::{DonationId, ProviderReference};
use domain::payment::PaymentOutcome;
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
        self.control("faults", &json!({ "name": name, "count": 1, "on": on })).await;
    }

    /// The sandbox keeps its own account.
    fn account_for(&self, _: &Collection, _: &PaymentOutcome) {}

    async fn dispute(&self, payment: &ProviderReference) -> ProviderReference {
        let dispute = self.control("disputes", &json!({ "payment_intent": payment.as_str() })).await;
        ProviderReference::parse(dispute["id"].as_str().unwrap()).unwrap()
    }

    async fn win(&self, dispute: &ProviderReference) {
        self.control(&format!("disputes/{dispute}"), &json!({ "close": "won" })).await;
    }

    async fn fail(&self, refund: &ProviderReference) {
        self.control(&format!("refunds/{refund}"), &json!({ "status": "failed" })).await;
    }

    async fn refunds(&self) -> usize {
        self.list("refunds").await.len()
    }

    async fn payments(&self, donation: &DonationId) -> usize {
        let payments = self.list("payment_intents").await;
        payments.iter().filter(|payment| payment["metadata"]["donation_id"] == donation.as_str()).count()
    }
}

impl AtSandbox {
    /// Asks the sandbox for something that no request of the charity's could bring about.
    async fn control(&self, path: &str, asked: &Value) -> Value {
        let request = self.http.post(format!("{}/_sandbox/{path}", self.sandbox.url())).json(asked);
        let answer = request.bearer_auth(API_KEY).send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{body}");
        serde_json::from_str(&body).unwrap_or_default()
    }

    /// All of a list.
    async fn list(&self, what: &str) -> Vec<Value> {
        let request = self.http.get(format!("{}/v1/{what}?limit=100", self.sandbox.url()));
        let mut list: Value = request.bearer_auth(API_KEY).send().await.unwrap().json().await.unwrap();
        assert_eq!(list["has_more"], false);
        serde_json::from_value(list["data"].take()).unwrap()
    }
}
