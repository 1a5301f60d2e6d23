//! What happens without a request: timers fire, and events are delivered to webhook endpoints.
//!
//! Both are rows in the database, so a sandbox that was killed goes on with them when it is started again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::settings::{Provider, WebhookEndpoint};
use crate::state::State;
use crate::storage::deliveries::{self, Owed, Tried};
use crate::storage::timers::{self, Due};
use crate::storage::{StorageFault, doing};
use crate::webhooks::{Letter, Postman};
use crate::{gocardless, stripe};

/// The most deliveries under way at a time to one endpoint.
const UNDER_WAY_MAX: i64 = 16;

/// The most timers that fire in one step.
const TIMERS_MAX: u32 = 100;

/// How often the clock is read while something waits for its time. Nobody is woken while nothing waits.
const TICK: Duration = Duration::from_millis(50);

/// How long to leave the database alone after it failed.
const FAULT_WAIT: Duration = Duration::from_secs(1);

/// One delivery that was tried: its row, and how it ended.
struct Attempted {
    seq: i64,
    outcome: Tried,
}

/// Runs until the sandbox stops.
pub(crate) async fn run(state: Arc<State>, postman: Postman, mut stop: watch::Receiver<()>) {
    let mut under_way = JoinSet::new();
    let mut seqs = HashSet::new();
    loop {
        let pause = match round(&state, &postman, &mut under_way, &mut seqs).await {
            Ok(true) => Some(TICK),
            Ok(false) => None,
            Err(StorageFault::Closed) => return,
            Err(fault) => {
                tracing::error!(error = &fault as &dyn std::error::Error, "the background work failed");
                Some(FAULT_WAIT)
            }
        };
        let pause = async {
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = pause => {}
            () = state.wake.notified() => {}
            Some(ended) = under_way.join_next() => finished(&state, ended, &mut seqs).await,
            // An error says that the sandbox itself is gone, which is a stop as well.
            _ = stop.changed() => return,
        }
    }
}

/// Fires what is due and starts the deliveries there is room for. Returns whether anything is left waiting.
async fn round(
    state: &Arc<State>,
    postman: &Postman,
    under_way: &mut JoinSet<Attempted>,
    seqs: &mut HashSet<i64>,
) -> Result<bool, StorageFault> {
    let shared = Arc::clone(state);
    state.store.run(move |db| fire_timers(&shared, db)).await?;
    for (provider, endpoint) in &state.endpoints {
        // A provider that is out delivers nothing either; what it owes waits.
        if state.faults.is_out(provider.events_path(), state.clock.now_ms()) {
            continue;
        }
        for (owed, body) in due(state, *provider, endpoint, seqs).await? {
            seqs.insert(owed.seq);
            let letter = letter(state, *provider, endpoint, body);
            under_way.spawn(deliver(Arc::clone(state), postman.clone(), endpoint.clone(), owed, letter));
        }
    }
    let ids: Vec<String> = state.endpoints.iter().map(|(_, endpoint)| endpoint.id.clone()).collect();
    state.store.run(move |db| deliveries::anything_waits(db, &ids)).await
}

/// The deliveries that are due to an endpoint and not under way, with the bytes to send. Those under way are
/// due as well, and for longer, so that they count towards the limit.
async fn due(
    state: &State,
    provider: Provider,
    endpoint: &WebhookEndpoint,
    seqs: &HashSet<i64>,
) -> Result<Vec<(Owed, Vec<u8>)>, StorageFault> {
    let (id, now_ms, busy) = (endpoint.id.clone(), state.clock.now_ms(), seqs.clone());
    let batching = state.gocardless.as_ref().map(|account| account.batching).unwrap_or_default();
    let find = move |db: &mut Connection| {
        if provider == Provider::GoCardless {
            gocardless::letter::gather(db, &id, now_ms, batching)?;
        }
        let mut due = Vec::new();
        for owed in deliveries::due(db, &id, now_ms, UNDER_WAY_MAX)? {
            if busy.contains(&owed.seq) {
                continue;
            }
            let body = match provider {
                Provider::Stripe => stripe::letter::body(db, &owed.event)?,
                Provider::GoCardless => gocardless::letter::body(db, &owed.event, batching)?,
            };
            due.extend(body.map(|body| (owed, body)));
        }
        Ok(due)
    };
    state.store.run(find).await
}

/// Signs what is due, now.
fn letter(state: &State, provider: Provider, endpoint: &WebhookEndpoint, body: Vec<u8>) -> Letter {
    match provider {
        Provider::Stripe => stripe::letter::sign(body, state.clock.now_ms() / 1000, &endpoint.secrets),
        Provider::GoCardless => gocardless::letter::sign(body, &endpoint.secrets),
    }
}

async fn deliver(
    state: Arc<State>,
    postman: Postman,
    endpoint: WebhookEndpoint,
    owed: Owed,
    letter: Letter,
) -> Attempted {
    let sent = postman.post(&endpoint.url, letter).await;
    let tries = owed.tries + 1;
    let outcome = match sent {
        Ok(()) => Tried::Delivered,
        Err(error) if tries >= state.retries.tries_max => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                event = owed.event,
                endpoint = endpoint.id,
                tries,
                error,
                "a delivery is given up"
            );
            Tried::GivenUp
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(event = owed.event, endpoint = endpoint.id, tries, error, "a delivery failed");
            Tried::Again(state.clock.now_ms() + state.retries.wait_ms(tries))
        }
    };
    Attempted { seq: owed.seq, outcome }
}

/// Records how a delivery ended. One that cannot be recorded is tried again, as any webhook may be.
async fn finished(state: &State, ended: Result<Attempted, tokio::task::JoinError>, seqs: &mut HashSet<i64>) {
    let attempted = match ended {
        Ok(attempted) => attempted,
        Err(error) => {
            tracing::error!(%error, "a delivery panicked");
            return;
        }
    };
    let Attempted { seq, outcome } = attempted;
    if let Err(fault) = state.store.run(move |db| deliveries::record(db, seq, &outcome)).await {
        tracing::error!(error = &fault as &dyn std::error::Error, "a delivery could not be recorded");
    }
    seqs.remove(&seq);
}

/// Fires the timers that are due, in one step: a timer is gone exactly when its work is done.
fn fire_timers(state: &State, db: &mut Connection) -> Result<(), StorageFault> {
    let step = db.transaction().map_err(doing("beginning the timers"))?;
    let mut work = state.work(&step);
    for _ in 0..TIMERS_MAX {
        let Some(due) = timers::take_next(&step, work.now_ms)? else { break };
        let Due { at_ms, provider, action, subject } = due;
        match provider {
            Provider::Stripe => stripe::timers::fire(&mut work, &action, &subject)?,
            Provider::GoCardless => gocardless::timers::fire(&mut work, at_ms, &action, &subject)?,
        }
    }
    step.commit().map_err(doing("committing the timers"))
}
