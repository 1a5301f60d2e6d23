//! What only the sandbox has: `/_sandbox/…`, for the operator and for tests. It needs no key and shows none.
//!
//! - `GET /_sandbox/faults`: the rules in force. `DELETE` ends them all.
//! - `POST /_sandbox/faults`, JSON: a `name` such as `latency=500`, and one of `count` (the next so many
//!   requests), `rate` (so many in a hundred) or `above` (those beyond so many in one second); if wanted,
//!   `seconds` (for how long) and `on` (`writes`, `reads`, `all`; the first unless said).
//!   `path` narrows a rule down to some paths: segments, of which `*` is any one and a last `**` any number.
//!   `should_retry` (true or false) adds that word to the answer. Stripe's limit on one of its paths is
//!   `{"name": "429", "above": 25, "path": "/v1/payment_intents"}`.
//!   `{"name": "outage", "seconds": 60}` needs no number and is for reads as well.
//! - `GET /_sandbox/requests`: the log, filtered by `donation_id`, `payment_intent`, `idempotency_key` or
//!   `request_id`; the newest `limit` (100, at most 1000), oldest first.
//! - `POST /_sandbox/storm`, JSON: every event so far is delivered again, `times` (1 to 20) times to each
//!   endpoint that wants it, in a sequence that follows from `seed`.
//!
//! What moves a provider's own objects is in that provider's module.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use rusqlite::Connection;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::faults::{Fault, FaultRule, HowOften, PathPattern, Requests, UnknownFault};
use crate::http::{Reply, Request};
use crate::state::State;
use crate::storage::requests::{self, Filter};
use crate::storage::{StorageFault, deliveries, doing};
use crate::stripe::form::Params;
use crate::stripe::refusal::{Refusal, Stop, server_error};
use crate::{gocardless, random, stripe};

const LIMIT_DEFAULT: i64 = 100;
const LIMIT_MAX: i64 = 1000;

/// The longest a rule may be in force: a week.
const SECONDS_MAX: u64 = 7 * 24 * 60 * 60;

/// The most often a storm delivers one event, and the most deliveries it makes.
const STORM_TIMES_MAX: u8 = 20;
const STORM_DELIVERIES_MAX: usize = 200_000;

/// Answers one request to `/_sandbox`.
pub(crate) async fn answer(state: &Arc<State>, request: &Request) -> Reply {
    let now_ms = state.clock.now_ms();
    let outcome = match (&request.method, request.path.as_str()) {
        (&Method::GET, "/_sandbox/faults") => Ok(view_faults(state, now_ms)),
        (&Method::POST, "/_sandbox/faults") => add_fault(state, request, now_ms).map_err(Stop::Refused),
        (&Method::DELETE, "/_sandbox/faults") => {
            state.faults.clear(now_ms);
            Ok(view_faults(state, now_ms))
        }
        (&Method::GET, "/_sandbox/requests") => find_requests(state, request).await,
        (&Method::POST, "/_sandbox/storm") => raise_storm(state, request).await,
        (_, path) if path.starts_with(gocardless::control::ROOT) => {
            return gocardless::control::answer(state, request).await;
        }
        _ => stripe::control::answer(state, request).await,
    };
    let (status, body) = match outcome {
        Ok(body) => (200, body),
        Err(Stop::Refused(refusal)) => (refusal.status, refusal.body(&state.base_url)),
        Err(Stop::Failed(fault)) => {
            tracing::error!(error = &fault as &dyn std::error::Error, "a control request failed");
            (500, server_error())
        }
    };
    Reply::new(status, "application/json", format!("{body:#}\n"))
}

/// The body of `POST /_sandbox/faults`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRule {
    name: String,
    count: Option<u32>,
    rate: Option<u8>,
    above: Option<u32>,
    seconds: Option<u64>,
    on: Option<Requests>,
    path: Option<String>,
    should_retry: Option<bool>,
}

fn add_fault(state: &State, request: &Request, now_ms: i64) -> Result<Value, Refusal> {
    let new: NewRule = read_json(request)?;
    let fault: Fault =
        new.name.parse().map_err(|error: UnknownFault| Refusal::param("name", error.to_string()))?;
    let is_outage = matches!(fault, Fault::Outage { .. });
    let how_often = match (new.count, new.rate, new.above) {
        (Some(count), None, None) if count > 0 => HowOften::Times(count),
        (None, Some(rate), None) if (1..=100).contains(&rate) => HowOften::Percent(rate),
        (None, None, Some(above)) => HowOften::Above(above),
        (None, None, None) if is_outage => HowOften::Percent(100),
        _ => {
            let message =
                "Send one of count (at least 1), rate (1 to 100, in a hundred) and above (a second).";
            return Err(Refusal::param("count", message));
        }
    };
    if new.seconds.is_some_and(|seconds| seconds == 0 || seconds > SECONDS_MAX) {
        return Err(Refusal::param("seconds", format!("It must be 1 to {SECONDS_MAX}.")));
    }
    let pattern = |text| {
        let wrong = "It must be a path such as /v1/payment_intents or /v1/**.";
        PathPattern::parse(text).ok_or_else(|| Refusal::param("path", wrong))
    };
    let rule = FaultRule {
        fault,
        on: new.on.unwrap_or(if is_outage { Requests::All } else { Requests::Writes }),
        path: new.path.map(pattern).transpose()?,
        should_retry: new.should_retry,
        how_often,
        lasts: new.seconds.map(Duration::from_secs),
    };
    if !state.faults.add(rule, now_ms) {
        return Err(Refusal::request("Too many rules are in force; DELETE /_sandbox/faults ends them."));
    }
    Ok(view_faults(state, now_ms))
}

/// The body of `POST /_sandbox/storm`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Storm {
    seed: u64,
    times: u8,
}

async fn raise_storm(state: &Arc<State>, request: &Request) -> Result<Value, Stop> {
    let Storm { seed, times } = read_json(request)?;
    if !(1..=STORM_TIMES_MAX).contains(&times) {
        return Err(Refusal::param("times", format!("It must be 1 to {STORM_TIMES_MAX}.")).into());
    }
    let shared = Arc::clone(state);
    let owed = state.store.run(move |db| owe_all_again(&shared, db, seed, times)).await?;
    let Some(owed) = owed else {
        let message = format!("That would be more than {STORM_DELIVERIES_MAX} deliveries.");
        return Err(Refusal::param("times", message).into());
    };
    state.wake.notify_one();
    Ok(json!({ "object": "storm", "seed": seed, "times": times, "deliveries": owed }))
}

/// Owes every event so far again, and returns how many deliveries that makes. None where they are too many.
fn owe_all_again(
    state: &State,
    db: &mut Connection,
    seed: u64,
    times: u8,
) -> Result<Option<usize>, StorageFault> {
    let step = db.transaction().map_err(doing("beginning a storm"))?;
    let mut owed = Vec::new();
    for (provider, endpoint) in &state.endpoints {
        let wanted = deliveries::wanted(&step, *provider, &endpoint.id)?;
        owed.extend(wanted.into_iter().map(|event| (event, endpoint.id.as_str())));
    }
    let count = owed.len() * usize::from(times);
    if count > STORM_DELIVERIES_MAX {
        return Ok(None);
    }
    let mut storm: Vec<usize> = (0..count).map(|place| place % owed.len()).collect();
    random::shuffle(&mut storm, seed);
    let now_ms = state.clock.now_ms();
    for (event, endpoint) in storm.into_iter().map(|place| &owed[place]) {
        deliveries::owe_to(&step, event, endpoint, now_ms)?;
    }
    step.commit().map_err(doing("committing a storm"))?;
    Ok(Some(count))
}

/// A JSON body. A web page can post a form anywhere without asking; JSON it cannot.
pub(crate) fn read_json<T: DeserializeOwned>(request: &Request) -> Result<T, Refusal> {
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::request("The body must be application/json."));
    }
    serde_json::from_slice(&request.body).map_err(|error| Refusal::request(error.to_string()))
}

fn view_faults(state: &State, now_ms: i64) -> Value {
    json!({ "object": "list", "data": state.faults.view(now_ms) })
}

async fn find_requests(state: &State, request: &Request) -> Result<Value, Stop> {
    let params = Params::parse(request.query.as_bytes())?;
    params.only(&["donation_id", "payment_intent", "idempotency_key", "request_id", "limit"], &[])?;
    let limit = params.integer("limit")?.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Refusal::param("limit", format!("It must be 1 to {LIMIT_MAX}.")).into());
    }
    let text = |name| params.text(name).map(|value| value.map(str::to_owned));
    let filter = Filter {
        donation_id: text("donation_id")?,
        payment_intent: text("payment_intent")?,
        idempotency_key: text("idempotency_key")?,
        request_id: text("request_id")?,
    };
    let found = state.store.run(move |db| requests::find(db, filter, limit)).await?;
    Ok(json!({ "object": "list", "data": found }))
}
