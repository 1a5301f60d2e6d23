//! One `SQLite` file, one thread that writes it.
//!
//! Every request is one database step on that thread, committed before the answer leaves, so whatever was
//! answered survives a SIGKILL of the process. The write-ahead log is not synced to the disk on each commit:
//! a loss of power may take the last moments, which a sandbox can bear and a surge of payments is the faster
//! for.

pub(crate) mod deliveries;
pub(crate) mod keys;
pub(crate) mod objects;
pub(crate) mod open;
pub(crate) mod requests;
pub(crate) mod timers;

use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

/// Steps that may wait for the thread; a request beyond that waits at the door.
const WAITING_MAX: usize = 1024;

type Step = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to the thread that owns the database.
#[derive(Clone)]
pub(crate) struct Store {
    steps: mpsc::Sender<Step>,
}

/// Why the database did not do what was asked: a fault of the sandbox, never a refusal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageFault {
    /// A statement failed.
    #[error("{doing} in the sandbox's database failed")]
    Sql { doing: &'static str, source: rusqlite::Error },
    /// A stored object is not what this version writes.
    #[error("{id} in the sandbox's database cannot be read")]
    Body { id: String, source: serde_json::Error },
    /// The sandbox is stopping.
    #[error("the sandbox's database is closed")]
    Closed,
}

/// Names what was being done when a statement failed.
pub(crate) fn doing(doing: &'static str) -> impl Fn(rusqlite::Error) -> StorageFault {
    move |source| StorageFault::Sql { doing, source }
}

impl Store {
    /// Starts the thread. The receiver resolves when the last handle is gone and the file is closed.
    pub(crate) fn start(mut connection: Connection) -> std::io::Result<(Self, oneshot::Receiver<()>)> {
        let (steps, mut waiting) = mpsc::channel::<Step>(WAITING_MAX);
        let (closed, on_closed) = oneshot::channel();
        thread::Builder::new().name("sandbox-storage".into()).spawn(move || {
            while let Some(step) = waiting.blocking_recv() {
                step(&mut connection);
            }
            if let Err((_, error)) = connection.close() {
                tracing::error!(%error, "the sandbox's database did not close cleanly");
            }
            if closed.send(()).is_err() {
                tracing::debug!("nobody waited for the sandbox's database to close");
            }
        })?;
        Ok((Self { steps }, on_closed))
    }

    /// Runs one step on the thread and waits for what it returns.
    pub(crate) async fn run<T, F>(&self, step: F) -> Result<T, StorageFault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StorageFault> + Send + 'static,
    {
        let (answer, on_answer) = oneshot::channel();
        let step: Step = Box::new(move |connection| {
            if answer.send(step(connection)).is_err() {
                tracing::debug!("nobody waited for a step of the sandbox's database");
            }
        });
        self.steps.send(step).await.map_err(|_| StorageFault::Closed)?;
        on_answer.await.map_err(|_| StorageFault::Closed)?
    }
}
