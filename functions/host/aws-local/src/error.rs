//! How starting and reading can fail.

use std::{io, path::PathBuf};

use queue_model::Refusal;

/// Why the endpoints could not start. Nothing is left running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A folder could not be made or read.
    #[error("the data folder {path} cannot be used: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another process uses the data folder.
    #[error(
        "the data folder is in use by another process, which holds {path}; stop it or choose another folder"
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// A database is damaged or is no database.
    #[error(
        "{path} is damaged ({reason}); restore it from a copy, or move it away to start with an empty one"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite found.
        reason: String,
    },
    /// A database could not be opened or written.
    #[error("{path} cannot be used: {reason}")]
    Database {
        /// The file.
        path: PathBuf,
        /// What the database said.
        reason: String,
    },
    /// A table is in the file with another key or other indexes than the topology says.
    #[error("table {table} in {path} differs from the topology: {reason}; move the file away to start anew")]
    TableDiffers {
        /// The table.
        table: String,
        /// The file.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// The topology asks for a queue, topic or subscription that AWS would refuse.
    #[error("the topology cannot be built: {0}")]
    Topology(#[from] Refusal),
    /// No port could be had on the loopback interface.
    #[error("no port on 127.0.0.1 can be listened on: {0}")]
    Listen(#[source] io::Error),
    /// A thread could not be started.
    #[error("a thread cannot be started: {0}")]
    Thread(#[source] io::Error),
    /// The S3 folder was refused.
    #[error("the S3 folder {path} cannot be used: {reason}")]
    Buckets {
        /// The folder.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
}

/// The store could not take or give what was asked: a full disk, a failing one, or endpoints that were
/// stopped. Nothing of the call was kept, and it may be made again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// SQLite refused the commit.
    #[error("the store cannot be written: {0}")]
    Store(String),
    /// The endpoints were stopped.
    #[error("the endpoints were stopped")]
    Stopped,
}

/// Why a queue call from within the process failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The rules of SQS say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store cannot serve.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The activity log or the list of caught e-mails could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be read: {reason}")]
pub struct ReadError {
    /// The database.
    pub path: PathBuf,
    /// What SQLite said.
    pub reason: String,
}

/// The list of caught e-mails could not be read.
pub type MailError = ReadError;
