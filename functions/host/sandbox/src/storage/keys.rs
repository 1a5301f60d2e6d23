//! Answers stored by idempotency key.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StorageFault, doing};

/// What the first request with a key was, and how it was answered.
pub(crate) struct StoredAnswer {
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) request_id: String,
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) payment_intent: Option<String>,
    pub(crate) donation_id: Option<String>,
}

/// Forgets the keys stored at or before `until_ms`.
pub(crate) fn forget(db: &Connection, until_ms: i64) -> Result<(), StorageFault> {
    let failed = doing("forgetting old idempotency keys");
    db.prepare_cached("DELETE FROM keys WHERE stored_ms <= ?1")
        .map_err(&failed)?
        .execute([until_ms])
        .map_err(failed)?;
    Ok(())
}

/// The answer stored under a key.
pub(crate) fn get(db: &Connection, key: &str) -> Result<Option<StoredAnswer>, StorageFault> {
    let failed = doing("reading an idempotency key");
    db.prepare_cached(
        "SELECT fingerprint, request_id, status, body, payment_intent, donation_id FROM keys WHERE key = ?1",
    )
    .map_err(&failed)?
    .query_row([key], |row| {
        Ok(StoredAnswer {
            fingerprint: row.get(0)?,
            request_id: row.get(1)?,
            status: row.get(2)?,
            body: row.get(3)?,
            payment_intent: row.get(4)?,
            donation_id: row.get(5)?,
        })
    })
    .optional()
    .map_err(failed)
}

/// Stores the first answer given under a key.
pub(crate) fn put(
    db: &Connection,
    key: &str,
    now_ms: i64,
    answer: &StoredAnswer,
) -> Result<(), StorageFault> {
    let failed = doing("storing an idempotency key");
    db.prepare_cached(
        "INSERT INTO keys (key, fingerprint, stored_ms, request_id, status, body, payment_intent, donation_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .map_err(&failed)?
    .execute(params![
        key,
        answer.fingerprint,
        now_ms,
        answer.request_id,
        answer.status,
        answer.body,
        answer.payment_intent,
        answer.donation_id
    ])
    .map_err(failed)?;
    Ok(())
}
