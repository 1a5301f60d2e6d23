//! The SQLite file that keeps queues, activity and the list of e-mails.
//!
//! Write-ahead log with `synchronous = NORMAL`: what is committed survives the death of the process at any
//! instant, because it is with the operating system, but is not forced to the disk before it is answered. A
//! power cut may lose the last commits and never damages the file: messages are then missing that the
//! completer publishes again, or come again, which every consumer allows for. The tables, which the completer
//! reads, are forced to the disk at every write.

mod audit;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use queue_model::{Attributes, Change, Entry, Message, Model, What};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    activity::{Activity, Note},
    error::{ReadError, StartError},
    mail::MailSummary,
    parked::AuditRow,
};

/// Most rows of activity that are kept: the timelines of some fifty thousand donations.
const ACTIVITY_MAX: i64 = 1_000_000;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS entries (
        number INTEGER PRIMARY KEY, queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
        attributes TEXT NOT NULL, trace_header TEXT, message_group TEXT, sender TEXT NOT NULL,
        body_md5 TEXT NOT NULL, attributes_md5 TEXT, sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
        receives INTEGER NOT NULL, first_received_at INTEGER, received_at INTEGER, source TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS activity (
        number INTEGER PRIMARY KEY, donation_id TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS activity_of_donation ON activity (donation_id, number);
    CREATE TABLE IF NOT EXISTS mails (
        number INTEGER PRIMARY KEY, message_id TEXT NOT NULL, at INTEGER NOT NULL, recipients TEXT NOT NULL,
        subject TEXT NOT NULL, donation_id TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS parked_audit (
        number INTEGER PRIMARY KEY, at INTEGER NOT NULL, deed TEXT NOT NULL, queue TEXT NOT NULL,
        message_id TEXT NOT NULL, new_message_id TEXT, donation_id TEXT, by TEXT NOT NULL, why TEXT NOT NULL,
        reason TEXT NOT NULL, before TEXT NOT NULL, after TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS parked_audit_of_message ON parked_audit (message_id);
    CREATE INDEX IF NOT EXISTS parked_audit_of_new_message ON parked_audit (new_message_id);
";
/// Columns that files of earlier versions lack.
const ADDED: [(&str, &str, &str); 1] = [("entries", "dead_lettered_at", "INTEGER")];

/// What one commit keeps.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) changes: Vec<Change>,
    pub(crate) notes: Vec<Note>,
    pub(crate) mails: Vec<MailSummary>,
    pub(crate) audit: Vec<AuditRow>,
    pub(crate) sequence: u64,
}

impl Batch {
    /// Whether nothing has changed but, where ids were given away, their count.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.notes.is_empty() && self.mails.is_empty() && self.audit.is_empty()
    }
}

/// The file, open for one writer.
pub(crate) struct Store {
    connection: Connection,
}

impl Store {
    /// Opens or makes the file.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        open(path).map_err(|e| StartError::Database { path: path.to_owned(), reason: e.to_string() })
    }

    /// The seed of this file's ids, chosen by `fresh` when the file is new.
    pub(crate) fn seed(&self, fresh: u64) -> rusqlite::Result<u64> {
        let insert = "INSERT OR IGNORE INTO numbers (name, value) VALUES ('seed', ?1)";
        self.connection.execute(insert, [fresh.cast_signed()])?;
        let select = "SELECT value FROM numbers WHERE name = 'seed'";
        self.connection.query_row(select, [], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
    }

    /// Puts everything kept into a model whose queues are made. Entries of queues that the topology no longer
    /// has stay in the file and are counted in the answer.
    pub(crate) fn load(&self, model: &mut Model) -> rusqlite::Result<usize> {
        let select = "SELECT value FROM numbers WHERE name = 'sequence'";
        let sequence: Option<i64> = self.connection.query_row(select, [], |row| row.get(0)).optional()?;
        model.advance_sequence(sequence.map_or(0, i64::cast_unsigned));
        let mut statement = self.connection.prepare("SELECT * FROM entries ORDER BY number")?;
        let mut rows = statement.query([])?;
        let mut homeless = 0;
        while let Some(row) = rows.next()? {
            let queue: String = row.get("queue")?;
            if model.restore(&queue, entry(row)?).is_err() {
                homeless += 1;
            }
        }
        Ok(homeless)
    }

    /// Keeps a batch, all or nothing.
    pub(crate) fn commit(&mut self, batch: &Batch) -> rusqlite::Result<()> {
        let work = self.connection.transaction()?;
        for change in &batch.changes {
            keep(&work, change)?;
        }
        {
            let insert = "INSERT INTO activity (donation_id, at, kind, detail) VALUES (?1, ?2, ?3, ?4)";
            let mut insert = work.prepare_cached(insert)?;
            for Note { donation_id, activity } in &batch.notes {
                let number =
                    insert.insert(params![donation_id, activity.at_ms, activity.kind, activity.detail])?;
                if number % 4096 == 0 {
                    work.execute("DELETE FROM activity WHERE number <= ?1", [number - ACTIVITY_MAX])?;
                }
            }
        }
        for mail in &batch.mails {
            keep_mail(&work, mail)?;
        }
        for row in &batch.audit {
            audit::keep(&work, row)?;
        }
        let sequence = "INSERT OR REPLACE INTO numbers (name, value) VALUES ('sequence', ?1)";
        work.prepare_cached(sequence)?.execute([batch.sequence.cast_signed()])?;
        work.commit()
    }

    /// Whether an e-mail was accepted.
    pub(crate) fn has_mail(&self, message_id: &str) -> rusqlite::Result<bool> {
        self.connection.prepare_cached("SELECT 1 FROM mails WHERE message_id = ?1")?.exists([message_id])
    }

    #[cfg(test)]
    pub(crate) fn limit_pages(&self, pages: u32) {
        let set = self
            .connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, u32>(0));
        set.unwrap();
    }
}

fn open(path: &Path) -> rusqlite::Result<Store> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.execute_batch(SCHEMA)?;
    for (table, column, kind) in ADDED {
        if !connection.column_exists(None, table, column)? {
            connection.execute(&format!("ALTER TABLE {table} ADD COLUMN {column} {kind}"), [])?;
        }
    }
    connection.set_prepared_statement_cache_capacity(32);
    Ok(Store { connection })
}

fn keep(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    let entry = &change.entry;
    match change.what {
        what if what.is_gone() => {
            connection.prepare_cached("DELETE FROM entries WHERE number = ?1")?.execute([entry.number])?;
        }
        What::Received | What::VisibilityChanged => {
            let update =
                "UPDATE entries SET visible_at = ?2, receives = ?3, first_received_at = ?4, received_at = ?5
                          WHERE number = ?1";
            let values = params![
                entry.number,
                entry.visible_at,
                entry.receives,
                entry.first_received_at,
                entry.received_at
            ];
            connection.prepare_cached(update)?.execute(values)?;
        }
        _ => insert(connection, change)?,
    }
    Ok(())
}

/// A new entry, or one that moved to another queue under its number.
fn insert(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    let (entry, message) = (&change.entry, &change.entry.message);
    let attributes = serde_json::to_string(&message.attributes)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    let insert = "INSERT OR REPLACE INTO entries (number, queue, id, body, attributes, trace_header,
                      message_group, sender, body_md5, attributes_md5, sent_at, visible_at, receives,
                      first_received_at, received_at, source, dead_lettered_at)
                  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    connection.prepare_cached(insert)?.execute(params![
        entry.number,
        change.queue,
        message.id,
        message.body,
        attributes,
        message.trace_header,
        message.group,
        message.sender,
        message.body_md5,
        message.attributes_md5,
        entry.sent_at,
        entry.visible_at,
        entry.receives,
        entry.first_received_at,
        entry.received_at,
        entry.source,
        entry.dead_lettered_at,
    ])?;
    Ok(())
}

fn keep_mail(connection: &Connection, mail: &MailSummary) -> rusqlite::Result<()> {
    let insert =
        "INSERT INTO mails (message_id, at, recipients, subject, donation_id) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![mail.message_id, mail.at_ms, mail.to.join("\n"), mail.subject, mail.donation_id];
    connection.prepare_cached(insert)?.execute(values)?;
    Ok(())
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let attributes: String = row.get("attributes")?;
    let attributes: Attributes = serde_json::from_str(&attributes).map_err(|e| {
        rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(e))
    })?;
    let message = Message {
        id: row.get("id")?,
        body: row.get("body")?,
        attributes,
        trace_header: row.get("trace_header")?,
        group: row.get("message_group")?,
        sender: row.get("sender")?,
        body_md5: row.get("body_md5")?,
        attributes_md5: row.get("attributes_md5")?,
    };
    Ok(Entry {
        number: row.get("number")?,
        message: Arc::new(message),
        sent_at: row.get("sent_at")?,
        visible_at: row.get("visible_at")?,
        receives: row.get("receives")?,
        first_received_at: row.get("first_received_at")?,
        received_at: row.get("received_at")?,
        source: row.get("source")?,
        dead_lettered_at: row.get("dead_lettered_at")?,
    })
}

/// The file, open for readers beside the writer.
pub(crate) struct Reader {
    path: PathBuf,
    mail_folder: PathBuf,
    connection: Mutex<Connection>,
}

impl Reader {
    /// Opens the file that a [`Store`] has made.
    pub(crate) fn open(path: &Path, mail_folder: PathBuf) -> Result<Self, StartError> {
        let connection = Connection::open(path)
            .map_err(|e| StartError::Database { path: path.to_owned(), reason: e.to_string() })?;
        Ok(Self { path: path.to_owned(), mail_folder, connection: Mutex::new(connection) })
    }

    /// A donation's activity, oldest first.
    pub(crate) fn activity(&self, donation_id: &str) -> Result<Vec<Activity>, ReadError> {
        let select = "SELECT at, kind, detail FROM activity WHERE donation_id = ?1 ORDER BY number";
        self.read(|connection| {
            let mut statement = connection.prepare_cached(select)?;
            let rows = statement.query_map([donation_id], |row| {
                Ok(Activity { at_ms: row.get(0)?, kind: row.get(1)?, detail: row.get(2)? })
            })?;
            rows.collect()
        })
    }

    /// Caught e-mails, newest first.
    pub(crate) fn mails(&self) -> Result<Vec<MailSummary>, ReadError> {
        let select =
            "SELECT message_id, at, recipients, subject, donation_id FROM mails ORDER BY number DESC";
        self.read(|connection| {
            let mut statement = connection.prepare_cached(select)?;
            let rows = statement.query_map([], |row| {
                let message_id: String = row.get(0)?;
                let recipients: String = row.get(2)?;
                Ok(MailSummary {
                    path: self.mail_folder.join(format!("{message_id}.eml")),
                    message_id,
                    at_ms: row.get(1)?,
                    to: recipients.lines().map(str::to_owned).collect(),
                    subject: row.get(3)?,
                    donation_id: row.get(4)?,
                })
            })?;
            rows.collect()
        })
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, ReadError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        query(&connection).map_err(|e| ReadError { path: self.path.clone(), reason: e.to_string() })
    }
}
