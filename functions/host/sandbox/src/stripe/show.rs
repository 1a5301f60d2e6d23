//! Objects as the API shows them.

use serde_json::Value;

use crate::answer::Answer;
use crate::storage::StorageFault;
use crate::storage::objects::{self, Stored};
use crate::stripe::balance::BalanceTransaction;
use crate::stripe::charge::Charge;
use crate::stripe::dispute::Dispute;
use crate::stripe::event::Event;
use crate::stripe::expand::expand;
use crate::stripe::intent::Intent;
use crate::stripe::kind::Kind;
use crate::stripe::payout::Payout;
use crate::stripe::refund::Refund;
use crate::stripe::refusal::{Refusal, Stop};
use crate::work::Work;

/// An object that the API shows.
pub(crate) trait Shown: Stored {
    fn show(&self, work: &Work<'_>) -> Result<Value, StorageFault>;
}

impl Work<'_> {
    /// The object that `id` names, or a refusal that names the parameter it came from.
    pub(crate) fn find<T: Stored>(&self, id: &str, param: &str, in_path: bool) -> Result<T, Stop> {
        let found = objects::get(self.db, id)?;
        found.ok_or_else(|| Stop::Refused(Refusal::no_such(T::KIND, id, param, in_path)))
    }

    /// The object of any kind as the API shows it.
    pub(crate) fn show_any(&self, kind: Kind, id: &str) -> Result<Option<Value>, StorageFault> {
        let Some(body) = objects::get_body(self.db, kind.name(), id)? else { return Ok(None) };
        self.show_body(kind, id, &body).map(Some)
    }

    /// A stored body as the API shows it.
    pub(crate) fn show_body(&self, kind: Kind, id: &str, body: &str) -> Result<Value, StorageFault> {
        match kind {
            Kind::PaymentIntent => objects::read::<Intent>(id, body)?.show(self),
            Kind::Charge => objects::read::<Charge>(id, body)?.show(self),
            Kind::Refund => objects::read::<Refund>(id, body)?.show(self),
            Kind::Dispute => objects::read::<Dispute>(id, body)?.show(self),
            Kind::Payout => objects::read::<Payout>(id, body)?.show(self),
            Kind::BalanceTransaction => objects::read::<BalanceTransaction>(id, body)?.show(self),
            Kind::Event => objects::read::<Event>(id, body)?.show(self),
        }
    }

    /// A 200 that shows an object, with what the request wants expanded.
    pub(crate) fn answer<T: Shown>(&self, object: &T, paths: &[String]) -> Result<Answer, Stop> {
        let shown = expand(self, object.show(self)?, paths)?;
        Ok(Answer::new(200, &shown))
    }
}
