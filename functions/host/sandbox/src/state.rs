//! What all requests and background tasks of one sandbox share.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::clock::{Clock, millis};
use crate::faults::FaultPlan;
use crate::gocardless::account::Account;
use crate::settings::{Provider, WebhookEndpoint, WebhookRetries};
use crate::storage::Store;
use crate::work::{Subject, Work};

/// The running sandbox.
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) api_key: SecretString,
    pub(crate) base_url: String,
    pub(crate) key_retention: Duration,
    pub(crate) settling_time: Duration,
    pub(crate) retries: WebhookRetries,
    /// None where the sandbox does not speak GoCardless.
    pub(crate) gocardless: Option<Account>,
    pub(crate) faults: FaultPlan,
    /// Whose events each endpoint is owed, and the endpoint.
    pub(crate) endpoints: Vec<(Provider, WebhookEndpoint)>,
    pub(crate) keys_in_use: Mutex<HashSet<String>>,
    /// Requests that their senders have given up on and that have not arrived yet.
    pub(crate) on_their_way: Mutex<JoinSet<()>>,
    /// Rung when there may be something for the background to do.
    pub(crate) wake: Notify,
}

impl State {
    /// Work that no request asked for: a timer, or the donor's own click.
    pub(crate) fn work<'a>(&'a self, db: &'a Connection) -> Work<'a> {
        Work {
            db,
            now_ms: self.clock.now_ms(),
            base_url: &self.base_url,
            settling_ms: millis(self.settling_time),
            request_id: None,
            idempotency_key: None,
            gocardless: self.gocardless.as_ref().map(|account| account.times).unwrap_or_default(),
            webhook_faults: Vec::new(),
            emitted: 0,
            subject: Subject::default(),
        }
    }

    /// Lets a request go its way without anybody who waits for it, until the sandbox stops.
    pub(crate) fn send_on_its_way(&self, request: impl Future<Output = ()> + Send + 'static) {
        let mut on_their_way = self.on_their_way.lock().unwrap_or_else(PoisonError::into_inner);
        while on_their_way.try_join_next().is_some() {}
        on_their_way.spawn(request);
    }

    /// Takes an idempotency key for one request. None while another request has it.
    pub(crate) fn take_key(&self, key: &str) -> Option<KeyInUse<'_>> {
        let mut keys = self.keys_in_use.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.to_owned()).then(|| KeyInUse { keys: &self.keys_in_use, key: key.to_owned() })
    }
}

/// An idempotency key that a request holds until it is dropped.
pub(crate) struct KeyInUse<'a> {
    keys: &'a Mutex<HashSet<String>>,
    key: String,
}

impl Drop for KeyInUse<'_> {
    fn drop(&mut self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
