//! What was done to dead letters, by whom and why. Rows are added and never changed or removed.

use rusqlite::{Connection, Row, params};

use super::Reader;
use crate::{
    error::ReadError,
    parked::{AuditRow, Deed},
};

/// The columns in the order in which [`row`] reads them.
const SELECT: &str =
    "SELECT number, at, deed, queue, message_id, new_message_id, donation_id, by, why, reason,
                          before, after FROM parked_audit";
/// Most rows of one message's history.
const HISTORY_MAX: usize = 1_000;

pub(super) fn keep(connection: &Connection, row: &AuditRow) -> rusqlite::Result<()> {
    let insert =
        "INSERT INTO parked_audit (at, deed, queue, message_id, new_message_id, donation_id, by, why,
                      reason, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    connection.prepare_cached(insert)?.execute(params![
        row.at_ms,
        row.deed.name(),
        row.queue,
        row.message_id,
        row.new_message_id,
        row.donation_id,
        row.note.by,
        row.note.why,
        row.note.reason,
        row.before,
        row.after,
    ])?;
    Ok(())
}

impl Reader {
    /// At most `max` rows after the one with number `after`, oldest first.
    pub(crate) fn audit(&self, after: u64, max: u32) -> Result<Vec<AuditRow>, ReadError> {
        let select = format!("{SELECT} WHERE number > ?1 ORDER BY number LIMIT ?2");
        self.read(|connection| {
            connection.prepare_cached(&select)?.query_map(params![after, max], row)?.collect()
        })
    }

    /// The rows of a message, oldest first. A message that was replayed and failed again has a new id; its
    /// rows are followed back from there.
    pub(crate) fn history(&self, message_id: &str) -> Result<Vec<AuditRow>, ReadError> {
        let of_id = format!("{SELECT} WHERE message_id = ?1 ORDER BY number DESC");
        let became = "SELECT message_id FROM parked_audit WHERE new_message_id = ?1";
        self.read(|connection| {
            let (mut of_id, mut became) =
                (connection.prepare_cached(&of_id)?, connection.prepare_cached(became)?);
            let (mut rows, mut id) = (Vec::new(), Some(message_id.to_owned()));
            while let Some(known) = id
                && rows.len() < HISTORY_MAX
            {
                rows.extend(of_id.query_map([&known], row)?.collect::<rusqlite::Result<Vec<_>>>()?);
                let mut earlier = became.query([&known])?;
                id = earlier.next()?.map(|earlier| earlier.get(0)).transpose()?;
            }
            rows.truncate(HISTORY_MAX);
            rows.reverse();
            Ok(rows)
        })
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    let deed: String = row.get(2)?;
    let deed = Deed::parse(&deed).ok_or_else(|| {
        let why = format!("{deed:?} is no deed of this version");
        rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, why.into())
    })?;
    Ok(AuditRow {
        number: row.get(0)?,
        at_ms: row.get(1)?,
        deed,
        queue: row.get(3)?,
        message_id: row.get(4)?,
        new_message_id: row.get(5)?,
        donation_id: row.get(6)?,
        note: crate::parked::Note { by: row.get(7)?, why: row.get(8)?, reason: row.get(9)? },
        before: row.get(10)?,
        after: row.get(11)?,
    })
}
