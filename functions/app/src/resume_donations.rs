//! The completer: finds every donation that something is still owed to, and announces again what its state implies.

use domain::donation::{Check, Command, Donation};
use domain::ids::DonationId;
use domain::payment::Payment;
use domain::time::{Span, Timestamp};

use crate::ports::{Clock, DonationEventKind, Donations, Events, Fault};
use crate::stored_donation::apply_to;

/// Most donations of one shard in one run; the next run takes the rest.
pub const SHARD_DONATIONS_MAX: u16 = 500;
/// Longest wait between two looks at one donation.
const WAIT_MINUTES_MAX: u64 = 60;
/// Longest wait while the provider has not been called, or turned the call away: it was limited or down, and its donors
/// should not wait much longer than it. Looking is cheap, because what is called and when is the budget's to say.
const UNCALLED_WAIT_MINUTES_MAX: u64 = 4;

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ResumeDonations<D, E, C> {
    /// Where donations are kept.
    pub donations: D,
    /// Where what is owed is announced again.
    pub events: E,
    /// The time.
    pub clock: C,
}

/// What became of one donation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumption {
    /// What is owed was announced again.
    Announced {
        /// When the donation was accepted, unless a bank, its donor or a person is waited for.
        unsettled_since: Option<Timestamp>,
    },
    /// Nothing was owed any more, or somebody else was at work on it.
    Nothing,
}

impl<D: Donations, E: Events, C: Clock> ResumeDonations<D, E, C> {
    /// Ids of the donations in this shard that are due for a look.
    ///
    /// # Errors
    /// The index could not be read; the next run will.
    pub async fn due(&self, shard: u8) -> Result<Vec<DonationId>, Fault> {
        self.donations.owed(shard, self.clock.now(), SHARD_DONATIONS_MAX).await
    }

    /// Announces what is owed to one donation and puts off the next look: by 1, 2, 4, … up to 60 minutes, and no more
    /// than 4 while its payment has no answer and no doubtful one either.
    ///
    /// # Errors
    /// The donation is looked at again by the next run.
    pub async fn resume(&self, id: &DonationId) -> Result<Resumption, Fault> {
        let Some(stored) = self.donations.load(id).await? else {
            return Err(Fault::permanent(
                "resume a donation",
                "the index names a donation that is not in the store",
            ));
        };
        let Some(check) = stored.donation.next_check else { return Ok(Resumption::Nothing) };
        let now = self.clock.now();
        if check.at > now {
            return Ok(Resumption::Nothing);
        }
        for kind in announcements(&stored.donation) {
            self.events.publish(kind, id).await?;
        }
        let next = next_look(check, &stored.donation.payment, now);
        let unsettled_since = is_ours_to_settle(&stored.donation).then_some(stored.donation.accepted_at);
        let postponed = apply_to(&self.donations, stored, Command::PostponeCheck { until: next }).await?;
        // When somebody else wrote first, the donation is moving, and the next run looks again.
        Ok(if postponed.is_some() { Resumption::Announced { unsettled_since } } else { Resumption::Nothing })
    }
}

/// Whether what is owed waits for nobody. A refund on its way waits for a bank.
fn is_ours_to_settle(donation: &Donation) -> bool {
    let owed = donation.owed();
    let payment_waits = matches!(
        donation.payment,
        Payment::ActionRequired { .. } | Payment::Processing { .. } | Payment::UnderReview { .. }
    );
    (owed.payment && !payment_waits) || owed.entries || owed.receipt
}

fn announcements(donation: &Donation) -> Vec<DonationEventKind> {
    let owed = donation.owed();
    let mut kinds = Vec::new();
    if owed.payment {
        kinds.push(DonationEventKind::DonationAccepted);
    }
    if owed.refunds {
        kinds.push(DonationEventKind::RefundRequested);
    }
    // Whoever posts entries posts all that are owed, whichever announcement comes.
    if owed.receipt {
        kinds.push(DonationEventKind::PaymentCaptured);
    } else if owed.entries {
        kinds.push(DonationEventKind::PaymentReversed);
    }
    kinds
}

fn next_look(check: Check, payment: &Payment, now: Timestamp) -> Timestamp {
    let is_uncalled = matches!(payment, Payment::Accepted | Payment::Collecting { .. });
    let longest = if is_uncalled { UNCALLED_WAIT_MINUTES_MAX } else { WAIT_MINUTES_MAX };
    let minutes = 1_u64.checked_shl(check.done).unwrap_or(longest).min(longest);
    now.plus(Span::minutes(minutes))
}
