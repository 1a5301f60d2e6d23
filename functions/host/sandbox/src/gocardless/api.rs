//! One request to the API, from its admission to its reply.
//!
//! The order is: who asks and in which version, the rate limiter, the path, the idempotency key, validation,
//! the work.

use std::sync::Arc;

use http::Method;
use serde_json::{Map, Value};

use super::account::Account;
use super::auth;
use super::document;
use super::filters::Filters;
use super::limiter::Allowance;
use super::perform::{Performed, Step};
use super::refusal::{Refusal, Stop, server_error};
use super::route::Operation;
use crate::call::{self, Call, struck_after, visible_status};
use crate::faults::{self, Fault, UnknownFault};
use crate::http::{Reply, Request};
use crate::state::State;
use crate::storage::requests;
use crate::work::Subject;

pub(crate) use super::route::is_ours;

const JSON: &str = "application/json";

/// The longest idempotency key.
const KEY_MAX: usize = 128;

/// Answers one request to the API, where the sandbox has an account.
pub(crate) async fn answer(state: Arc<State>, request: Request) -> Reply {
    let mut call = Call::arriving(&state, &request);
    let Some(account) = &state.gocardless else {
        return Reply::new(404, JSON, Refusal::no_path().body(&call.request_id).to_string());
    };
    let allowance = account.limiter.count(call.arrived_ms);
    let outcome = match admit(&state, account, &request, &mut call, allowance).await {
        Ok((step, struck)) => work(&state, &call, step, struck).await,
        Err(stop) => Err((stop, Vec::new())),
    };
    let reply = match outcome {
        Ok(reply) => reply,
        Err((stop, struck)) => stopped(&state, &call, stop, &struck).await,
    };
    let allowance = if reply.status == 429 { allowance.spent() } else { allowance };
    allowance.stamp(reply).with("x-request-id", call.request_id)
}

/// Lets a request in: who asks, in which version, for what, and which faults strike it.
async fn admit(
    state: &Arc<State>,
    account: &Account,
    request: &Request,
    call: &mut Call,
    allowance: Allowance,
) -> Result<(Step, Vec<Fault>), Stop> {
    auth::check(request, &account.access_token)?;
    if request.method == Method::POST {
        call.idempotency_key = read_key(request)?;
    }
    if allowance.exceeded {
        return Err(Refusal::rate_limited().into());
    }
    let operation = Operation::of(&request.method, &request.path).ok_or_else(Refusal::no_path)?;
    let body = match request.method {
        Method::POST => document::read(request, operation.envelope())?,
        _ => None,
    };
    let filters = Filters::parse(&request.query)?;
    call.subject = Subject {
        payment_intent: operation.payment().map(str::to_owned),
        donation_id: metadata(body.as_ref(), "donation_id").map(str::to_owned),
    };
    let unknown = |error: UnknownFault| Refusal::usage(400, "bad_request", error.to_string());
    let mut struck = match request.header("sandbox-fault") {
        Some(text) => faults::parse_all(text).map_err(unknown)?,
        None => Vec::new(),
    };
    let amount = body.as_ref().and_then(|body| body.get("amount")?.as_i64()).map(|amount| amount.to_string());
    let names = metadata(body.as_ref(), "sandbox_fault");
    let asked = faults::asked_by(names, amount.as_deref()).map_err(unknown)?;
    struck.extend(call::not_yet_struck(state, call, asked).await?);
    struck.extend(state.faults.strike(call.asked()));
    let step = Step {
        state: Arc::clone(state),
        call: call.clone(),
        operation,
        body,
        filters,
        struck: struck.clone(),
    };
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
    call::wait(&struck).await;
    match step.run().await {
        Ok(performed) => {
            state.wake.notify_one();
            call::wait_to_answer(&struck).await;
            Ok(struck_after(reply_to(performed), &struck))
        }
        Err(why) => Err((why, struck)),
    }
}

/// The faults that come before any work.
async fn struck_before(state: &State, call: &Call, struck: &[Fault]) -> Option<Result<Reply, Stop>> {
    let (status, reply) = match call::first_before_work(struck)? {
        Fault::ResetBefore | Fault::Late { .. } => (None, Reply::reset()),
        Fault::ErrorBefore => (Some(500), broken(call)),
        Fault::Outage { ms } => (None, call::out_of_reach(ms).await),
        Fault::RateLimited { .. } => return Some(Err(Refusal::rate_limited().into())),
        _ => return None,
    };
    let line = call.log(status, false, struck);
    let logged = state.store.run(move |db| requests::put(db, &line)).await;
    Some(logged.map(|()| reply).map_err(Stop::Failed))
}

fn broken(call: &Call) -> Reply {
    Reply::new(500, JSON, server_error(&call.request_id).to_string())
}

fn reply_to(performed: Performed) -> Reply {
    let Performed { answer, location } = performed;
    let reply = Reply::new(answer.status, JSON, answer.body);
    match location {
        Some(location) => reply.with("location", location),
        None => reply,
    }
}

/// Answers a request that was refused, or that the sandbox could not work on, and logs it.
async fn stopped(state: &State, call: &Call, stop: Stop, struck: &[Fault]) -> Reply {
    let refusal = match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Failed(fault) => {
            let error = &fault as &dyn std::error::Error;
            tracing::error!(request_id = call.request_id, error, "a request failed");
            return broken(call);
        }
    };
    let line = call.log(visible_status(refusal.status, struck), false, struck);
    if let Err(fault) = state.store.run(move |db| requests::put(db, &line)).await {
        let error = &fault as &dyn std::error::Error;
        tracing::error!(error, "a refused request is missing from the log");
    }
    let reply = Reply::new(refusal.status, JSON, refusal.body(&call.request_id).to_string());
    struck_after(reply, struck)
}

fn read_key(request: &Request) -> Result<Option<String>, Refusal> {
    let Some(value) = request.headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=KEY_MAX).contains(&key.len()) => Ok(Some(key.to_owned())),
        Ok(key) if key.len() > KEY_MAX => {
            let message = format!("The idempotency key is longer than {KEY_MAX} characters");
            Err(Refusal::usage(400, "idempotency_key_too_long", message))
        }
        _ => Err(Refusal::usage(400, "bad_request", "The idempotency key is empty or not ASCII")),
    }
}

fn metadata<'a>(body: Option<&'a Map<String, Value>>, key: &str) -> Option<&'a str> {
    body?.get("metadata")?.get(key)?.as_str()
}
