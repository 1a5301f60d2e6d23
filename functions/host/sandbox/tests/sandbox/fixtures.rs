//! Sandboxes that run, and what they are started with.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sandbox::{Clock, Sandbox, Settings, WebhookEndpoint, WebhookRetries};
use tempfile::TempDir;

use crate::client::{API_KEY, Api};

pub(crate) const SECRET: &str = "whsec_example";

/// A sandbox with a client.
pub(crate) struct Running {
    api: Api,
    sandbox: Sandbox,
    folder: TempDir,
}

impl Deref for Running {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

/// Settings for tests: what takes seconds elsewhere takes a moment.
pub(crate) fn settings(folder: &TempDir) -> Settings {
    Settings {
        settling_time: Duration::from_millis(300),
        retries: WebhookRetries {
            tries_max: 4,
            first_wait: Duration::from_millis(50),
            wait_max: Duration::from_millis(100),
            timeout: Duration::from_millis(500),
        },
        ..Settings::new(folder.path().join("data"), API_KEY)
    }
}

pub(crate) async fn start() -> Running {
    start_with(|_| {}).await
}

/// Starts a sandbox on a folder of its own.
pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Running {
    start_in(TempDir::new().unwrap(), change).await
}

/// Starts a sandbox on a folder that another one may have used.
pub(crate) async fn start_in(folder: TempDir, change: impl FnOnce(&mut Settings)) -> Running {
    let mut settings = settings(&folder);
    change(&mut settings);
    let sandbox = sandbox::start(settings).await.unwrap();
    Running { api: Api::new(sandbox.url()), sandbox, folder }
}

impl Running {
    /// Stops the sandbox and hands back its folder.
    pub(crate) async fn stop(self) -> TempDir {
        self.sandbox.stop().await;
        self.folder
    }

    pub(crate) async fn restart(self, change: impl FnOnce(&mut Settings)) -> Self {
        start_in(self.stop().await, change).await
    }

    pub(crate) fn folder(&self) -> &TempDir {
        &self.folder
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
    /// 23 November 2026, 12:00:00 UTC.
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_795_435_200_000)))
    }

    pub(crate) fn clock(&self) -> Clock {
        let hands = Arc::clone(&self.0);
        Clock::from_fn(move || hands.load(Ordering::SeqCst))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// Tries again and again, for at most ten seconds.
pub(crate) async fn eventually<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..500 {
        if let Some(found) = attempt().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("this does not come: {what}");
}
