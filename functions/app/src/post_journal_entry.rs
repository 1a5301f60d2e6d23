//! Post the journal entries that a donation's state calls for, each exactly once.

use contracts::stored::PostedEntry;
use contracts::telemetry::{Metric, measure};
use domain::donation::{Command, Refusal};
use domain::ids::{DonationId, EntryId};
use domain::journal::JournalEntry;

use crate::ports::{Calendar, Clock, Donations, Fault, Journal, Posted};
use crate::stored_donation::{Applied, apply};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct PostJournalEntry<D, J, L, C> {
    /// Where donations are kept.
    pub donations: D,
    /// The ledger's journal.
    pub journal: J,
    /// Which day a moment belongs to.
    pub calendar: L,
    /// The time.
    pub clock: C,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Booking {
    /// Everything that the state calls for is booked.
    Booked,
    /// Another entry of the same id is in the journal: somebody must look.
    Conflict(EntryId),
    /// The donation does not know the effect that was booked: somebody must look.
    Refused(Refusal),
    /// There is no such donation, though somebody announced one: somebody must look.
    Missing,
}

impl<D: Donations, J: Journal, L: Calendar, C: Clock> PostJournalEntry<D, J, L, C> {
    /// Posts what is owed to the ledger, then notes on the donation that it is posted.
    ///
    /// # Errors
    /// A store could not be read or written; running again is safe.
    pub async fn run(&self, id: &DonationId) -> Result<Booking, Fault> {
        let Some(stored) = self.donations.load(id).await? else { return Ok(Booking::Missing) };
        for entry in stored.donation.entries_owed() {
            let since = entry.subject().occurred_at;
            let booking = self.post(id, entry).await?;
            if booking != Booking::Booked {
                return Ok(booking);
            }
            measure(Metric::LedgerLagMillis, self.clock.now().since(since).as_millis());
        }
        Ok(Booking::Booked)
    }

    async fn post(&self, donation: &DonationId, entry: JournalEntry) -> Result<Booking, Fault> {
        let posted_at = self.clock.now();
        let posted = PostedEntry {
            business_date: self.calendar.date(posted_at),
            value_date: self.calendar.date(entry.subject().occurred_at),
            posted_at,
            entry,
        };
        let entry = posted.entry.id().clone();
        if self.journal.post(&posted).await? == Posted::Conflict {
            return Ok(Booking::Conflict(entry));
        }
        let command = || Command::RecordEntry { entry: entry.clone() };
        match apply(&self.donations, donation, command).await? {
            Applied::Done { .. } => Ok(Booking::Booked),
            Applied::Refused(refusal) => Ok(Booking::Refused(refusal)),
            Applied::Missing => Ok(Booking::Missing),
        }
    }
}
