//! One request to the API, from its admission to its reply.
//!
//! The order is Stripe's: the key, then the rate limiter, then the idempotency layer, then validation, then
//! the work.

use std::sync::Arc;

use http::Method;

use crate::answer::Answer;
use crate::call::{self, Call, struck_after, visible_status};
use crate::faults::{self, Fault, UnknownFault};
use crate::http::{Reply, Request};
use crate::state::State;
use crate::storage::requests;
use crate::stripe::auth;
use crate::stripe::event::API_VERSION;
use crate::stripe::form::{Field, Params};
use crate::stripe::perform::{Done, Step};
use crate::stripe::refusal::{Refusal, Stop, server_error};
use crate::stripe::route::Operation;
use crate::work::Subject;

const JSON: &str = "application/json";

/// The longest idempotency key, <https://docs.stripe.com/api/idempotent_requests>.
const KEY_MAX: usize = 255;

/// Answers one request to `/v1`.
pub(crate) async fn answer(state: Arc<State>, request: Request) -> Reply {
    let mut call = Call::arriving(&state, &request);
    let outcome = match admit(&state, &request, &mut call).await {
        Ok((step, struck)) => work(&state, &call, step, struck).await,
        Err(stop) => Err((stop, Vec::new())),
    };
    let reply = match outcome {
        Ok(reply) => reply,
        Err((stop, struck)) => stopped(&state, &call, stop, &struck).await,
    };
    let reply = reply.with("request-id", call.request_id).with("stripe-version", API_VERSION);
    match call.idempotency_key {
        Some(key) => reply.with("idempotency-key", key),
        None => reply,
    }
}

/// Lets a request in: who asks, in which version, for what, and which faults strike it.
async fn admit(state: &Arc<State>, request: &Request, call: &mut Call) -> Result<(Step, Vec<Fault>), Stop> {
    auth::check(request.header("authorization"), &state.api_key)?;
    if request.method == Method::POST {
        call.idempotency_key = read_key(request)?;
    }
    check_version(request)?;
    let operation = Operation::of(&request.method, &request.path)
        .ok_or_else(|| Refusal::no_route(request.method.as_str(), &request.path))?;
    let params = read_params(request)?;
    call.subject =
        Subject { payment_intent: operation.intent().map(str::to_owned), donation_id: donation_id(&params) };
    let unknown = |error: UnknownFault| Refusal::request(error.to_string());
    let mut struck = match request.header("sandbox-fault") {
        Some(text) => faults::parse_all(text).map_err(unknown)?,
        None => Vec::new(),
    };
    struck.extend(call::not_yet_struck(state, call, asked_by(&params).map_err(unknown)?).await?);
    struck.extend(state.faults.strike(call.asked()));
    let step =
        Step { state: Arc::clone(state), call: call.clone(), operation, params, struck: struck.clone() };
    Ok((step, struck))
}

/// Works on an admitted request, under the faults that strike it.
async fn work(
    state: &Arc<State>,
    call: &Call,
    step: Step,
    struck: Vec<Fault>,
) -> Result<Reply, (Stop, Vec<Fault>)> {
    if let Some(reply) = struck_before(state, call, &struck).await {
        if let Some(at_ms) = call::lands_at(call, &struck) {
            let landing = Step { call: call::landing(step.call.clone(), at_ms), ..step };
            call::land(state, at_ms, landing.run());
        }
        return reply.map_err(|stop| (stop, struck));
    }
    let key = call.idempotency_key.as_deref();
    let held = key.map(|key| state.take_key(key).ok_or_else(|| Refusal::key_in_use(key))).transpose();
    let held = match held {
        Ok(held) => held,
        Err(refusal) => return Err((refusal.into(), struck)),
    };
    call::wait(&struck).await;
    let done = step.run().await;
    drop(held);
    match done {
        Ok(done) => {
            state.wake.notify_one();
            call::wait_to_answer(&struck).await;
            Ok(struck_after(reply_to(done), &struck))
        }
        Err(why) => Err((why, struck)),
    }
}

/// The faults that come before any work.
async fn struck_before(state: &State, call: &Call, struck: &[Fault]) -> Option<Result<Reply, Stop>> {
    let (status, reply) = match call::first_before_work(struck)? {
        Fault::ResetBefore | Fault::Late { .. } => (None, Reply::reset()),
        Fault::ErrorBefore => (Some(500), Reply::new(500, JSON, server_error().to_string())),
        Fault::Outage { ms } => (None, call::out_of_reach(ms).await),
        Fault::RateLimited { limit } => return Some(Err(Refusal::rate_limited(limit).into())),
        _ => return None,
    };
    let line = call.log(status, false, struck);
    let logged = state.store.run(move |db| requests::put(db, &line)).await;
    Some(logged.map(|()| call::about_retry(reply, struck)).map_err(Stop::Failed))
}

fn reply_to(done: Done) -> Reply {
    let Done { answer, original_request, replayed } = done;
    let mut reply = Reply::new(answer.status, JSON, answer.body);
    if let Some(original_request) = original_request {
        reply = reply.with("original-request", original_request);
    }
    if replayed { reply.with("idempotent-replayed", "true") } else { reply }
}

/// Answers a request that was refused, or that the sandbox could not work on, and logs it.
async fn stopped(state: &State, call: &Call, stop: Stop, struck: &[Fault]) -> Reply {
    let refusal = match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Failed(fault) => {
            tracing::error!(
                request_id = call.request_id,
                error = &fault as &dyn std::error::Error,
                "a request failed"
            );
            return Reply::new(500, JSON, server_error().to_string());
        }
    };
    let line = call.log(visible_status(refusal.status, struck), false, struck);
    if let Err(fault) = state.store.run(move |db| requests::put(db, &line)).await {
        tracing::error!(
            error = &fault as &dyn std::error::Error,
            "a refused request is missing from the log"
        );
    }
    let answer = refused(state, call, &refusal);
    let mut reply = Reply::new(answer.status, JSON, answer.body);
    if let Some(reason) = refusal.limited_by {
        reply = reply.with("stripe-rate-limited-reason", reason);
    }
    if refusal.status == 401 {
        reply = reply.with("www-authenticate", "Bearer realm=\"Stripe\"");
    }
    struck_after(reply, struck)
}

/// A refusal as an answer.
pub(crate) fn refused(state: &State, call: &Call, refusal: &Refusal) -> Answer {
    let log_url = Refusal::log_url(&state.base_url, &call.request_id);
    Answer::new(refusal.status, &refusal.body(&log_url))
}

/// The sandbox knows one release train; another would silently get this one's rules.
fn check_version(request: &Request) -> Result<(), Refusal> {
    let asked = request.headers.get("stripe-version").map(|value| value.to_str().unwrap_or("?"));
    if asked.is_none_or(|asked| asked.ends_with(".endive")) {
        return Ok(());
    }
    Err(Refusal::request(format!("Invalid Stripe API version: the sandbox speaks {API_VERSION} only.")))
}

fn read_key(request: &Request) -> Result<Option<String>, Refusal> {
    let Some(value) = request.headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=KEY_MAX).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Refusal::request(format!(
            "Idempotency-Key must have 1 to {KEY_MAX} visible ASCII characters."
        ))),
    }
}

fn read_params(request: &Request) -> Result<Params, Refusal> {
    if request.method == Method::GET {
        return Params::parse(request.query.as_bytes());
    }
    let form = "application/x-www-form-urlencoded";
    let kind = request.header("content-type").unwrap_or(form);
    if !kind.starts_with(form) && !request.body.is_empty() {
        return Err(Refusal::request(format!("The body must be {form}.")));
    }
    Params::parse(&request.body)
}

fn donation_id(params: &Params) -> Option<String> {
    metadata(params, "donation_id").map(str::to_owned)
}

fn metadata<'a>(params: &'a Params, key: &str) -> Option<&'a str> {
    let Some(Field::Nested(metadata)) = params.fields.get("metadata") else { return None };
    match metadata.get(key) {
        Some(Field::Text(value)) => Some(value),
        _ => None,
    }
}

/// The faults that a request's own parameters ask for, by `metadata[sandbox_fault]` or by a magic amount.
fn asked_by(params: &Params) -> Result<Vec<Fault>, UnknownFault> {
    let amount = match params.fields.get("amount") {
        Some(Field::Text(amount)) => Some(amount.as_str()),
        _ => None,
    };
    faults::asked_by(metadata(params, "sandbox_fault"), amount)
}
