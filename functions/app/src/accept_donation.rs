//! Accept a donation: one conditional write makes it durable, and that is the whole promise.

use contracts::telemetry::about;
use domain::donation::{Accepted, Donation, Fingerprint};
use domain::donor::{Donor, GiftAidDeclaration, WordingVersion};
use domain::gift::{Gift, Instrument};
use domain::ids::{CharityId, DonationId, IdempotencyKey, digest_of};
use domain::screening::Source;
use domain::time::{Span, Timestamp};

use crate::ports::{Acceptance, Clock, DonationEventKind, Donations, Events, Fault};
use crate::stored_donation::announce;

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct AcceptDonation<D, E, C> {
    /// Where donations are kept.
    pub donations: D,
    /// Where acceptance is announced.
    pub events: E,
    /// The time.
    pub clock: C,
    /// The charity that receives the gifts.
    pub charity: CharityId,
    /// From acceptance to the completer's first look.
    pub first_check_after: Span,
}

/// A well-formed request for a donation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The client's key.
    pub key: IdempotencyKey,
    /// What is given.
    pub gift: Gift,
    /// Who gives.
    pub donor: Donor,
    /// The wording that the donor agreed to, where the donor declares Gift Aid.
    pub gift_aid: Option<WordingVersion>,
    /// Provider and token.
    pub instrument: Instrument,
    /// Where it comes from, as far as that is known. No part of the request: the same one may come from elsewhere.
    pub source: Option<Source>,
}

/// What became of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The donation is durable.
    Accepted(Box<Donation>),
    /// It was durable already, from the same request; here it is as it was accepted, plus what became of it.
    Replayed(Box<Donation>),
    /// The key was used before with another request. Nothing was changed.
    KeyReused,
}

impl<D: Donations, E: Events, C: Clock> AcceptDonation<D, E, C> {
    /// Makes the donation durable and announces it.
    ///
    /// # Errors
    /// Nothing is known to be stored. The client may send the same request with the same key again, and either
    /// finds the donation or makes it.
    pub async fn run(&self, offer: Offer) -> Result<Answer, Fault> {
        let fingerprint = fingerprint(&offer);
        let donation = self.donation(offer, fingerprint, self.clock.now());
        about(&donation.id);
        match self.donations.accept(&donation).await? {
            Acceptance::New => {
                announce(&self.events, DonationEventKind::DonationAccepted, &donation.id).await;
                Ok(Answer::Accepted(Box::new(donation)))
            }
            // The condition also fails when our own write was repeated after a lost answer, which the
            // fingerprint shows.
            Acceptance::Known(known) if known.donation.fingerprint == fingerprint => {
                Ok(Answer::Replayed(Box::new(known.donation)))
            }
            Acceptance::Known(_) => Ok(Answer::KeyReused),
        }
    }

    /// The donation that this very request made before; `None` when it made none. What was accepted once stays
    /// accepted, whatever the rules for new donations are by now.
    ///
    /// # Errors
    /// Nothing is known. The client may send the same request again.
    pub async fn made_before(&self, offer: &Offer) -> Result<Option<Donation>, Fault> {
        let known = self.donations.load(&DonationId::derive(&self.charity, &offer.key)).await?;
        let donation = known.map(|known| known.donation);
        Ok(donation.filter(|donation| donation.fingerprint == fingerprint(offer)))
    }

    fn donation(&self, offer: Offer, fingerprint: Fingerprint, at: Timestamp) -> Donation {
        let accepted = Accepted {
            id: DonationId::derive(&self.charity, &offer.key),
            fingerprint,
            gift: offer.gift,
            donor: offer.donor,
            gift_aid: offer.gift_aid.map(|wording| GiftAidDeclaration { wording, declared_at: at }),
            instrument: offer.instrument,
            source: offer.source,
            at,
        };
        Donation::accept(accepted, self.first_check_after)
    }
}

/// Digest of all that the donor asked for, so that `5` and `5.00` are one request and nothing else is.
fn fingerprint(offer: &Offer) -> Fingerprint {
    let (amount, currency) = (offer.gift.amount, offer.gift.amount.currency());
    let minor = amount.minor().to_string();
    let mut parts = vec![
        "offer v1",
        minor.as_str(),
        currency.code(),
        offer.gift.appeal.as_str(),
        offer.gift.channel.name(),
        offer.instrument.provider.name(),
        offer.instrument.token.as_str(),
        offer.donor.name.as_str(),
        offer.donor.email.as_str(),
    ];
    if let Some(address) = &offer.donor.address {
        parts.extend([
            "address",
            address.line_1.as_str(),
            address.postal_code.as_str(),
            address.country.as_str(),
        ]);
        parts.extend(["line 2", address.line_2.as_ref().map_or("", |line| line.as_str())]);
        parts.extend(["town", address.town.as_ref().map_or("", |line| line.as_str())]);
    }
    if let Some(wording) = &offer.gift_aid {
        parts.extend(["gift aid", wording.as_str()]);
    }
    Fingerprint(digest_of(&parts))
}
