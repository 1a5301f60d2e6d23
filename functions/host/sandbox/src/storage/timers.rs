//! What settles by itself later: a payment that is processing, a refund that is pending.

use rusqlite::{Connection, params};

use super::{StorageFault, doing};

/// The most timers that fire in one step.
const BATCH_MAX: i64 = 100;

/// What happens when a timer fires, and to which object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    SettlePayment(String),
    SettleRefund(String),
    FailRefund(String),
}

impl Timer {
    fn columns(&self) -> (&'static str, &str) {
        match self {
            Self::SettlePayment(id) => ("settle_payment", id),
            Self::SettleRefund(id) => ("settle_refund", id),
            Self::FailRefund(id) => ("fail_refund", id),
        }
    }

    fn from_columns(action: &str, subject: String) -> Option<Self> {
        match action {
            "settle_payment" => Some(Self::SettlePayment(subject)),
            "settle_refund" => Some(Self::SettleRefund(subject)),
            "fail_refund" => Some(Self::FailRefund(subject)),
            _ => None,
        }
    }
}

/// Sets a timer.
pub(crate) fn set(db: &Connection, due_ms: i64, timer: &Timer) -> Result<(), StorageFault> {
    let failed = doing("setting a timer");
    let (action, subject) = timer.columns();
    db.prepare_cached("INSERT INTO timers (due_ms, action, subject) VALUES (?1, ?2, ?3)")
        .map_err(&failed)?
        .execute(params![due_ms, action, subject])
        .map_err(failed)?;
    Ok(())
}

/// Removes and returns the timers that are due, oldest first.
pub(crate) fn take_due(db: &Connection, now_ms: i64) -> Result<Vec<Timer>, StorageFault> {
    let failed = doing("taking the timers that are due");
    let mut due: Vec<(i64, Option<Timer>)> = db
        .prepare_cached(
            "DELETE FROM timers WHERE seq IN
             (SELECT seq FROM timers WHERE due_ms <= ?1 ORDER BY due_ms, seq LIMIT ?2)
             RETURNING seq, action, subject",
        )
        .map_err(&failed)?
        .query_map(params![now_ms, BATCH_MAX], |row| {
            let action: String = row.get(1)?;
            Ok((row.get(0)?, Timer::from_columns(&action, row.get(2)?)))
        })
        .map_err(&failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    due.sort_by_key(|(seq, _)| *seq);
    Ok(due.into_iter().filter_map(|(_, timer)| timer).collect())
}
