//! What only the sandbox has: `/_sandbox/…`, for the operator and for tests. It needs no key and shows none.
//!
//! - `GET /_sandbox/faults`: the rules in force. `DELETE` ends them all.
//! - `POST /_sandbox/faults`, JSON: `{"name": "latency=500", "count": 3}` or `{"name": "429", "rate": 20}` with
//!   optional `"seconds"` and `"on"` (`writes`, `reads`, `all`). `rate` is requests in a hundred.
//! - `GET /_sandbox/requests`: the log, filtered by `donation_id`, `payment_intent`, `idempotency_key` or
//!   `request_id`; the newest `limit` (100, at most 1000), oldest first.
//! - `GET /_sandbox/totals`: counts and sums in minor units, by currency.

use std::collections::BTreeMap;
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
use crate::storage::{deliveries, objects};

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
        (&Method::GET, "/_sandbox/totals") => totals(state).await,
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
    let how_often = match (new.count, new.rate) {
        (Some(count), None) if count > 0 => HowOften::Times(count),
        (None, Some(rate)) if (1..=100).contains(&rate) => HowOften::Percent(rate),
        _ => {
            let message = "Send either count (at least 1) or rate (1 to 100, requests in a hundred).";
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

/// Money and counts by currency. A refund counts until it has failed.
async fn totals(state: &State) -> Result<Value, Stop> {
    let (lines, counts) =
        state.store.run(|db| Ok((objects::totals(db)?, deliveries::counts(db)?))).await?;
    let mut currencies: BTreeMap<String, BTreeMap<&str, i64>> = BTreeMap::new();
    let mut statuses: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for line in lines {
        let names = match (line.kind.as_str(), line.label.as_str()) {
            ("charge", "succeeded") => Some(("captured", "captures")),
            ("refund", "succeeded" | "pending") => Some(("refunded", "refunds")),
            _ => None,
        };
        if let (Some((amount, count)), Some(currency)) = (names, &line.currency) {
            let sums = currencies.entry(currency.clone()).or_default();
            *sums.entry(amount).or_insert(0) += line.amount;
            *sums.entry(count).or_insert(0) += line.count;
        }
        *statuses.entry(line.kind).or_default().entry(line.label).or_insert(0) += line.count;
    }
    for sums in currencies.values_mut() {
        for name in ["captured", "captures", "refunded", "refunds"] {
            sums.entry(name).or_insert(0);
        }
    }
    let deliveries: BTreeMap<String, i64> = counts.into_iter().collect();
    Ok(json!({
        "object": "totals", "currencies": currencies, "objects": statuses, "deliveries": deliveries,
    }))
}
