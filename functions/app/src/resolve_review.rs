//! A person decides what the pipeline could not: what is under review, or unknown for too long.

use domain::donation::{Command, Donation, Refusal, Resolved};
use domain::ids::{DonationId, ProviderReference};
use domain::payment::PaymentOutcome;

use crate::connectors::Connectors;
use crate::ports::{Clock, DonationEventKind, Donations, Events, Fault, PaymentProvider};
use crate::stored_donation::{Applied, announce, announce_all, apply};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ResolveReview<D, E, P, C> {
    /// Where donations are kept.
    pub donations: D,
    /// Where what follows is announced.
    pub events: E,
    /// Who can be asked about a payment.
    pub connectors: Connectors<P>,
    /// The time.
    pub clock: C,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolving {
    /// The decision is stored; here is the donation.
    Resolved(Box<Donation>),
    /// What the provider says of the payment is stored; here is the donation.
    LookedUp(Box<Donation>),
    /// The provider does not say that the payment is this donation's; nothing was changed.
    NotOfThisDonation,
    /// The state does not call for it; nothing was changed.
    Refused(Refusal),
    /// There is no such donation.
    Missing,
}

impl<D: Donations, E: Events, P: PaymentProvider, C: Clock> ResolveReview<D, E, P, C> {
    /// Stores a person's decision and sets going what follows from it.
    ///
    /// # Errors
    /// Nothing is known to be stored; the decision may be sent again.
    pub async fn decide(&self, id: &DonationId, resolved: Resolved) -> Result<Resolving, Fault> {
        match apply(&self.donations, id, || Command::Resolve { resolved: resolved.clone() }).await? {
            Applied::Done { donation, .. } => {
                let owed = donation.owed();
                if owed.payment {
                    announce(&self.events, DonationEventKind::DonationAccepted, id).await;
                }
                if owed.receipt {
                    announce(&self.events, DonationEventKind::PaymentCaptured, id).await;
                }
                Ok(Resolving::Resolved(donation))
            }
            Applied::Refused(refusal) => Ok(Resolving::Refused(refusal)),
            Applied::Missing => Ok(Resolving::Missing),
        }
    }

    /// Asks the provider about a payment that a person found, and stores the provider's word: a person's word never
    /// books money.
    ///
    /// # Errors
    /// The provider or the store could not be asked, or the provider's word is not known; it may be tried again.
    pub async fn look_up(&self, id: &DonationId, payment: &ProviderReference) -> Result<Resolving, Fault> {
        let Some(stored) = self.donations.load(id).await? else { return Ok(Resolving::Missing) };
        let connector = self.connectors.of(stored.donation.instrument.provider)?;
        if connector.donation_of(payment).await.said?.as_ref() != Some(id) {
            return Ok(Resolving::NotOfThisDonation);
        }
        let outcome = connector.look_up(payment).await.said;
        if let PaymentOutcome::Unknown { reason } | PaymentOutcome::NotExecuted { reason } = outcome {
            return Err(Fault::transient("look a payment up", reason));
        }
        let command = || Command::RecordOutcome { outcome: outcome.clone(), at: self.clock.now() };
        match apply(&self.donations, id, command).await? {
            Applied::Done { donation, events } => {
                announce_all(&self.events, id, &events).await;
                Ok(Resolving::LookedUp(donation))
            }
            Applied::Refused(refusal) => Ok(Resolving::Refused(refusal)),
            Applied::Missing => Ok(Resolving::Missing),
        }
    }
}
