//! Events on their way to webhook endpoints.

use rusqlite::Connection;
use secrecy::SecretString;

use crate::storage::{StorageFault, deliveries, objects};
use crate::stripe::event::Event;
use crate::stripe::signature;
use crate::webhooks::Letter;

/// The bytes to deliver of an event; none where there is no such event.
pub(crate) fn body(db: &Connection, event: &str) -> Result<Option<Vec<u8>>, StorageFault> {
    let Some(event) = objects::get::<Event>(db, event)? else { return Ok(None) };
    let pending = deliveries::pending(db, &event.id)?;
    Ok(Some(format!("{:#}", event.envelope(pending)).into_bytes()))
}

/// Signs the bytes as sent at `seconds` (Unix time).
pub(crate) fn sign(body: Vec<u8>, seconds: i64, secrets: &[SecretString]) -> Letter {
    let signed = signature::header(seconds, &body, secrets);
    let content_type = "application/json; charset=utf-8".to_owned();
    Letter {
        headers: vec![
            ("stripe-signature", signed),
            ("content-type", content_type),
            ("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)".to_owned()),
        ],
        body,
    }
}
