//! What happens without a request: timers fire, and events are delivered to webhook endpoints.
//!
//! Both are rows in the database, so a sandbox that was killed goes on with them when it is started again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::attempt;
use crate::event::Event;
use crate::intent::Intent;
use crate::refund::{self, Refund, RefundStatus};
use crate::settings::WebhookEndpoint;
use crate::state::State;
use crate::storage::deliveries::{self, Owed, Tried};
use crate::storage::objects;
use crate::storage::timers::{self, Timer};
use crate::storage::{StorageFault, doing};
use crate::webhooks::Postman;

/// The most deliveries under way at a time to one endpoint.
const UNDER_WAY_MAX: i64 = 16;

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
    for endpoint in &state.endpoints {
        for (owed, body) in due(state, endpoint, seqs).await? {
            seqs.insert(owed.seq);
            under_way.spawn(deliver(Arc::clone(state), postman.clone(), endpoint.clone(), owed, body));
        }
    }
    let ids: Vec<String> = state.endpoints.iter().map(|endpoint| endpoint.id.clone()).collect();
    state.store.run(move |db| deliveries::anything_waits(db, &ids)).await
}

/// The deliveries that are due to an endpoint and not under way, with the bytes to send. Those under way are
/// due as well, and for longer, so that they count towards the limit.
async fn due(
    state: &State,
    endpoint: &WebhookEndpoint,
    seqs: &HashSet<i64>,
) -> Result<Vec<(Owed, Vec<u8>)>, StorageFault> {
    let (id, now_ms, busy) = (endpoint.id.clone(), state.clock.now_ms(), seqs.clone());
    let find = move |db: &mut Connection| {
        let mut due = Vec::new();
        for owed in deliveries::due(db, &id, now_ms, UNDER_WAY_MAX)? {
            if busy.contains(&owed.seq) {
                continue;
            }
            if let Some(event) = objects::get::<Event>(db, &owed.event)? {
                let pending = deliveries::pending(db, &owed.event)?;
                let body = format!("{:#}", event.envelope(pending)).into_bytes();
                due.push((owed, body));
            }
        }
        Ok(due)
    };
    state.store.run(find).await
}

async fn deliver(
    state: Arc<State>,
    postman: Postman,
    endpoint: WebhookEndpoint,
    owed: Owed,
    body: Vec<u8>,
) -> Attempted {
    let sent = postman.post(&endpoint, state.clock.now_ms() / 1000, body).await;
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
    for timer in timers::take_due(&step, work.now_ms)? {
        match timer {
            Timer::SettlePayment(id) => {
                if let Some(mut intent) = objects::get::<Intent>(&step, &id)? {
                    attempt::settle(&mut work, &mut intent)?;
                }
            }
            Timer::SettleRefund(id) => {
                if let Some(mut refund) = objects::get::<Refund>(&step, &id)?
                    && refund.status == RefundStatus::Pending
                {
                    refund::settle(&mut work, &mut refund)?;
                }
            }
            Timer::FailRefund(id) => {
                if let Some(mut refund) = objects::get::<Refund>(&step, &id)? {
                    refund::fail(&mut work, &mut refund)?;
                }
            }
        }
    }
    step.commit().map_err(doing("committing the timers"))
}
