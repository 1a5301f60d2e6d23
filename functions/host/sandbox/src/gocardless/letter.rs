//! Events on their way to webhook endpoints: up to 250 in one signed batch.
//!
//! Scheme: <https://developer.gocardless.com/getting-started/staying-up-to-date-with-webhooks/>: HMAC-SHA256
//! over the exact body, with the endpoint's secret as the key, in lower-case hexadecimal. There is no time
//! in it.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, params};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use super::event::Event;
use super::ids::new_id;
use super::payment::Payment;
use super::refund::Refund;
use crate::storage::objects::{self, Index, Stored};
use crate::storage::{StorageFault, doing};
use crate::webhooks::Letter;

/// The most events in one batch.
pub(crate) const BATCH_MAX: usize = 250;

/// The most batches that are made up in one go; what is left is next.
const BATCHES_MAX: usize = 100;

/// How batches are made up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Batching {
    /// How long events are collected, in milliseconds.
    pub(crate) window_ms: i64,
    /// Whether events carry the metadata of what they are about.
    pub(crate) resource_metadata: bool,
}

/// One batch, which stays the same however often it is delivered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(crate) id: String,
    pub(crate) created_ms: i64,
    /// In the sequence of delivery.
    pub(crate) events: Vec<String>,
}

impl Batch {
    /// A batch of these events.
    pub(crate) fn of(events: Vec<String>, now_ms: i64) -> Self {
        Self { id: new_id("WB"), created_ms: now_ms, events }
    }
}

impl Stored for Batch {
    const KIND: &'static str = "gocardless_batch";

    fn index(&self) -> Index<'_> {
        Index { id: &self.id, created: self.created_ms, money: None, label: "batch", parent: None }
    }
}

/// Turns the single events that are owed to an endpoint into batches, as soon as one of them is due. Those
/// that will be due within the window come along. No event is twice in one batch.
pub(crate) fn gather(
    db: &mut Connection,
    endpoint: &str,
    now_ms: i64,
    batching: Batching,
) -> Result<(), StorageFault> {
    for _ in 0..BATCHES_MAX {
        let failed = doing("gathering events");
        let step = db.transaction().map_err(&failed)?;
        let owed = owed_events(&step, endpoint, now_ms, batching.window_ms)?;
        if owed.is_empty() {
            return Ok(());
        }
        let (rows, events): (Vec<i64>, Vec<String>) = owed.into_iter().unzip();
        let batch = Batch::of(events, now_ms);
        objects::put(&step, &batch)?;
        for row in rows {
            step.prepare_cached("DELETE FROM deliveries WHERE seq = ?1")
                .and_then(|mut delete| delete.execute([row]))
                .map_err(&failed)?;
        }
        step.prepare_cached("INSERT INTO deliveries (event, endpoint, due_ms) VALUES (?1, ?2, ?3)")
            .and_then(|mut insert| insert.execute(params![batch.id, endpoint, now_ms]))
            .map_err(&failed)?;
        step.commit().map_err(&failed)?;
    }
    Ok(())
}

/// One batch full of single events, in the sequence in which they are due; none where none is due yet.
fn owed_events(
    db: &Connection,
    endpoint: &str,
    now_ms: i64,
    window_ms: i64,
) -> Result<Vec<(i64, String)>, StorageFault> {
    let failed = doing("finding events to gather");
    let mut query = db
        .prepare_cached(
            "SELECT min(seq), event FROM deliveries
             WHERE endpoint = ?1 AND state = 'pending' AND event GLOB 'EV*' AND due_ms <= ?3
               AND EXISTS (SELECT 1 FROM deliveries WHERE endpoint = ?1 AND state = 'pending'
                           AND event GLOB 'EV*' AND due_ms <= ?2)
             GROUP BY event ORDER BY min(due_ms), min(seq) LIMIT ?4",
        )
        .map_err(&failed)?;
    query
        .query_map(params![endpoint, now_ms, now_ms.saturating_add(window_ms), BATCH_MAX], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .map_err(&failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)
}

/// The bytes to deliver of a batch; none where there is no such batch.
pub(crate) fn body(
    db: &Connection,
    batch: &str,
    batching: Batching,
) -> Result<Option<Vec<u8>>, StorageFault> {
    let Some(batch) = objects::get::<Batch>(db, batch)? else { return Ok(None) };
    let mut events: Vec<Value> = Vec::new();
    for id in &batch.events {
        let Some(event) = objects::get::<Event>(db, id)? else { continue };
        let mut shown = event.show();
        if batching.resource_metadata {
            shown["resource_metadata"] = json!(resource_metadata(db, &event)?);
        }
        events.push(shown);
    }
    let body = json!({ "events": events, "meta": { "webhook_id": batch.id } });
    Ok(Some(body.to_string().into_bytes()))
}

/// The metadata of the payment or refund that an event is about; nothing else has any.
fn resource_metadata(db: &Connection, event: &Event) -> Result<BTreeMap<String, String>, StorageFault> {
    let metadata = if let Some(payment) = event.links.get("payment") {
        objects::get::<Payment>(db, payment)?.map(|payment| payment.metadata)
    } else if let Some(refund) = event.links.get("refund") {
        objects::get::<Refund>(db, refund)?.map(|refund| refund.metadata)
    } else {
        None
    };
    Ok(metadata.unwrap_or_default())
}

/// Signs the bytes.
pub(crate) fn sign(body: Vec<u8>, secrets: &[SecretString]) -> Letter {
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "gocardless-webhook-service/1.1".to_owned()),
    ];
    // The settings have seen to it that there is one.
    headers.extend(secrets.first().map(|secret| ("webhook-signature", signature(&body, secret))));
    Letter { headers, body }
}

fn signature(body: &[u8], secret: &SecretString) -> String {
    let key = secret.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(body);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `openssl dgst -sha256 -hmac` over `{"events":[]}`.
    const KNOWN: &str = "c357a2c40236f648200bdbc73f1fda11f5b5f5d1139c5ebf9711d38b10cefda2";

    #[test]
    fn the_signature_is_over_the_exact_body() {
        assert_eq!(signature(br#"{"events":[]}"#, &SecretString::from("secret_example")), KNOWN);
    }
}
