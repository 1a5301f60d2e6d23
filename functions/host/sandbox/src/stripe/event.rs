//! Events: what happened, as it was when it happened.
//!
//! Object: <https://docs.stripe.com/api/events/object>.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ids::new_id;
use crate::settings::Provider;
use crate::storage::objects::{Index, Stored};
use crate::storage::{StorageFault, deliveries};
use crate::stripe::kind::Kind;
use crate::stripe::show::Shown;
use crate::work::Work;

/// The one API version the sandbox speaks.
pub(crate) const API_VERSION: &str = "2026-10-28.endive";

/// One event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) created: i64,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The object as it was, and what of it was different before.
    pub(crate) data: Value,
    pub(crate) payment_intent: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

impl Stored for Event {
    const KIND: &'static str = Kind::Event.name();

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created,
            money: None,
            label: &self.kind,
            parent: self.payment_intent.as_deref(),
        }
    }
}

impl Shown for Event {
    fn show(&self, work: &Work<'_>) -> Result<Value, StorageFault> {
        Ok(self.envelope(deliveries::pending(work.db, &self.id)?))
    }
}

impl Event {
    /// The event with the number of deliveries that are still to be made.
    pub(crate) fn envelope(&self, pending_webhooks: i64) -> Value {
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": self.data,
            "livemode": false,
            "pending_webhooks": pending_webhooks,
            "request": { "id": self.request_id, "idempotency_key": self.idempotency_key },
            "type": self.kind,
        })
    }
}

/// Stores an event about `object` and owes it to every endpoint.
pub(crate) fn emit<T: Shown>(work: &mut Work<'_>, kind: &str, object: &T) -> Result<(), StorageFault> {
    let data = json!({ "object": object.show(work)? });
    let parent = object.index().parent.unwrap_or(object.index().id).to_owned();
    emit_data(work, kind, data, parent)
}

/// As [`emit`], for an event that also says what was different before.
pub(crate) fn emit_update<T: Shown>(
    work: &mut Work<'_>,
    kind: &str,
    object: &T,
    before: &Value,
) -> Result<(), StorageFault> {
    let data = json!({ "object": object.show(work)?, "previous_attributes": before });
    let parent = object.index().parent.unwrap_or(object.index().id).to_owned();
    emit_data(work, kind, data, parent)
}

fn emit_data(work: &mut Work<'_>, kind: &str, data: Value, parent: String) -> Result<(), StorageFault> {
    let event = Event {
        id: new_id("evt"),
        created: work.now(),
        kind: kind.to_owned(),
        data,
        payment_intent: Some(parent),
        request_id: work.request_id.clone(),
        idempotency_key: work.idempotency_key.clone(),
    };
    work.put(&event)?;
    let (due_ms, copies) = work.schedule_event();
    deliveries::owe(work.db, Provider::Stripe, &event.id, kind, due_ms, copies)
}
