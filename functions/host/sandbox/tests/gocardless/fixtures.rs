//! Sandboxes that run, and what they are started with.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sandbox::{Clock, GoCardlessSettings, Sandbox, Settings, WebhookEndpoint, WebhookRetries};
use tempfile::TempDir;

use crate::client::{Api, TOKEN};
use crate::receiver::Receiver;

pub(crate) const SECRET: &str = "webhook_secret_example";

/// A sandbox with a client, and with the hands of its clock.
pub(crate) struct Running {
    api: Api,
    sandbox: Sandbox,
    folder: TempDir,
    pub(crate) hands: Hands,
}

impl Deref for Running {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

pub(crate) async fn start() -> Running {
    start_with(|_| {}).await
}

/// Starts a sandbox on a folder of its own.
pub(crate) async fn start_with(change: impl FnOnce(&mut GoCardlessSettings)) -> Running {
    start_in(TempDir::new().unwrap(), Hands::new(), change).await
}

/// Starts a sandbox whose events a receiver gets.
pub(crate) async fn start_for(receiver: &Receiver) -> Running {
    let endpoint = endpoint("charity", &receiver.url);
    start_with(|settings| settings.webhooks.push(endpoint)).await
}

/// Starts a sandbox on a folder that another one may have used.
async fn start_in(folder: TempDir, hands: Hands, change: impl FnOnce(&mut GoCardlessSettings)) -> Running {
    let mut gocardless = GoCardlessSettings::new(TOKEN);
    // The clock stands still until it is moved: a window or a minute would never end.
    gocardless.batch_window = Duration::ZERO;
    gocardless.requests_per_minute = u32::MAX;
    change(&mut gocardless);
    let settings = Settings {
        clock: hands.clock(),
        retries: WebhookRetries {
            tries_max: 4,
            first_wait: Duration::ZERO,
            wait_max: Duration::ZERO,
            timeout: Duration::from_secs(5),
        },
        gocardless: Some(gocardless),
        ..Settings::new(folder.path().join("data"), "sk_test_example")
    };
    let sandbox = sandbox::start(settings).await.unwrap();
    Running { api: Api::new(sandbox.url()), sandbox, folder, hands }
}

impl Running {
    /// Stops the sandbox and starts it again on the same folder, with the same clock.
    pub(crate) async fn restart(self, change: impl FnOnce(&mut GoCardlessSettings)) -> Self {
        self.sandbox.stop().await;
        start_in(self.folder, self.hands, change).await
    }

    /// Lets days pass.
    pub(crate) fn days(&self, days: u64) {
        self.hands.advance(Duration::from_hours(24 * days));
    }

    /// Waits until a payment has this status.
    pub(crate) async fn becomes(&self, id: &str, status: &str) -> serde_json::Value {
        let find = async || Some(self.payment(id).await).filter(|payment| payment["status"] == status);
        eventually(status, find).await
    }
}

pub(crate) fn endpoint(id: &str, url: &str) -> WebhookEndpoint {
    WebhookEndpoint {
        id: id.to_owned(),
        url: url.to_owned(),
        secrets: vec![SECRET.into()],
        enabled_events: Vec::new(),
    }
}

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub(crate) struct Hands(Arc<AtomicI64>);

impl Hands {
    /// 23 November 2026, a Monday, 12:00:00 UTC.
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_795_435_200_000)))
    }

    fn clock(&self) -> Clock {
        let hands = Arc::clone(&self.0);
        Clock::from_fn(move || hands.load(Ordering::SeqCst))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// Tries again and again, for at most half a minute.
pub(crate) async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..1_500 {
        if let Some(found) = attempt().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("this does not come: {what}");
}
