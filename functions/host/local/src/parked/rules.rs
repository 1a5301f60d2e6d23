//! What a message of a queue looks like: the rules that an edited body has to meet.
//!
//! They are those of the contract's schemas, and one more: a field that the contract does not name is
//! refused, so that nothing but ids can get into a message by hand.

use contracts::events::{DonationEvent, WebhookReceived, WebhookReceivedType};
use contracts::time::{from_rfc3339, to_rfc3339};
use contracts::topology::Topology;
use domain::ids::{DonationId, NotificationId, Provider};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The type of the messages on a queue that no topic feeds.
const WEBHOOK_RECEIVED: &str = "webhook.received.v1";

/// Why a body is no message of the queue. Names the field and the rule, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct BadBody {
    /// JSON Pointer of the field; `body` for the whole.
    pub field: String,
    /// What it must be.
    pub rule: String,
}

/// What a good body says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) kind: String,
    pub(super) donation_id: Option<String>,
}

/// The types that a queue takes: those that its subscription lets through, or else stored webhooks.
pub(super) fn kinds_of(topology: &Topology, queue: &str) -> Vec<String> {
    let subscription = topology.queues.get(queue).and_then(|queue| queue.subscription.as_ref());
    match subscription {
        Some(subscription) => subscription.filter.get("type").cloned().unwrap_or_default(),
        None => vec![WEBHOOK_RECEIVED.to_owned()],
    }
}

/// Checks a body against the rules of a queue that takes these types.
pub(super) fn check(body: &str, kinds: &[String]) -> Result<Envelope, BadBody> {
    let value: Value = serde_json::from_str(body).map_err(|error| {
        bad("body", format!("must be JSON (line {}, column {})", error.line(), error.column()))
    })?;
    let Value::Object(fields) = &value else { return Err(bad("body", "must be a JSON object")) };
    let kind = text(fields, "type")?.ok_or_else(|| missing("type"))?.to_owned();
    if !kinds.contains(&kind) {
        return Err(bad("/type", format!("must be {}", kinds.join(" or "))));
    }
    check_scalars(fields)?;
    let known = if kind == WEBHOOK_RECEIVED {
        let event: WebhookReceived = read(&value)?;
        let WebhookReceivedType::WebhookReceivedV1 = event.kind;
        if event.notification_id.split('#').next() != Some(event.provider.as_str()) {
            return Err(bad("/notification_id", "must begin with the provider and #"));
        }
        written(&event)
    } else {
        written(&read::<DonationEvent>(&value)?)
    };
    match fields.keys().find(|name| !known.contains_key(*name)) {
        Some(name) => Err(bad(format!("/{name}"), format!("is no field of {kind}"))),
        None => Ok(Envelope { kind, donation_id: text(fields, "donation_id")?.map(str::to_owned) }),
    }
}

/// Checks the grammar of every field that has one.
fn check_scalars(fields: &Map<String, Value>) -> Result<(), BadBody> {
    let rule = |name: &str, check: &dyn Fn(&str) -> Result<(), String>| match text(fields, name)? {
        Some(text) => check(text).map_err(|rule| bad(format!("/{name}"), rule)),
        None => Ok(()),
    };
    rule("id", &|id| pattern(id, "xxxxxxxx-xxxx-7xxx-vxxx-xxxxxxxxxxxx", "a UUID of version 7"))?;
    rule("donation_id", &|id| DonationId::parse(id).map(drop).map_err(|error| error.to_string()))?;
    rule("provider", &|name| Provider::parse(name).map(drop).map_err(|error| error.to_string()))?;
    rule("notification_id", &|id| NotificationId::parse(id).map(drop).map_err(|error| error.to_string()))?;
    rule("occurred_at", &|moment| {
        let read = from_rfc3339(moment).map_err(|error| error.to_string())?;
        if to_rfc3339(read) == moment {
            return Ok(());
        }
        Err("must be in UTC with milliseconds, such as 2026-11-20T20:00:00.123Z".to_owned())
    })?;
    let trace = format!("00-{}-{}-xx", "x".repeat(32), "x".repeat(16));
    rule("traceparent", &|context| pattern(context, &trace, "a W3C trace context of version 00"))
}

/// Checks that a text looks like the pattern: `x` is a hexadecimal digit in lower case, `v` one of 8, 9, a
/// and b.
fn pattern(text: &str, pattern: &str, what: &str) -> Result<(), String> {
    let fits = |(byte, wanted): (u8, u8)| match wanted {
        b'x' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        b'v' => matches!(byte, b'8' | b'9' | b'a' | b'b'),
        other => byte == other,
    };
    if text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(fits) {
        return Ok(());
    }
    Err(format!("must be {what} in lower case"))
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, BadBody> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad(format!("/{name}"), "must be a text")),
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, BadBody> {
    serde_json::from_value(value.clone()).map_err(|error| {
        let words = error.to_string();
        match words.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            Some(name) => missing(name),
            None => bad("body", "is not of the contract's form"),
        }
    })
}

fn written(event: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(event) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) | Err(_) => Map::new(),
    }
}

fn missing(name: &str) -> BadBody {
    bad(format!("/{name}"), "is missing")
}

fn bad(field: impl Into<String>, rule: impl Into<String>) -> BadBody {
    BadBody { field: field.into(), rule: rule.into() }
}

#[cfg(test)]
mod tests;
