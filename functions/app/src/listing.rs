//! A provider's list of payments, read once for all donations that are looked for in it.
//!
//! After a day without the provider, hundreds of donations are looked for in a list of thousands. Read anew for each of
//! them, the list would cost a call for every hundred payments every time, and nobody would come to its end. So an
//! environment reads it once, each page in a turn of its own, keeps which payment names which donation, and answers
//! from that for some minutes. What one message has no time for, the next one goes on with.

use std::collections::BTreeMap;

use domain::ids::DonationId;
use domain::payment::PaymentOutcome;
use domain::time::{Span, Timestamp};
use futures_util::lock::Mutex;

use crate::ports::{Clock, Fault, PaymentProvider};

/// How long one message reads, and how long others wait for what it reads.
pub const READ_MAX: Span = Span::seconds(2);
/// How long a list that was read to its end is answered from.
const FRESH_FOR: Span = Span::minutes(5);
/// How long a list may take to be read to its end, over all messages, before it is begun anew.
const BEGUN_FOR: Span = Span::hours(1);
/// Most pages of a list: half a million payments at Stripe. A list that is longer proves nothing, and is never kept.
const PAGES_MAX: u32 = 5_000;
const DOING: &str = "read the provider's list of payments";

/// What one environment has read of one provider's list.
#[derive(Debug, Default)]
pub struct Listing(Mutex<Option<Reading>>);

/// What a list says of a donation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// The payment that names it; of several the one that says most, and of those the newest.
    Payment(PaymentOutcome),
    /// No payment named it when the list was begun to be read.
    Nothing {
        /// That moment.
        as_of: Timestamp,
    },
    /// The list has not been read to its end yet. Ask again later; nothing is known.
    NotYet,
}

/// A list on its way to its end.
#[derive(Debug)]
struct Reading {
    since: Timestamp,
    begun_at: Timestamp,
    pages: u32,
    named: BTreeMap<DonationId, PaymentOutcome>,
    rest: Rest,
}

/// What is still to be read.
#[derive(Debug)]
enum Rest {
    /// From here on.
    After(Option<String>),
    /// Nothing, since that moment.
    Nothing(Timestamp),
}

impl Listing {
    /// Looks for the payment of a donation among those made since `since`.
    ///
    /// # Errors
    /// The page that is next could not be read. Transient: ask again later. Permanent: nobody can, until somebody
    /// mends the provider's configuration.
    pub async fn find<P: PaymentProvider>(
        &self,
        provider: &P,
        clock: &impl Clock,
        donation: &DonationId,
        since: Timestamp,
    ) -> Result<Listed, Fault> {
        let until = clock.now().plus(READ_MAX);
        let mut reading = self.0.lock().await;
        let mut current = match reading.take() {
            Some(known) if known.serves(since, clock.now()) => known,
            Some(_) | None => Reading::begin(since, clock.now()),
        };
        while !current.is_whole() && clock.now() < until {
            // A page that fails is asked for again by whoever comes next, unless the list itself is to blame.
            let read = current.read_on(provider, clock).await;
            if let Err(failed) = read {
                *reading = failed.may_go_on.then_some(current);
                return Err(failed.fault);
            }
        }
        let listed = current.look_up(donation);
        *reading = Some(current);
        Ok(listed)
    }
}

/// Why a page was not read.
struct Failed {
    fault: Fault,
    /// Whether the same page may be asked for again.
    may_go_on: bool,
}

impl Reading {
    fn begin(since: Timestamp, at: Timestamp) -> Self {
        Self { since, begun_at: at, pages: 0, named: BTreeMap::new(), rest: Rest::After(None) }
    }

    /// Whether it reaches back far enough and is not too old.
    fn serves(&self, since: Timestamp, now: Timestamp) -> bool {
        let (from, keeps) = match self.rest {
            Rest::After(_) => (self.begun_at, BEGUN_FOR),
            Rest::Nothing(ended_at) => (ended_at, FRESH_FOR),
        };
        self.since <= since && now < from.plus(keeps)
    }

    const fn is_whole(&self) -> bool {
        matches!(self.rest, Rest::Nothing(_))
    }

    async fn read_on<P: PaymentProvider>(&mut self, provider: &P, clock: &impl Clock) -> Result<(), Failed> {
        let Rest::After(after) = &self.rest else { return Ok(()) };
        if self.pages == PAGES_MAX {
            let fault = Fault::transient(DOING, "it is too long to be read to its end");
            return Err(Failed { fault, may_go_on: false });
        }
        let page = provider.payments(self.since, after.as_deref()).await.said;
        let page = page.map_err(|fault| Failed { fault, may_go_on: true })?;
        if page.next.is_some() && page.next == *after {
            let fault = Fault::transient(DOING, "it says that it goes on, and does not");
            return Err(Failed { fault, may_go_on: false });
        }
        self.pages += 1;
        for (donation, outcome) in page.payments {
            let known = self.named.entry(donation).or_insert_with(|| outcome.clone());
            if weight(&outcome) > weight(known) {
                *known = outcome;
            }
        }
        self.rest = match page.next {
            Some(next) => Rest::After(Some(next)),
            None => Rest::Nothing(clock.now()),
        };
        Ok(())
    }

    /// Money that was taken counts as soon as it is seen; anything else, when the list was read to its end.
    fn look_up(&self, donation: &DonationId) -> Listed {
        match self.named.get(donation) {
            Some(taken @ PaymentOutcome::Captured { .. }) => Listed::Payment(taken.clone()),
            _ if !self.is_whole() => Listed::NotYet,
            Some(outcome) => Listed::Payment(outcome.clone()),
            None => Listed::Nothing { as_of: self.begun_at },
        }
    }
}

/// How much an outcome says when one donation has several payments: money taken above all.
const fn weight(outcome: &PaymentOutcome) -> u8 {
    match outcome {
        PaymentOutcome::Captured { .. } => 5,
        PaymentOutcome::Processing { .. } => 4,
        PaymentOutcome::ActionRequired { .. } => 3,
        PaymentOutcome::Unknown { .. } => 2,
        PaymentOutcome::Declined { .. } => 1,
        PaymentOutcome::Cancelled { .. }
        | PaymentOutcome::NotExecuted { .. }
        | PaymentOutcome::Rejected { .. } => 0,
    }
}
