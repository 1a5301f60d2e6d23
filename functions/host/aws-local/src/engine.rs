//! The one thread that owns the model's history: it applies calls, commits their changes together, then
//! answers.
//!
//! Calls that arrive while a commit runs share the next one (group commit). An answer is given only once its
//! changes are in the file; when a commit fails, every call of the group is told so and the model is rebuilt
//! from the file.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use queue_model::{Change, Model, What};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::{
    activity::{self, Activity, Note},
    clock::Clock,
    error::{StartError, Unavailable},
    folder::Lock,
    mail::MailSummary,
    parked::AuditRow,
    store::{Batch, Store},
};

/// Calls that may wait; a caller beyond them waits for room.
const WAITING_MAX: usize = 4096;
/// Most calls in one commit.
const GROUP_MAX: usize = 512;

/// What a call may touch.
pub(crate) struct Work<'a> {
    pub(crate) model: &'a mut Model,
    pub(crate) now_ms: u64,
    batch: &'a mut Batch,
}

impl Work<'_> {
    /// Adds to a donation's timeline.
    pub(crate) fn note(&mut self, donation_id: String, kind: &str, detail: String) {
        let activity = Activity { at_ms: self.now_ms, kind: kind.to_owned(), detail };
        self.batch.notes.push(Note { donation_id, activity });
    }

    /// Adds to the account of what was done to dead letters; the row's number is given when it is kept.
    pub(crate) fn audit(&mut self, row: AuditRow) {
        self.batch.audit.push(row);
    }

    /// Adds to the list of accepted e-mails.
    pub(crate) fn accept_mail(&mut self, mail: MailSummary) {
        self.batch.mails.push(mail);
    }
}

/// Applies a call, or passes on why it cannot be, and gives what is left to do once the commit has succeeded
/// or failed.
type Job = Box<dyn FnOnce(Result<&mut Work<'_>, Unavailable>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), Unavailable>) + Send>;

enum Errand {
    Apply(Job),
    Stop,
}

/// The way to the thread. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Engine {
    errands: mpsc::Sender<Errand>,
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    model: Mutex<Model>,
    arrivals: BTreeMap<String, Notify>,
}

impl Shared {
    fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Loads the file into a copy of `empty`, which has the queues and topics, and starts the thread, which
    /// holds the folder's lock until its last commit.
    pub(crate) fn start(
        store: Store,
        path: &Path,
        empty: Model,
        clock: Clock,
        lock: Lock,
    ) -> Result<(Self, thread::JoinHandle<()>), StartError> {
        let failed =
            |e: rusqlite::Error| StartError::Database { path: path.to_owned(), reason: e.to_string() };
        let model = load(&store, &empty).map_err(failed)?;
        let sequence = model.sequence();
        let arrivals = model.queue_names().map(|name| (name.to_owned(), Notify::new())).collect();
        let shared = Arc::new(Shared { clock, model: Mutex::new(model), arrivals });
        let (errands, incoming) = mpsc::channel(WAITING_MAX);
        let writer = Writer { store, empty, shared: Arc::clone(&shared), sequence, stale: false };
        let run = move || {
            writer.run(incoming);
            drop(lock);
        };
        let thread = thread::Builder::new().name("queues".to_owned()).spawn(run);
        Ok((Self { errands, shared }, thread.map_err(StartError::Thread)?))
    }

    /// Applies a call, keeps its changes and gives its answer.
    ///
    /// # Errors
    /// The changes could not be kept, and none of them was made.
    pub(crate) async fn apply<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Work<'_>) -> T + Send + 'static,
    ) -> Result<T, Unavailable> {
        let (answer, answered) = oneshot::channel::<Result<T, Unavailable>>();
        let job: Job = Box::new(move |work| {
            // A caller that has gone must be handed nothing: a message would be hidden from everyone else.
            let value = if answer.is_closed() { Err(Unavailable::Stopped) } else { work.map(call) };
            Box::new(move |kept| {
                if answer.send(kept.and(value)).is_err() {
                    tracing::debug!("a caller went away before its answer");
                }
            })
        });
        self.errands.send(Errand::Apply(job)).await.map_err(|_| Unavailable::Stopped)?;
        answered.await.map_err(|_| Unavailable::Stopped)?
    }

    /// Looks at the model between two calls.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Model, u64) -> T) -> T {
        look(&mut self.shared.model(), self.shared.clock.now_ms())
    }

    /// Woken when something may have become visible in a queue.
    pub(crate) fn arrivals(&self, queue: &str) -> Option<&Notify> {
        self.shared.arrivals.get(queue)
    }

    /// Ends the thread once the calls before this one are answered.
    pub(crate) async fn stop(&self) {
        if self.errands.send(Errand::Stop).await.is_err() {
            tracing::debug!("the queues were stopped already");
        }
    }
}

/// What the thread owns.
struct Writer {
    store: Store,
    empty: Model,
    shared: Arc<Shared>,
    /// How many ids were given away that are kept: an id that somebody was told is given to nothing else, even where
    /// it names nothing that is kept (a move of no messages, a publication that nobody wants).
    sequence: u64,
    /// Whether the model holds changes that could not be kept, and must be rebuilt before it serves again.
    stale: bool,
}

impl Writer {
    fn run(mut self, mut incoming: mpsc::Receiver<Errand>) {
        while let Some(first) = incoming.blocking_recv() {
            let mut errands = vec![first];
            while errands.len() < GROUP_MAX
                && let Ok(next) = incoming.try_recv()
            {
                errands.push(next);
            }
            let stop = errands.iter().any(|errand| matches!(errand, Errand::Stop));
            let jobs = errands.into_iter().filter_map(|errand| match errand {
                Errand::Apply(job) => Some(job),
                Errand::Stop => None,
            });
            self.serve(jobs.collect());
            if stop {
                return;
            }
        }
    }

    fn serve(&mut self, jobs: Vec<Job>) {
        let now_ms = self.shared.clock.now_ms();
        let mut batch = Batch::default();
        let usable = self.refresh();
        let answers: Vec<Answer> = {
            let mut model = self.shared.model();
            let mut work = Work { model: &mut model, now_ms, batch: &mut batch };
            let apply = |job: Job| job(usable.clone().map(|()| &mut work));
            let answers = jobs.into_iter().map(apply).collect();
            batch.changes = model.take_changes();
            batch.sequence = model.sequence();
            answers
        };
        batch.notes.extend(batch.changes.iter().filter_map(|change| activity::of_change(change, now_ms)));
        let kept = usable.and_then(|()| self.keep(&batch));
        if let Err(why) = self.refresh() {
            tracing::error!(%why, "the queues cannot be read back; the next call tries again");
        }
        for answer in answers {
            answer(kept.clone());
        }
        if kept.is_ok() {
            self.announce(&batch.changes, now_ms);
        }
    }

    fn keep(&mut self, batch: &Batch) -> Result<(), Unavailable> {
        if batch.is_empty() && batch.sequence <= self.sequence {
            return Ok(());
        }
        self.store.commit(batch).map_err(|error| {
            tracing::error!(%error, "the queues' file could not be written");
            self.stale = true;
            Unavailable::Store(error.to_string())
        })?;
        self.sequence = batch.sequence;
        Ok(())
    }

    /// Rebuilds the model from the file where it holds changes that could not be kept.
    fn refresh(&mut self) -> Result<(), Unavailable> {
        if self.stale {
            let fresh = load(&self.store, &self.empty).map_err(|e| Unavailable::Store(e.to_string()))?;
            *self.shared.model() = fresh;
            self.stale = false;
        }
        Ok(())
    }

    fn announce(&self, changes: &[Change], now_ms: u64) {
        for change in changes {
            let visible =
                change.entry.visible_at <= now_ms && !change.what.is_gone() && change.what != What::Received;
            if visible && let Some(arrivals) = self.shared.arrivals.get(&change.queue) {
                arrivals.notify_one();
            }
        }
    }
}

fn load(store: &Store, empty: &Model) -> rusqlite::Result<Model> {
    let mut model = empty.clone();
    let homeless = store.load(&mut model)?;
    if homeless > 0 {
        tracing::warn!(homeless, "messages of queues that the topology no longer has stay in the file");
    }
    Ok(model)
}
