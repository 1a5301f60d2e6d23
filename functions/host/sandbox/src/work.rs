//! One unit of work: an API request, a 3-D Secure answer or a timer, inside one database step.

use rusqlite::Connection;

use crate::faults::Fault;
use crate::gocardless::account::Times;
use crate::storage::StorageFault;
use crate::storage::objects::{self, Stored};

/// Events come this far apart when a fault turns their order around, in milliseconds.
const REORDER_STEP_MS: i64 = 400;

/// The most events one unit of work emits.
const EVENTS_PER_WORK_MAX: i64 = 6;

/// What an operation sees of the world.
pub(crate) struct Work<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) now_ms: i64,
    /// Where the sandbox listens; links in answers begin with it.
    pub(crate) base_url: &'a str,
    /// How long what is not settled at once takes to settle.
    pub(crate) settling_ms: i64,
    /// The request that events name as their cause; none for timers and for the donor's own clicks.
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    /// How long things take at GoCardless.
    pub(crate) gocardless: Times,
    /// Faults that strike the events of this work.
    pub(crate) webhook_faults: Vec<Fault>,
    /// How many events were emitted so far.
    pub(crate) emitted: u32,
    /// What the work was about, for the log of requests.
    pub(crate) subject: Subject,
}

/// The donation and payment a request was about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    pub(crate) payment_intent: Option<String>,
    pub(crate) donation_id: Option<String>,
}

impl Work<'_> {
    /// Unix time in seconds, as `created` fields have it.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms / 1000
    }

    /// Stores a new object, or a known one's newest state.
    pub(crate) fn put<T: Stored>(&self, object: &T) -> Result<(), StorageFault> {
        objects::put(self.db, object)
    }

    /// When the next event is first delivered, in milliseconds since the Unix epoch, and how often, under the
    /// faults of this work.
    pub(crate) fn schedule_event(&mut self) -> (i64, u8) {
        let (mut due_ms, mut copies) = (self.now_ms, 1_u8);
        for fault in &self.webhook_faults {
            match fault {
                Fault::WebhookDrop => copies = 0,
                Fault::WebhookDouble => copies = copies.saturating_mul(2),
                Fault::WebhookDelay { ms } => due_ms += i64::from(*ms),
                Fault::WebhookReorder => {
                    due_ms += REORDER_STEP_MS * (EVENTS_PER_WORK_MAX - i64::from(self.emitted)).max(0);
                }
                _ => {}
            }
        }
        self.emitted += 1;
        (due_ms, copies)
    }
}
