//! What moves Stripe's objects from outside, under `/_sandbox`: what banks and cardholders do, and what
//! Stripe ought not to. Bodies are JSON, answers the object that was moved, as the API shows it. The header
//! `Sandbox-Fault: webhook-drop`, and its like, strikes the events.
//!
//! - `POST /_sandbox/disputes` `{"payment_intent": "pi_…"}`, if wanted with `"kind"`: `fraudulent` (unless
//!   said), `product_not_received` or `inquiry`. Opens a dispute about all that is left of the payment.
//! - `POST /_sandbox/disputes/{id}` `{"close": "won" | "lost" | "warning_closed"}`, or `{"escalate": true}`,
//!   which turns an inquiry into a chargeback.
//! - `POST /_sandbox/payouts` `{}`, if wanted with `"include_pending": true` and `"currency": "gbp"`. Pays
//!   out what there is, and answers a list with one payout for each currency that has something to pay out.
//! - `POST /_sandbox/payouts/{id}` `{"status": "paid" | "failed" | "canceled"}`. A paid one may still fail.
//! - `POST /_sandbox/refunds/{id}` `{"status": "failed"}`, if wanted with `"reason"` (`unknown`,
//!   `expired_or_canceled_card`, `lost_or_stolen_card`), or `{"status": "succeeded"}` for a pending one.
//! - `POST /_sandbox/payment_intents/{id}`:
//!   - `{"flip": "succeeded"}`: what was declined, or waits, is paid after all;
//!   - `{"fail": "generic_decline"}`: what is processing is declined, with any decline code of the test
//!     cards;
//!   - `{"capture_again": true}`: another intent takes the same money again, and is what is answered.

use std::sync::Arc;

use http::Method as Verb;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::read_json;
use crate::faults::{self, Fault, UnknownFault};
use crate::http::Request;
use crate::state::State;
use crate::storage::{doing, objects};
use crate::stripe::charge::Charge;
use crate::stripe::dispute::{self, Complaint, Dispute, DisputeStatus};
use crate::stripe::intent::{Intent, Status};
use crate::stripe::late;
use crate::stripe::payout::{self, Payout, PayoutStatus};
use crate::stripe::refund::{self, FAILURE_REASONS, Refund, RefundStatus};
use crate::stripe::refusal::{Refusal, Stop};
use crate::stripe::show::Shown;
use crate::stripe::{attempt, cards};
use crate::work::Work;

/// What is asked for.
#[derive(Debug)]
enum Move {
    OpenDispute(OpenDispute),
    Dispute(String, MoveDispute),
    MakePayouts(MakePayouts),
    Payout(String, MovePayout),
    Refund(String, MoveRefund),
    Intent(String, MoveIntent),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenDispute {
    payment_intent: String,
    kind: Option<Complaint>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MoveDispute {
    Close(Close),
    Escalate(Yes),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Close {
    Won,
    Lost,
    WarningClosed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MakePayouts {
    #[serde(default)]
    include_pending: bool,
    currency: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MovePayout {
    status: PayoutStatus,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveRefund {
    status: RefundStatus,
    reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MoveIntent {
    Flip(Flip),
    Fail(String),
    CaptureAgain(Yes),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flip {
    Succeeded,
}

/// `true`, and nothing else.
#[derive(Debug, Deserialize)]
#[serde(try_from = "bool")]
struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(yes: bool) -> Result<Self, Self::Error> {
        if yes { Ok(Self) } else { Err("it can only be true") }
    }
}

/// Answers one request.
pub(crate) async fn answer(state: &Arc<State>, request: &Request) -> Result<Value, Stop> {
    let asked = read(request)?;
    let events = event_faults(request)?;
    let shared = Arc::clone(state);
    let step = move |db: &mut Connection| Ok(perform(&shared, db, asked, events));
    let moved = state.store.run(step).await??;
    state.wake.notify_one();
    Ok(moved)
}

fn read(request: &Request) -> Result<Move, Refusal> {
    let path = request.path.strip_prefix("/_sandbox/").unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    let id = |id: &str| id.to_owned();
    match (&request.method, segments.as_slice()) {
        (&Verb::POST, ["disputes"]) => Ok(Move::OpenDispute(read_json(request)?)),
        (&Verb::POST, ["disputes", dispute]) => Ok(Move::Dispute(id(dispute), read_json(request)?)),
        (&Verb::POST, ["payouts"]) => Ok(Move::MakePayouts(read_json(request)?)),
        (&Verb::POST, ["payouts", payout]) => Ok(Move::Payout(id(payout), read_json(request)?)),
        (&Verb::POST, ["refunds", refund]) => Ok(Move::Refund(id(refund), read_json(request)?)),
        (&Verb::POST, ["payment_intents", intent]) => Ok(Move::Intent(id(intent), read_json(request)?)),
        _ => Err(Refusal::no_route(request.method.as_str(), &request.path)),
    }
}

/// The faults that strike the events of what is asked for.
fn event_faults(request: &Request) -> Result<Vec<Fault>, Refusal> {
    let Some(text) = request.header("sandbox-fault") else { return Ok(Vec::new()) };
    let asked = faults::parse_all(text).map_err(|error: UnknownFault| Refusal::request(error.to_string()))?;
    if asked.iter().all(|fault| fault.is_about_webhooks()) {
        return Ok(asked);
    }
    Err(Refusal::request("Only faults of webhooks can strike here."))
}

fn perform(state: &State, db: &mut Connection, asked: Move, events: Vec<Fault>) -> Result<Value, Stop> {
    let step = db.transaction().map_err(doing("beginning a move"))?;
    let mut work = Work { webhook_faults: events, ..state.work(&step) };
    let moved = match asked {
        Move::OpenDispute(new) => open_dispute(&mut work, &new),
        Move::Dispute(id, change) => move_dispute(&mut work, &id, &change),
        Move::MakePayouts(new) => make_payouts(&mut work, &new),
        Move::Payout(id, change) => move_payout(&mut work, &id, &change),
        Move::Refund(id, change) => move_refund(&mut work, &id, &change),
        Move::Intent(id, change) => move_intent(&mut work, &id, &change),
    }?;
    step.commit().map_err(doing("committing a move"))?;
    Ok(moved)
}

fn open_dispute(work: &mut Work<'_>, new: &OpenDispute) -> Result<Value, Stop> {
    let intent: Intent = work.find(&new.payment_intent, "payment_intent", false)?;
    let charge = match &intent.latest_charge {
        Some(id) => objects::get::<Charge>(work.db, id)?,
        None => None,
    };
    let wrong = |message| Stop::Refused(Refusal::param("payment_intent", message));
    let mut charge = charge.ok_or_else(|| wrong("It has no charge to dispute."))?;
    if let Some(why) = dispute::cannot_be_opened(&charge) {
        return Err(wrong(why));
    }
    let dispute = dispute::open(work, &mut charge, new.kind.unwrap_or(Complaint::Fraud))?;
    Ok(dispute.show(work)?)
}

fn move_dispute(work: &mut Work<'_>, id: &str, change: &MoveDispute) -> Result<Value, Stop> {
    let mut dispute: Dispute = work.find(id, "dispute", true)?;
    let status = dispute.status;
    let (allowed, next) = match change {
        MoveDispute::Close(Close::Won) => (status.is_open_chargeback(), Some(DisputeStatus::Won)),
        MoveDispute::Close(Close::Lost) => (status.is_open_chargeback(), Some(DisputeStatus::Lost)),
        MoveDispute::Close(Close::WarningClosed) => (status.is_inquiry(), Some(DisputeStatus::WarningClosed)),
        MoveDispute::Escalate(Yes) => (status.is_inquiry(), None),
    };
    if !allowed {
        return Err(Refusal::request(format!("The dispute's status is {}.", status.name())).into());
    }
    match next {
        Some(next) => dispute::end(work, &mut dispute, next)?,
        None => dispute::escalate(work, &mut dispute)?,
    }
    Ok(dispute.show(work)?)
}

fn make_payouts(work: &mut Work<'_>, new: &MakePayouts) -> Result<Value, Stop> {
    let made = payout::make(work, new.currency.as_deref(), new.include_pending)?;
    let shown: Result<Vec<Value>, _> = made.iter().map(|payout| payout.show(work)).collect();
    Ok(json!({ "object": "list", "data": shown? }))
}

fn move_payout(work: &mut Work<'_>, id: &str, change: &MovePayout) -> Result<Value, Stop> {
    let mut payout: Payout = work.find(id, "payout", true)?;
    if !payout.status.may_become(change.status) {
        return Err(Refusal::request(format!("The payout's status is {}.", payout.status.name())).into());
    }
    payout::advance(work, &mut payout, change.status)?;
    Ok(payout.show(work)?)
}

fn move_refund(work: &mut Work<'_>, id: &str, change: &MoveRefund) -> Result<Value, Stop> {
    let mut refund: Refund = work.find(id, "refund", true)?;
    let reason = change.reason.as_deref().unwrap_or(FAILURE_REASONS[0]);
    if !FAILURE_REASONS.contains(&reason) {
        let message = format!("It must be one of {}.", FAILURE_REASONS.join(", "));
        return Err(Refusal::param("reason", message).into());
    }
    match (refund.status, change.status) {
        (RefundStatus::Pending | RefundStatus::Succeeded, RefundStatus::Failed) => {
            refund::fail(work, &mut refund, reason)?;
        }
        (RefundStatus::Pending, RefundStatus::Succeeded) => refund::settle(work, &mut refund)?,
        _ => return Err(Refusal::request("The refund's status does not allow that.").into()),
    }
    Ok(refund.show(work)?)
}

fn move_intent(work: &mut Work<'_>, id: &str, change: &MoveIntent) -> Result<Value, Stop> {
    let mut intent: Intent = work.find(id, "intent", true)?;
    let method = late::newest_method(&intent).ok_or_else(|| Refusal::request("It was never confirmed."))?;
    let status = intent.status;
    let allowed = match change {
        MoveIntent::Flip(Flip::Succeeded) => !matches!(status, Status::Succeeded | Status::Canceled),
        MoveIntent::Fail(_) => status == Status::Processing,
        MoveIntent::CaptureAgain(Yes) => true,
    };
    if !allowed {
        let message = format!("The payment intent's status is {}.", status.name());
        return Err(Refusal::state(message, intent.show(work)?).into());
    }
    match change {
        MoveIntent::Flip(Flip::Succeeded) => late::flip(work, &mut intent, &method)?,
        MoveIntent::Fail(code) => {
            let reason = cards::decline_of(code)
                .ok_or_else(|| Refusal::param("fail", "It must be the decline code of a test card."))?;
            attempt::decline(work, &mut intent, &method, &reason)?;
        }
        MoveIntent::CaptureAgain(Yes) => intent = late::capture_again(work, &intent, &method)?,
    }
    Ok(intent.show(work)?)
}
