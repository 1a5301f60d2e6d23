//! The one database step in which a request is done, all or nothing.

use std::sync::Arc;

use rusqlite::{Connection, Transaction};
use serde_json::{Map, Value};

use super::filters::Filters;
use super::key;
use super::refusal::{Refusal, Stop, server_error};
use super::route::{Done, Operation};
use crate::answer::Answer;
use crate::call::{Call, visible_status};
use crate::faults::Fault;
use crate::state::State;
use crate::storage::{StorageFault, doing, requests};
use crate::work::Work;

/// An admitted request with all it takes to do it.
pub(crate) struct Step {
    pub(crate) state: Arc<State>,
    pub(crate) call: Call,
    pub(crate) operation: Operation,
    pub(crate) body: Option<Map<String, Value>>,
    pub(crate) filters: Filters,
    pub(crate) struck: Vec<Fault>,
}

/// A request that was done.
pub(crate) struct Performed {
    pub(crate) answer: Answer,
    /// The path of what was created.
    pub(crate) location: Option<String>,
}

impl Step {
    /// Does the request and stores what it has done, before it is answered.
    pub(crate) async fn run(self) -> Result<Performed, Stop> {
        let store = self.state.store.clone();
        store.run(move |db| Ok(self.perform(db))).await?
    }

    fn perform(mut self, db: &mut Connection) -> Result<Performed, Stop> {
        if self.struck.contains(&Fault::ForgetKeys) {
            key::forget_all(db)?;
        }
        let collection = self.operation.envelope();
        let idempotency_key = self.call.idempotency_key.clone().filter(|_| self.operation.is_creation());
        if let Some(key) = &idempotency_key
            && let Some(resource) = key::created_with(db, collection, key)?
        {
            return Err(Refusal::conflict(&resource).into());
        }
        let step = begin(db)?;
        let done = self.operate(&step)?;
        if self.struck.contains(&Fault::ErrorStored) {
            // No answer is ever stored, so a failure in the middle leaves nothing at all behind.
            step.rollback().map_err(doing("undoing a request"))?;
            return self.finish(begin(db)?, broken(&self.call), None);
        }
        let location = done.created.as_ref().map(|id| format!("/{collection}/{id}"));
        if let (Some(key), Some(id)) = (&idempotency_key, &done.created) {
            key::remember(&step, collection, key, id, self.call.arrived_ms)?;
        }
        if self.struck.contains(&Fault::CaptureThenError) {
            return self.finish(step, broken(&self.call), None);
        }
        let status = if done.created.is_some() { 201 } else { 200 };
        self.finish(step, Answer { status, body: done.body.to_string().into_bytes() }, location)
    }

    fn operate(&mut self, step: &Transaction<'_>) -> Result<Done, Stop> {
        let mut work = Work {
            request_id: Some(self.call.request_id.clone()),
            idempotency_key: self.call.idempotency_key.clone(),
            webhook_faults: self.struck.iter().copied().filter(|fault| fault.is_about_webhooks()).collect(),
            subject: self.call.subject.clone(),
            ..self.state.work(step)
        };
        let done = self.operation.run(&mut work, self.body.take(), std::mem::take(&mut self.filters));
        self.call.subject = work.subject;
        done
    }

    fn finish(
        &self,
        step: Transaction<'_>,
        answer: Answer,
        location: Option<String>,
    ) -> Result<Performed, Stop> {
        let line = self.call.log(visible_status(answer.status, &self.struck), false, &self.struck);
        requests::put(&step, &line)?;
        step.commit().map_err(doing("committing a request"))?;
        Ok(Performed { answer, location })
    }
}

fn begin(db: &mut Connection) -> Result<Transaction<'_>, StorageFault> {
    db.transaction().map_err(doing("beginning a request"))
}

/// The 500 that takes the place of an answer.
fn broken(call: &Call) -> Answer {
    Answer { status: 500, body: server_error(&call.request_id).to_string().into_bytes() }
}
