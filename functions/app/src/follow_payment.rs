//! Follow a payment of which only that it moved is told: ask the provider for what its donation does not know yet, and
//! for no more.

use domain::donation::{Command, Donation, Event, Refusal};
use domain::ids::{DonationId, ProviderReference};
use domain::payment::PaymentOutcome;
use domain::takings::{DISPUTES_MAX, Dispute, DisputeStatus};
use domain::time::Timestamp;

use crate::ports::{Donations, Fault, PaymentProvider};
use crate::stored_donation::{Applied, apply};

/// What became of it.
pub(crate) enum Followed {
    /// All that the provider says of the payment is stored.
    Done {
        /// The events that were stored; none when all of it was known.
        events: Vec<Event>,
        /// Whether the donation counts the payment as captured.
        is_captured: bool,
        /// Whether the provider says that a bank took the payment back, whatever came after that.
        is_taken_back: bool,
    },
    /// There is no such donation.
    Missing,
    /// It does not fit the donation.
    Refused(Refusal),
}

/// Whose payment it is, and why it is followed.
pub(crate) struct Trail<'a> {
    pub(crate) donation: &'a DonationId,
    /// The provider's id of the payment.
    pub(crate) payment: &'a ProviderReference,
    /// Whether a bank is said to have taken the payment back or given it back.
    pub(crate) by_bank: bool,
    /// Now.
    pub(crate) at: Timestamp,
}

/// Asks what is not known yet, and stores it.
///
/// # Errors
/// The provider or the store could not be asked; running again is safe.
pub(crate) async fn follow_payment(
    donations: &impl Donations,
    connector: &impl PaymentProvider,
    trail: Trail<'_>,
) -> Result<Followed, Fault> {
    let Trail { donation: id, payment, by_bank, at } = trail;
    let Some(stored) = donations.load(id).await? else { return Ok(Followed::Missing) };
    let (mut donation, mut events) = (stored.donation, Vec::new());
    if !is_captured(&donation, payment) {
        let outcome = connector.look_up(payment).await.said;
        if let PaymentOutcome::Unknown { reason } | PaymentOutcome::NotExecuted { reason } = outcome {
            return Err(Fault::transient("look a payment up", reason));
        }
        match apply(donations, id, || Command::RecordOutcome { outcome: outcome.clone(), at }).await? {
            Applied::Done { donation: now, events: more } => {
                donation = *now;
                events.extend(more);
            }
            Applied::Refused(refusal) => return Ok(Followed::Refused(refusal)),
            Applied::Missing => return Ok(Followed::Missing),
        }
    }
    let is_captured = is_captured(&donation, payment);
    let mut is_taken_back = false;
    // One that is gone may have come again, which moves the payment as its first coming did.
    if is_captured && (by_bank || is_gone(&donation, payment)) {
        for time in first_open(&donation, payment)..=DISPUTES_MAX {
            let time = u32::try_from(time).unwrap_or(u32::MAX);
            let reference = ProviderReference::of_taken_back(payment, time);
            let Some(news) = connector.look_up_dispute(&reference).await.said? else { break };
            let is_given_back = news.status == DisputeStatus::Won;
            match apply(donations, id, || Command::RecordDispute { news: news.clone(), at }).await? {
                Applied::Done { events: more, .. } => events.extend(more),
                Applied::Refused(refusal) => return Ok(Followed::Refused(refusal)),
                Applied::Missing => return Ok(Followed::Missing),
            }
            is_taken_back = true;
            if !is_given_back {
                break;
            }
        }
        is_taken_back |= taken_back(&donation, payment).next().is_some();
    }
    Ok(Followed::Done { events, is_captured, is_taken_back })
}

/// Whether the donation counts this payment as captured.
pub(crate) fn is_captured(donation: &Donation, payment: &ProviderReference) -> bool {
    donation.payment.takings().is_some_and(|takings| takings.capture(payment).is_some())
}

/// Each time that a bank is known to have taken this payment back, in no order.
pub(crate) fn taken_back<'a>(
    donation: &'a Donation,
    payment: &'a ProviderReference,
) -> impl Iterator<Item = &'a Dispute> {
    let disputes = donation.payment.takings().map(domain::takings::Takings::disputes).unwrap_or_default();
    disputes.iter().filter(move |dispute| dispute.is_taken_back() && dispute.payment == *payment)
}

/// Whether the bank has the payment's money, as far as is known.
fn is_gone(donation: &Donation, payment: &ProviderReference) -> bool {
    taken_back(donation, payment).any(Dispute::is_lost)
}

/// The first taking back of which the end is not known.
fn first_open(donation: &Donation, payment: &ProviderReference) -> usize {
    taken_back(donation, payment).filter(|dispute| dispute.is_won()).count().saturating_add(1)
}
