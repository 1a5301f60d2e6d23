//! What happens by itself later.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StorageFault, doing};
use crate::settings::Provider;

/// A timer that is due: what to do, to which object. Only its provider knows what the action means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// When it became due, in milliseconds since the Unix epoch.
    pub(crate) at_ms: i64,
    pub(crate) provider: Provider,
    pub(crate) action: String,
    pub(crate) subject: String,
}

/// Sets a timer.
pub(crate) fn set(
    db: &Connection,
    due_ms: i64,
    provider: Provider,
    action: &str,
    subject: &str,
) -> Result<(), StorageFault> {
    let failed = doing("setting a timer");
    db.prepare_cached("INSERT INTO timers (due_ms, provider, action, subject) VALUES (?1, ?2, ?3, ?4)")
        .map_err(&failed)?
        .execute(params![due_ms, provider.name(), action, subject])
        .map_err(failed)?;
    Ok(())
}

/// Removes and returns the timer that has been due for longest. Whoever fires it asks again, so that a timer
/// which it sets takes its own place in the sequence.
pub(crate) fn take_next(db: &Connection, now_ms: i64) -> Result<Option<Due>, StorageFault> {
    let failed = doing("taking a timer that is due");
    let taken: Option<(i64, String, String, String)> = db
        .prepare_cached(
            "DELETE FROM timers WHERE seq =
             (SELECT seq FROM timers WHERE due_ms <= ?1 ORDER BY due_ms, seq LIMIT 1)
             RETURNING due_ms, provider, action, subject",
        )
        .map_err(&failed)?
        .query_row([now_ms], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()
        .map_err(failed)?;
    let Some((at_ms, provider, action, subject)) = taken else { return Ok(None) };
    match Provider::from_name(&provider) {
        Some(provider) => Ok(Some(Due { at_ms, provider, action, subject })),
        // Another version of the sandbox knew it; nobody fires it, and the next one is due.
        None => take_next(db, now_ms),
    }
}
