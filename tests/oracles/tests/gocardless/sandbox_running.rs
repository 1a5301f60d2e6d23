//! A sandbox that runs for one test, with the SDKs pointed at it.

use std::time::Duration;

use sandbox::{GoCardlessSettings, Sandbox, Settings, WebhookEndpoint};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixtures::API_KEY;
use crate::sdks::{job, node, python};

/// A mandate whose payments come.
pub(crate) const MANDATE: &str = "MD0EXAMPLE0001";

/// The sandbox and its data folder, which goes with it.
pub(crate) struct Running {
    sandbox: Sandbox,
    _folder: TempDir,
}

impl Running {
    /// A new sandbox without webhooks.
    pub(crate) async fn new() -> Self {
        Self::started(|_| {}).await
    }

    /// A new sandbox whose payments do not move on by themselves.
    pub(crate) async fn at_a_standstill() -> Self {
        Self::started(|settings| settings.day = Duration::from_hours(24)).await
    }

    /// A new sandbox that posts its events there, signed with this secret.
    pub(crate) async fn with_webhooks(url: &str, secret: &str) -> Self {
        let (id, url, enabled_events) = ("oracle".to_owned(), format!("{url}/hook"), Vec::new());
        let endpoint = WebhookEndpoint { id, url, secrets: vec![secret.into()], enabled_events };
        Self::started(|settings| {
            settings.webhooks.push(endpoint);
            settings.batch_window = Duration::from_secs(1);
        })
        .await
    }

    async fn started(change: impl FnOnce(&mut GoCardlessSettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut gocardless = GoCardlessSettings::new(API_KEY);
        // A week passes while an SDK starts.
        gocardless.day = Duration::from_millis(20);
        change(&mut gocardless);
        let settings =
            Settings { gocardless: Some(gocardless), ..Settings::new(folder.path(), "sk_test_none") };
        Self { sandbox: sandbox::start(settings).await.unwrap(), _folder: folder }
    }

    pub(crate) fn url(&self) -> &str {
        self.sandbox.url()
    }

    pub(crate) async fn stop(self) {
        self.sandbox.stop().await;
    }

    /// Does one job with the SDK for Node.
    pub(crate) async fn node(&self, kind: &str, method: &str, args: Value) -> Value {
        node(Some(self.url()), &[job(kind, method, args)]).await.remove(0)
    }

    /// Does one job with the SDK for Python.
    pub(crate) async fn python(&self, kind: &str, method: &str, args: Value) -> Value {
        python(Some(self.url()), &[job(kind, method, args)]).await.remove(0)
    }

    /// Creates a payment with the SDK for Node and returns its id.
    pub(crate) async fn pay(&self, key: &str, mandate: &str) -> String {
        let created = self.node("call", "payments.create", json!([new_payment(mandate), key])).await;
        answered(&created)["id"].as_str().unwrap().to_owned()
    }

    /// Asks the SDK for Node again and again until a payment has this status, and returns it.
    pub(crate) async fn becomes(&self, id: &str, status: &str) -> Value {
        for _ in 0..100 {
            let found = self.node("call", "payments.find", json!([id])).await;
            let payment = answered(&found);
            if payment["status"] == status {
                return payment.clone();
            }
        }
        panic!("{id} does not become {status}");
    }
}

/// What the SDKs are told to create.
pub(crate) fn new_payment(mandate: &str) -> Value {
    json!({
        "amount": 2500,
        "currency": "GBP",
        "metadata": { "donation_id": "adaexampledonation22222222" },
        "links": { "mandate": mandate },
    })
}

/// The answer of a job that went well.
#[track_caller]
pub(crate) fn answered(result: &Value) -> &Value {
    assert!(!result["ok"].is_null(), "{result:#}");
    &result["ok"]
}
