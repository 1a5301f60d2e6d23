//! The one database step in which a request is done: the idempotency layer and the work, all or nothing.

use std::sync::Arc;

use rusqlite::{Connection, Transaction};

use crate::answer::Answer;
use crate::call::{Call, visible_status};
use crate::clock::millis;
use crate::faults::Fault;
use crate::state::State;
use crate::storage::keys::{self, StoredAnswer};
use crate::storage::{StorageFault, doing, requests};
use crate::stripe::api::refused;
use crate::stripe::form::Params;
use crate::stripe::refusal::{Refusal, Stop, server_error};
use crate::stripe::route::Operation;
use crate::work::{Subject, Work};

/// An admitted request with all it takes to do it.
pub(crate) struct Step {
    pub(crate) state: Arc<State>,
    pub(crate) call: Call,
    pub(crate) operation: Operation,
    pub(crate) params: Params,
    pub(crate) struck: Vec<Fault>,
}

/// A request that was done, now or earlier.
pub(crate) struct Done {
    pub(crate) answer: Answer,
    /// The request that the answer was first given to, where there is an idempotency key.
    pub(crate) original_request: Option<String>,
    pub(crate) replayed: bool,
}

impl Step {
    /// Does the request and stores what is answered, before it is answered.
    pub(crate) async fn run(self) -> Result<Done, Stop> {
        let store = self.state.store.clone();
        store.run(move |db| Ok(self.perform(db))).await?
    }

    fn perform(mut self, db: &mut Connection) -> Result<Done, Stop> {
        if self.struck.contains(&Fault::ForgetKeys) {
            keys::forget(db, i64::MAX)?;
        }
        if let Some(done) = self.replay(db)? {
            return Ok(done);
        }
        let subject = self.call.subject.clone();
        let step = begin(db)?;
        let worked = self.operate(&step);
        let (answer, step) = match worked {
            Ok(answer) if self.struck.contains(&Fault::CaptureThenError) => (broken(answer.status), step),
            Ok(answer) if self.struck.contains(&Fault::ErrorStored) => {
                step.rollback().map_err(doing("undoing a request"))?;
                // The intent that the work was about is gone again.
                self.call.subject = subject;
                (broken(answer.status), begin(db)?)
            }
            Ok(answer) => (answer, step),
            // What was refused after the work had begun is stored like any other answer; its traces are not.
            Err(Stop::Refused(refusal)) if refusal.begun && self.call.idempotency_key.is_some() => {
                step.rollback().map_err(doing("undoing a request"))?;
                (refused(&self.state, &self.call, &refusal), begin(db)?)
            }
            Err(why) => return Err(why),
        };
        self.store_answer(&step, &answer)?;
        let line = self.call.log(visible_status(answer.status, &self.struck), false, &self.struck);
        requests::put(&step, &line)?;
        step.commit().map_err(doing("committing a request"))?;
        let original_request = self.call.idempotency_key.is_some().then_some(self.call.request_id);
        Ok(Done { answer, original_request, replayed: false })
    }

    /// The answer stored under the key, where there is one.
    fn replay(&mut self, db: &Connection) -> Result<Option<Done>, Stop> {
        let Some(key) = &self.call.idempotency_key else { return Ok(None) };
        let until_ms = self.call.arrived_ms - millis(self.state.key_retention);
        keys::forget(db, until_ms)?;
        let Some(stored) = keys::get(db, key)? else { return Ok(None) };
        if stored.fingerprint != self.params.fingerprint(&self.call.path) {
            return Err(Refusal::other_parameters(key).into());
        }
        self.call.subject =
            Subject { payment_intent: stored.payment_intent, donation_id: stored.donation_id };
        let status = visible_status(stored.status, &self.struck);
        requests::put(db, &self.call.log(status, true, &self.struck))?;
        Ok(Some(Done {
            answer: Answer { status: stored.status, body: stored.body },
            original_request: Some(stored.request_id),
            replayed: true,
        }))
    }

    fn operate(&mut self, step: &Transaction<'_>) -> Result<Answer, Stop> {
        let mut work = Work {
            request_id: Some(self.call.request_id.clone()),
            idempotency_key: self.call.idempotency_key.clone(),
            webhook_faults: self.struck.iter().copied().filter(|fault| fault.is_about_webhooks()).collect(),
            subject: self.call.subject.clone(),
            ..self.state.work(step)
        };
        let answer = self.operation.run(&mut work, &self.params);
        self.call.subject = work.subject;
        answer
    }

    fn store_answer(&self, step: &Transaction<'_>, answer: &Answer) -> Result<(), StorageFault> {
        let Some(key) = &self.call.idempotency_key else { return Ok(()) };
        let stored = StoredAnswer {
            fingerprint: self.params.fingerprint(&self.call.path),
            request_id: self.call.request_id.clone(),
            status: answer.status,
            body: answer.body.clone(),
            payment_intent: self.call.subject.payment_intent.clone(),
            donation_id: self.call.subject.donation_id.clone(),
        };
        keys::put(step, key, self.call.arrived_ms, &stored)
    }
}

fn begin(db: &mut Connection) -> Result<Transaction<'_>, StorageFault> {
    db.transaction().map_err(doing("beginning a request"))
}

/// The 500 that takes the place of an answer.
fn broken(instead_of: u16) -> Answer {
    tracing::debug!(instead_of, "a fault on demand answers 500");
    Answer::new(500, &server_error())
}
