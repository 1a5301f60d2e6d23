//! Idempotency keys. GoCardless keeps no answers: a key names what it has created, and a second creation with
//! it is refused with that name, whatever is in its body.
//!
//! Rules: <https://developer.gocardless.com/api-reference/#making-requests-idempotency-keys>. When a key
//! expires is not documented; here it never does.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::storage::objects::{self, Index, Stored};
use crate::storage::{StorageFault, doing};

/// A key that was used. Payments and refunds have keys of their own.
#[derive(Debug, Serialize, Deserialize)]
struct UsedKey {
    /// The collection and the key.
    id: String,
    resource: String,
    created_ms: i64,
}

impl Stored for UsedKey {
    const KIND: &'static str = "gocardless_key";

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created_ms,
            money: None,
            label: "used",
            parent: Some(&self.resource),
        }
    }
}

/// No other object's id has a slash in it.
fn name(collection: &str, key: &str) -> String {
    format!("gocardless/{collection}/{key}")
}

/// What was created with this key.
pub(crate) fn created_with(
    db: &Connection,
    collection: &str,
    key: &str,
) -> Result<Option<String>, StorageFault> {
    let used = objects::get::<UsedKey>(db, &name(collection, key))?;
    Ok(used.map(|used| used.resource))
}

/// Remembers what was created with this key.
pub(crate) fn remember(
    db: &Connection,
    collection: &str,
    key: &str,
    resource: &str,
    now_ms: i64,
) -> Result<(), StorageFault> {
    let id = name(collection, key);
    objects::put(db, &UsedKey { id, resource: resource.to_owned(), created_ms: now_ms })
}

/// Forgets every key, as a provider does whose keys have expired.
pub(crate) fn forget_all(db: &Connection) -> Result<(), StorageFault> {
    let failed = doing("forgetting idempotency keys");
    db.execute("DELETE FROM objects WHERE kind = ?1", [UsedKey::KIND]).map_err(failed)?;
    Ok(())
}
