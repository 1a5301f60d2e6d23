//! Events: what happened to a resource. They carry links, not the resource itself.
//!
//! Object: <https://developer.gocardless.com/api-reference/#core-endpoints-events>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::days;
use super::ids::new_id;
use crate::settings::Provider;
use crate::storage::objects::{Index, Stored};
use crate::storage::{StorageFault, deliveries};
use crate::work::Work;

/// The kind of an event among all that is stored.
pub(crate) const DELIVERED_KIND: &str = "gocardless_event";

/// One event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    /// Milliseconds since the Unix epoch.
    pub(crate) created_ms: i64,
    pub(crate) resource_type: String,
    pub(crate) action: String,
    pub(crate) details: Value,
    pub(crate) links: BTreeMap<String, String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// What is told about a resource.
pub(crate) struct Told<'a> {
    /// The kind and the id of the resource, the kind as its link is called.
    pub(crate) resource: (&'static str, &'a str),
    pub(crate) action: &'static str,
    pub(crate) details: Value,
    /// What came with the request that caused it. GoCardless gives it only where the API is the origin, and
    /// never the metadata of the resource itself.
    pub(crate) metadata: BTreeMap<String, String>,
    /// The event that caused this one.
    pub(crate) parent: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// An event without metadata that no other event caused.
    pub(crate) fn of(resource: (&'static str, &'a str), action: &'static str, details: Value) -> Self {
        Self { resource, action, details, metadata: BTreeMap::new(), parent: None }
    }

    /// The same, caused by another event.
    pub(crate) fn under(self, parent: &'a str) -> Self {
        Self { parent: Some(parent), ..self }
    }
}

impl Event {
    /// The event as the API and the webhooks show it.
    pub(crate) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "created_at": days::timestamp(self.created_ms),
            "resource_type": self.resource_type,
            "action": self.action,
            "details": self.details,
            "links": self.links,
            "metadata": self.metadata,
        })
    }
}

impl Stored for Event {
    const KIND: &'static str = DELIVERED_KIND;

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created_ms,
            money: None,
            label: &self.action,
            parent: self.links.values().next().map(String::as_str),
        }
    }
}

/// Stores an event, owes it to every endpoint, and returns its id.
pub(crate) fn emit(work: &mut Work<'_>, told: Told<'_>) -> Result<String, StorageFault> {
    let (kind, id) = told.resource;
    let mut links = BTreeMap::from([(kind.to_owned(), id.to_owned())]);
    links.extend(told.parent.map(|parent| ("parent_event".to_owned(), parent.to_owned())));
    let event = Event {
        id: new_id("EV"),
        created_ms: work.now_ms,
        resource_type: format!("{kind}s"),
        action: told.action.to_owned(),
        details: told.details,
        links,
        metadata: told.metadata,
    };
    work.put(&event)?;
    let kind = format!("{}.{}", event.resource_type, event.action);
    let (due_ms, copies) = work.schedule_event();
    let due_ms = due_ms.saturating_add(work.gocardless.batch_window_ms);
    deliveries::owe(work.db, Provider::GoCardless, &event.id, &kind, due_ms, copies)?;
    Ok(event.id)
}
