//! What only the sandbox has: `/_sandbox/…`, for the operator and for tests. It needs no key and shows none.
//!
//! - `GET /_sandbox/faults`: the rules in force. `DELETE` ends them all.
//! - `POST /_sandbox/faults`, JSON: a `name` such as `latency=500`, and one of `count` (the next so many
//!   requests), `rate` (so many in a hundred) or `above` (those beyond so many in one second); if wanted,
//!   `seconds` (for how long) and `on` (`writes`, `reads`, `all`; the first unless said).
//!   Stripe's limit on writes to one of its paths is `{"name": "429", "above": 25}`.
//! - `GET /_sandbox/requests`: the log, filtered by `donation_id`, `payment_intent`, `idempotency_key` or
//!   `request_id`; the newest `limit` (100, at most 1000), oldest first.

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{Fault, FaultRule, HowOften, Requests, UnknownFault};
use crate::form::Params;
use crate::http::{Reply, Request};
use crate::refusal::{Refusal, Stop, server_error};
use crate::state::State;
use crate::storage::requests::{self, Filter};

const LIMIT_DEFAULT: i64 = 100;
const LIMIT_MAX: i64 = 1000;

/// The longest a rule may be in force: a day.
const SECONDS_MAX: u64 = 24 * 60 * 60;

/// Answers one request to `/_sandbox`.
pub(crate) async fn answer(state: &State, request: &Request) -> Reply {
    let now_ms = state.clock.now_ms();
    let outcome = match (&request.method, request.path.as_str()) {
        (&Method::GET, "/_sandbox/faults") => Ok(view_faults(state, now_ms)),
        (&Method::POST, "/_sandbox/faults") => add_fault(state, request, now_ms).map_err(Stop::Refused),
        (&Method::DELETE, "/_sandbox/faults") => {
            state.faults.clear(now_ms);
            Ok(view_faults(state, now_ms))
        }
        (&Method::GET, "/_sandbox/requests") => find_requests(state, request).await,
        (method, path) => Err(Refusal::no_route(method.as_str(), path).into()),
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
    #[serde(default)]
    on: Requests,
}

fn add_fault(state: &State, request: &Request, now_ms: i64) -> Result<Value, Refusal> {
    // A web page can post a form anywhere without asking; JSON it cannot.
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::request("The body must be application/json."));
    }
    let new: NewRule =
        serde_json::from_slice(&request.body).map_err(|error| Refusal::request(error.to_string()))?;
    let fault: Fault =
        new.name.parse().map_err(|error: UnknownFault| Refusal::param("name", error.to_string()))?;
    let how_often = match (new.count, new.rate, new.above) {
        (Some(count), None, None) if count > 0 => HowOften::Times(count),
        (None, Some(rate), None) if (1..=100).contains(&rate) => HowOften::Percent(rate),
        (None, None, Some(above)) => HowOften::Above(above),
        _ => {
            let message =
                "Send one of count (at least 1), rate (1 to 100, in a hundred) and above (a second).";
            return Err(Refusal::param("count", message));
        }
    };
    if new.seconds.is_some_and(|seconds| seconds == 0 || seconds > SECONDS_MAX) {
        return Err(Refusal::param("seconds", format!("It must be 1 to {SECONDS_MAX}.")));
    }
    let rule = FaultRule { fault, on: new.on, how_often, lasts: new.seconds.map(Duration::from_secs) };
    if !state.faults.add(rule, now_ms) {
        return Err(Refusal::request("Too many rules are in force; DELETE /_sandbox/faults ends them."));
    }
    Ok(view_faults(state, now_ms))
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
