//! What only the sandbox has: `/_sandbox/gocardless/…`, for the operator and for tests. It needs no token.
//!
//! All are POST with a JSON body, and answer with the resource as it is then, in its envelope:
//! - `payments/{id}`: `{"to": STATE}`, at once and not when its time comes. The states are `submitted`,
//!   `confirmed`, `paid_out`, `failed`, `late_failure`, `charged_back` and `chargeback_cancelled`. Those
//!   that come
//!   before are passed through. `{"reason_code": "ARUDD-1"}` says what the bank says.
//! - `refunds/{id}`: `{"to": "paid" | "failed"}`.
//! - `payouts`: `{"to": "pending" | "paid"}`, `paid` unless said: a payout of every confirmed payment, and
//!   of all
//!   that waits for one.
//! - `payouts/{id}`: `{"to": "paid" | "bounced"}`.
//! - `storm`: `{"copies": 3, "batch": 250, "seed": 7, "payment": "PM…"}`, none of which has to be said:
//!   every event
//!   is delivered again, in any sequence.

use std::sync::Arc;

use http::Method;
use rusqlite::Connection;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::cause::{BankReason, CLAIMED, UNPAID};
use super::payment::{Payment, Status};
use super::payout::Payout;
use super::refund::Refund;
use super::refusal::{Refusal, Stop, server_error};
use super::route::{Done, find};
use super::settle::{self, Sweep};
use super::storm::Storm;
use super::{progress, refunds};
use crate::faults::{self, Fault};
use crate::http::{Reply, Request};
use crate::ids::new_id;
use crate::state::State;
use crate::storage::doing;
use crate::work::Work;

/// Where everything here begins.
pub(crate) const ROOT: &str = "/_sandbox/gocardless/";

/// Where something is to go, and what the bank says about it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    to: Option<String>,
    reason_code: Option<String>,
}

/// Answers one request under [`ROOT`].
pub(crate) async fn answer(state: &Arc<State>, request: &Request) -> Reply {
    let request_id = new_id("req");
    let (status, body) = match control(state, request).await {
        Ok(body) => (200, body),
        Err(Stop::Refused(refusal)) => (refusal.status, refusal.body(&request_id)),
        Err(Stop::Failed(fault)) => {
            tracing::error!(error = &fault as &dyn std::error::Error, "a control request failed");
            (500, server_error(&request_id))
        }
    };
    Reply::new(status, "application/json", format!("{body:#}\n"))
}

async fn control(state: &Arc<State>, request: &Request) -> Result<Value, Stop> {
    let rest = request.path.strip_prefix(ROOT).unwrap_or_default();
    let segments: Vec<String> = rest.split('/').map(str::to_owned).collect();
    if request.method != Method::POST {
        return Err(Refusal::no_path().into());
    }
    // A web page can post a form anywhere without asking; JSON it cannot.
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Refusal::usage(415, "unsupported_media_type", "The body must be application/json").into());
    }
    let faults = read_faults(request)?;
    let (shared, body) = (Arc::clone(state), request.body.clone());
    let done = state.store.run(move |db| Ok(step(&shared, db, faults, &segments, &body))).await??;
    state.wake.notify_one();
    Ok(done)
}

/// The faults that strike the events of a control request.
fn read_faults(request: &Request) -> Result<Vec<Fault>, Refusal> {
    let Some(text) = request.header("sandbox-fault") else { return Ok(Vec::new()) };
    let wrong = |message: String| Refusal::usage(400, "bad_request", message);
    let faults = faults::parse_all(text).map_err(|error| wrong(error.to_string()))?;
    match faults.iter().find(|fault| !fault.is_about_webhooks()) {
        None => Ok(faults),
        Some(fault) => Err(wrong(format!("{fault} does not strike control requests"))),
    }
}

fn step(
    state: &State,
    db: &mut Connection,
    webhook_faults: Vec<Fault>,
    segments: &[String],
    body: &[u8],
) -> Result<Value, Stop> {
    let step = db.transaction().map_err(doing("beginning a control request"))?;
    let mut work = Work { webhook_faults, ..state.work(&step) };
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let shown = match segments.as_slice() {
        ["payments", id] => {
            let payment = find::<Payment>(&work, id)?;
            Done::shown("payments", move_payment(&mut work, payment, &read(body)?)?.show()).body
        }
        ["refunds", id] => {
            let mut refund = find::<Refund>(&work, id)?;
            let happened = match read::<Target>(body)?.to.as_deref() {
                Some("paid") => refunds::pay(&mut work, &mut refund)?,
                Some("failed") => refunds::fail(&mut work, &mut refund)?,
                _ => return Err(unknown("paid or failed")),
            };
            allowed(happened)?;
            Done::shown("refunds", refund.show()).body
        }
        ["payouts"] => Done::shown("payouts", pay_out(&mut work, &read(body)?)?.show()).body,
        ["payouts", id] => {
            let mut payout = find::<Payout>(&work, id)?;
            let happened = match read::<Target>(body)?.to.as_deref() {
                Some("paid") => settle::pay(&mut work, &mut payout)?,
                Some("bounced") => settle::bounce(&mut work, &mut payout)?,
                _ => return Err(unknown("paid or bounced")),
            };
            allowed(happened)?;
            Done::shown("payouts", payout.show()).body
        }
        ["storm"] => read::<Storm>(body)?.raise(&work)?,
        _ => return Err(Refusal::no_path().into()),
    };
    step.commit().map_err(doing("committing a control request"))?;
    Ok(shown)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Refusal::usage(400, "bad_request", error.to_string()))
}

fn unknown(known: &str) -> Stop {
    Refusal::usage(400, "bad_request", format!("\"to\" must be {known}")).into()
}

fn allowed(happened: bool) -> Result<(), Refusal> {
    let message = "It is not in a state in which that can happen";
    if happened { Ok(()) } else { Err(Refusal::state("sandbox_not_possible", message)) }
}

/// Moves a payment to a state, through those that come before it.
fn move_payment(work: &mut Work<'_>, mut payment: Payment, target: &Target) -> Result<Payment, Stop> {
    let code = target.reason_code.as_deref();
    let reason = |report: &'static [BankReason]| match code {
        None => Ok(&report[0]),
        Some(code) => BankReason::of_code(report, code).ok_or_else(|| {
            Stop::from(Refusal::usage(400, "bad_request", "No bank says that reason_code about this"))
        }),
    };
    let happened = match target.to.as_deref() {
        Some("submitted") => progress::submit(work, &mut payment)?,
        Some("confirmed") => {
            progress::submit(work, &mut payment)?;
            progress::confirm(work, &mut payment)?
        }
        Some("failed") => {
            progress::submit(work, &mut payment)?;
            progress::fail(work, &mut payment, reason(&UNPAID)?)?
        }
        Some("paid_out") => {
            collect(work, &mut payment)?;
            pay_out_one(work, &payment)?
        }
        Some("late_failure") => {
            collect(work, &mut payment)?;
            progress::fail_late(work, &mut payment, reason(&UNPAID)?)?
        }
        Some("charged_back") => {
            collect(work, &mut payment)?;
            progress::charge_back(work, &mut payment, reason(&CLAIMED)?)?
        }
        Some("chargeback_cancelled") => progress::cancel_chargeback(work, &mut payment)?,
        _ => {
            return Err(unknown(
                "submitted, confirmed, paid_out, failed, late_failure, charged_back or chargeback_cancelled",
            ));
        }
    };
    allowed(happened)?;
    find::<Payment>(work, &payment.id)
}

/// Submits and confirms a payment that is not there yet.
fn collect(work: &mut Work<'_>, payment: &mut Payment) -> Result<(), Stop> {
    if payment.status == Status::PendingSubmission {
        progress::submit(work, payment)?;
    }
    if payment.status == Status::Submitted {
        progress::confirm(work, payment)?;
    }
    Ok(())
}

/// Pays out one payment, with all that waits for a payout.
fn pay_out_one(work: &mut Work<'_>, payment: &Payment) -> Result<bool, Stop> {
    if payment.status != Status::Confirmed {
        return Ok(false);
    }
    let payout = match &payment.payout {
        Some(payout) => Some(find::<Payout>(work, payout)?),
        None => settle::make_up(work, Sweep::One(&payment.id))?,
    };
    let mut payout = payout.ok_or_else(nothing_left)?;
    Ok(settle::pay(work, &mut payout)?)
}

fn pay_out(work: &mut Work<'_>, target: &Target) -> Result<Payout, Stop> {
    let is_paid = match target.to.as_deref() {
        None | Some("paid") => true,
        Some("pending") => false,
        Some(_) => return Err(unknown("pending or paid")),
    };
    let mut payout = settle::make_up(work, Sweep::All)?.ok_or_else(nothing_left)?;
    if is_paid {
        settle::pay(work, &mut payout)?;
    }
    Ok(payout)
}

fn nothing_left() -> Refusal {
    Refusal::state("sandbox_nothing_to_pay_out", "The balance that waits for a payout is not positive")
}
