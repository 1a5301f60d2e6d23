//! Events owed to endpoints.

use rusqlite::{Connection, ToSql, params};

use super::{StorageFault, doing};
use crate::settings::Provider;

/// One event owed to one endpoint.
pub(crate) struct Owed {
    pub(crate) seq: i64,
    pub(crate) event: String,
    pub(crate) tries: u32,
}

/// How a try at a delivery ended.
pub(crate) enum Tried {
    Delivered,
    /// Try again at this time, in milliseconds since the Unix epoch.
    Again(i64),
    GivenUp,
}

/// Remembers endpoints with their event types: from now on each is owed every event of them, or every event
/// at all where it names none.
pub(crate) fn remember_endpoints(
    db: &Connection,
    provider: Provider,
    endpoints: &[(String, Vec<String>)],
) -> Result<(), StorageFault> {
    let failed = doing("remembering the webhook endpoints");
    for (id, kinds) in endpoints {
        // Commas around each type keep one from being found inside another.
        let kinds = if kinds.is_empty() { None } else { Some(format!(",{},", kinds.join(","))) };
        db.prepare_cached(
            "INSERT INTO endpoints (id, provider, kinds) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET provider = ?2, kinds = ?3",
        )
        .map_err(&failed)?
        .execute(params![id, provider.name(), kinds])
        .map_err(&failed)?;
    }
    Ok(())
}

/// Owes an event of a type to every endpoint of the provider that wants it, `copies` times, from `due_ms` on.
pub(crate) fn owe(
    db: &Connection,
    provider: Provider,
    event: &str,
    kind: &str,
    due_ms: i64,
    copies: u8,
) -> Result<(), StorageFault> {
    let failed = doing("owing a webhook delivery");
    for _ in 0..copies {
        db.prepare_cached(
            "INSERT INTO deliveries (event, endpoint, due_ms) SELECT ?1, id, ?3 FROM endpoints
             WHERE provider = ?4 AND (kinds IS NULL OR instr(kinds, ',' || ?2 || ',') > 0)",
        )
        .map_err(&failed)?
        .execute(params![event, kind, due_ms, provider.name()])
        .map_err(&failed)?;
    }
    Ok(())
}

/// Owes an event to one endpoint once more.
pub(crate) fn owe_to(db: &Connection, event: &str, endpoint: &str, due_ms: i64) -> Result<(), StorageFault> {
    let failed = doing("owing a webhook delivery again");
    db.prepare_cached("INSERT INTO deliveries (event, endpoint, due_ms) VALUES (?1, ?2, ?3)")
        .map_err(&failed)?
        .execute(params![event, endpoint, due_ms])
        .map_err(failed)?;
    Ok(())
}

/// Every event so far that an endpoint of the provider wants, delivered or not, oldest first.
pub(crate) fn wanted(
    db: &Connection,
    provider: Provider,
    endpoint: &str,
) -> Result<Vec<String>, StorageFault> {
    let failed = doing("finding the events that an endpoint wants");
    db.prepare_cached(
        "SELECT objects.id FROM objects, endpoints WHERE objects.kind = ?1 AND endpoints.id = ?2
         AND (kinds IS NULL OR instr(kinds, ',' || label || ',') > 0) ORDER BY objects.seq",
    )
    .map_err(&failed)?
    .query_map(params![provider.delivered_kind(), endpoint], |row| row.get(0))
    .map_err(&failed)?
    .collect::<Result<_, _>>()
    .map_err(failed)
}

/// The deliveries to one endpoint that are due, longest due first.
pub(crate) fn due(
    db: &Connection,
    endpoint: &str,
    now_ms: i64,
    limit: i64,
) -> Result<Vec<Owed>, StorageFault> {
    let failed = doing("finding webhook deliveries that are due");
    db.prepare_cached(
        "SELECT seq, event, tries FROM deliveries WHERE endpoint = ?1 AND due_ms <= ?2 AND state = 'pending'
         ORDER BY due_ms, seq LIMIT ?3",
    )
    .map_err(&failed)?
    .query_map(params![endpoint, now_ms, limit], |row| {
        Ok(Owed { seq: row.get(0)?, event: row.get(1)?, tries: row.get(2)? })
    })
    .map_err(&failed)?
    .collect::<Result<_, _>>()
    .map_err(failed)
}

/// Whether anything at all waits: a delivery to one of `endpoints`, or a timer.
pub(crate) fn anything_waits(db: &Connection, endpoints: &[String]) -> Result<bool, StorageFault> {
    let failed = doing("looking for what waits");
    let any =
        |sql, params: &[&dyn ToSql]| -> rusqlite::Result<bool> { db.prepare_cached(sql)?.exists(params) };
    if any("SELECT 1 FROM timers", &[]).map_err(&failed)? {
        return Ok(true);
    }
    for endpoint in endpoints {
        let sql = "SELECT 1 FROM deliveries WHERE endpoint = ?1 AND state = 'pending'";
        if any(sql, &[endpoint]).map_err(&failed)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Records how a try ended.
pub(crate) fn record(db: &Connection, seq: i64, tried: &Tried) -> Result<(), StorageFault> {
    let failed = doing("recording a webhook delivery");
    let (state, due_ms) = match tried {
        Tried::Delivered => ("delivered", None),
        Tried::Again(due_ms) => ("pending", Some(due_ms)),
        Tried::GivenUp => ("failed", None),
    };
    db.prepare_cached(
        "UPDATE deliveries SET tries = tries + 1, state = ?2, due_ms = coalesce(?3, due_ms) WHERE seq = ?1",
    )
    .map_err(&failed)?
    .execute(params![seq, state, due_ms])
    .map_err(failed)?;
    Ok(())
}

/// How many deliveries of an event are still to be made.
pub(crate) fn pending(db: &Connection, event: &str) -> Result<i64, StorageFault> {
    let failed = doing("counting pending webhook deliveries");
    db.prepare_cached("SELECT count(*) FROM deliveries WHERE event = ?1 AND state = 'pending'")
        .map_err(&failed)?
        .query_row([event], |row| row.get(0))
        .map_err(failed)
}
