//! One unit of work: an API request, a 3-D Secure answer or a timer, inside one database step.

use rusqlite::Connection;
use serde_json::Value;

use crate::answer::Answer;
use crate::faults::Fault;
use crate::refusal::{Refusal, Stop};
use crate::storage::StorageFault;
use crate::storage::objects::{self, Kind, Stored};

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
    /// Faults that strike the events of this work.
    pub(crate) webhook_faults: Vec<Fault>,
    /// How many events were emitted so far.
    pub(crate) emitted: u32,
    /// What the work was about, for the log of requests.
    pub(crate) subject: Subject,
}

/// The donation and payment intent a request was about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    pub(crate) payment_intent: Option<String>,
    pub(crate) donation_id: Option<String>,
}

/// An object that the API shows.
pub(crate) trait Shown: Stored {
    fn show(&self, work: &Work<'_>) -> Result<Value, StorageFault>;
}

impl Work<'_> {
    /// Unix time in seconds, as `created` fields have it.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms / 1000
    }

    pub(crate) fn put<T: Stored>(&self, object: &T) -> Result<(), StorageFault> {
        objects::put(self.db, object)
    }

    /// The object that `id` names, or a refusal that names the parameter it came from.
    pub(crate) fn find<T: Stored>(&self, id: &str, param: &str, in_path: bool) -> Result<T, Stop> {
        let found = objects::get(self.db, id)?;
        found.ok_or_else(|| Stop::Refused(Refusal::no_such(T::KIND.name(), id, param, in_path)))
    }

    /// The object of any kind as the API shows it.
    pub(crate) fn show_any(&self, kind: Kind, id: &str) -> Result<Option<Value>, StorageFault> {
        let Some(body) = objects::get_body(self.db, kind, id)? else { return Ok(None) };
        self.show_body(kind, id, &body).map(Some)
    }

    /// A stored body as the API shows it.
    pub(crate) fn show_body(&self, kind: Kind, id: &str, body: &str) -> Result<Value, StorageFault> {
        match kind {
            Kind::PaymentIntent => objects::read::<crate::intent::Intent>(id, body)?.show(self),
            Kind::Charge => objects::read::<crate::charge::Charge>(id, body)?.show(self),
            Kind::Refund => objects::read::<crate::refund::Refund>(id, body)?.show(self),
            Kind::BalanceTransaction => {
                objects::read::<crate::balance::BalanceTransaction>(id, body)?.show(self)
            }
            Kind::Event => objects::read::<crate::event::Event>(id, body)?.show(self),
        }
    }

    /// A 200 that shows an object, with what the request wants expanded.
    pub(crate) fn answer<T: Shown>(&self, object: &T, expand: &[String]) -> Result<Answer, Stop> {
        let shown = crate::expand::expand(self, object.show(self)?, expand)?;
        Ok(Answer::new(200, &shown))
    }
}
