//! A sandbox that runs for one test, with the SDK for Node pointed at it.

use sandbox::{Sandbox, Settings, WebhookEndpoint};
use serde_json::Value;
use tempfile::TempDir;

use crate::fixtures::API_KEY;
use crate::sdks::node_against;

/// A test card that pays.
pub(crate) const CARD: &str = "pm_card_visa";

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

    /// A new sandbox that posts its events there, signed with each of these secrets.
    pub(crate) async fn with_webhooks(url: &str, secrets: &[&str]) -> Self {
        let secrets = secrets.iter().map(|&secret| secret.into()).collect();
        let (id, url, enabled_events) = ("oracle".to_owned(), format!("{url}/hook"), Vec::new());
        let endpoint = WebhookEndpoint { id, url, secrets, enabled_events };
        Self::started(|settings| settings.webhooks.push(endpoint)).await
    }

    async fn started(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(folder.path(), API_KEY);
        change(&mut settings);
        Self { sandbox: sandbox::start(settings).await.unwrap(), _folder: folder }
    }

    pub(crate) fn url(&self) -> &str {
        self.sandbox.url()
    }

    /// Does jobs with the SDK against the sandbox.
    pub(crate) async fn sdk(&self, jobs: &[Value]) -> Vec<Value> {
        node_against(Some(self.url()), API_KEY, jobs).await
    }

    pub(crate) async fn stop(self) {
        self.sandbox.stop().await;
    }
}
