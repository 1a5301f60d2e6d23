//! The log of requests, from which a timeline of provider calls is drawn. It holds no key and no body.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params, params_from_iter};
use serde::Serialize;

use super::{StorageFault, doing};

/// The newest requests are kept; the log of a long surge must not fill the disk.
const KEPT_MAX: i64 = 500_000;

/// One request to the API.
#[derive(Debug, Serialize)]
pub(crate) struct LoggedRequest {
    /// Milliseconds since the Unix epoch, when the request arrived.
    pub(crate) at_ms: i64,
    pub(crate) request_id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) payment_intent: Option<String>,
    pub(crate) donation_id: Option<String>,
    /// What was answered; none when the connection was closed without an answer.
    pub(crate) status: Option<u16>,
    /// Whether the answer was a stored one.
    pub(crate) replayed: bool,
    /// The faults that struck, separated by commas.
    pub(crate) faults: Option<String>,
}

/// Logs one request.
pub(crate) fn put(db: &Connection, request: &LoggedRequest) -> Result<(), StorageFault> {
    let failed = doing("logging a request");
    db.prepare_cached(
        "INSERT INTO requests (at_ms, request_id, method, path, idempotency_key, payment_intent, donation_id,
         status, replayed, faults) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .map_err(&failed)?
    .execute(params![
        request.at_ms,
        request.request_id,
        request.method,
        request.path,
        request.idempotency_key,
        request.payment_intent,
        request.donation_id,
        request.status,
        request.replayed,
        request.faults
    ])
    .map_err(&failed)?;
    db.prepare_cached("DELETE FROM requests WHERE seq <= ?1")
        .map_err(&failed)?
        .execute([db.last_insert_rowid() - KEPT_MAX])
        .map_err(failed)?;
    Ok(())
}

/// The names of the faults that have already struck requests with this idempotency key.
pub(crate) fn faults_of_key(db: &Connection, key: &str) -> Result<Vec<String>, StorageFault> {
    let failed = doing("looking for earlier faults of a key");
    let struck: Vec<String> = db
        .prepare_cached("SELECT faults FROM requests WHERE idempotency_key = ?1 AND faults IS NOT NULL")
        .map_err(&failed)?
        .query_map([key], |row| row.get(0))
        .map_err(&failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    Ok(struck.iter().flat_map(|names| names.split(',')).map(str::to_owned).collect())
}

/// Which requests are asked for; every part that is given must match.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) donation_id: Option<String>,
    pub(crate) payment_intent: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) request_id: Option<String>,
}

/// The newest matching requests, oldest first.
pub(crate) fn find(db: &Connection, filter: Filter, limit: i64) -> Result<Vec<LoggedRequest>, StorageFault> {
    let failed = doing("reading the log of requests");
    let asked = [
        ("donation_id", filter.donation_id),
        ("payment_intent", filter.payment_intent),
        ("idempotency_key", filter.idempotency_key),
        ("request_id", filter.request_id),
    ];
    let mut sql =
        "SELECT at_ms, request_id, method, path, idempotency_key, payment_intent, donation_id, status,
         replayed, faults FROM requests WHERE 1"
            .to_owned();
    let mut values = Vec::new();
    for (column, value) in asked.into_iter().filter_map(|(column, value)| Some((column, value?))) {
        sql.extend([" AND ", column, " = ?"]);
        values.push(Sql::Text(value));
    }
    sql.push_str(" ORDER BY seq DESC LIMIT ?");
    values.push(Sql::Integer(limit));
    let mut found: Vec<LoggedRequest> = db
        .prepare_cached(&sql)
        .map_err(&failed)?
        .query_map(params_from_iter(values), |row| {
            Ok(LoggedRequest {
                at_ms: row.get(0)?,
                request_id: row.get(1)?,
                method: row.get(2)?,
                path: row.get(3)?,
                idempotency_key: row.get(4)?,
                payment_intent: row.get(5)?,
                donation_id: row.get(6)?,
                status: row.get(7)?,
                replayed: row.get(8)?,
                faults: row.get(9)?,
            })
        })
        .map_err(&failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    found.reverse();
    Ok(found)
}
