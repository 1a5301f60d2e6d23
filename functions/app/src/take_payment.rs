//! Take the payment of a donation: store the attempt, call the provider, store what it said.

use domain::donation::{Command, Donation, PaymentStep, Refusal};
use domain::gift::ReturnAddress;
use domain::ids::{DonationId, ProviderKey};
use domain::payment::{Attempt, Payment, PaymentOutcome};
use domain::time::{Span, Timestamp};

use crate::capability::StatusAddresses;
use crate::connectors::Connectors;
use crate::listing::Listed;
use crate::ports::{
    CapabilityKeys, Clock, Collected, Collection, Donations, Events, Fault, PaymentProvider, Velocity,
};
use crate::screening::{Screened, Screening, refuse};
use crate::stored_donation::{Applied, announce_all, apply, apply_to};

/// How much earlier than the attempt a provider's list is searched, for clocks that differ.
const LIST_OVERLAP: Span = Span::hours(1);
/// How soon a donation is looked for again in a list that was not read to its end.
const READ_ON_AFTER: Span = Span::minutes(1);
/// How soon where the list could not be read at all: the provider was down, or had no turn for the question. Asking is
/// cheap, because what is called and when is the budget's to say, and everybody who waits is settled soon after it.
const READ_AGAIN_AFTER: Span = Span::minutes(4);
/// Most steps of one run: an attempt, and one more after proof that the one before took nothing.
const STEPS_MAX: usize = 4;

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct TakePayment<D, E, P, K, C, V> {
    /// Where donations are kept.
    pub donations: D,
    /// Where a capture is announced.
    pub events: E,
    /// Who takes the payment.
    pub connectors: Connectors<P>,
    /// Where the bank sends the donor back to.
    pub addresses: StatusAddresses<K>,
    /// The time.
    pub clock: C,
    /// What keeps card testers from the provider.
    pub screening: Screening<V>,
}

/// How a run ended. Every ending but [`PaymentTaken::Refused`] and [`PaymentTaken::Missing`] is settled in the store,
/// and whatever is still owed is taken up again by the completer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentTaken {
    /// What the provider said is stored.
    Recorded(PaymentOutcome),
    /// The provider was asked and knows of nothing yet; that proves nothing yet.
    StillAbsent,
    /// There was nothing to do.
    Nothing,
    /// Nothing was begun, because it may not be begun just now.
    PutOff,
    /// The provider's answer does not fit the donation, and money may be involved: a person must look.
    Refused(Refusal),
    /// There is no such donation, though somebody announced one: a person must look.
    Missing,
}

impl<D, E, P, K, C, V> TakePayment<D, E, P, K, C, V>
where
    D: Donations,
    E: Events,
    P: PaymentProvider,
    K: CapabilityKeys,
    C: Clock,
    V: Velocity,
{
    /// Does what the payment's state calls for.
    ///
    /// # Errors
    /// The store could not be read or written. Running again is safe: the attempt's key makes the provider's call
    /// repeatable, and a stored answer is not asked for again.
    pub async fn run(&self, id: &DonationId) -> Result<PaymentTaken, Fault> {
        for _ in 0..STEPS_MAX {
            let Some(mut stored) = self.donations.load(id).await? else { return Ok(PaymentTaken::Missing) };
            let connector = self.connectors.of(stored.donation.instrument.provider)?;
            let key_life = connector.key_life();
            let at = self.clock.now();
            match stored.donation.next_payment_step(at, key_life) {
                PaymentStep::Nothing => return Ok(PaymentTaken::Nothing),
                PaymentStep::Start { .. } => {
                    match self.screening.screen(&self.addresses.keys, &stored.donation, at).await {
                        Screened::Begin { step_up: false } => {}
                        Screened::Begin { step_up: true } => stored.donation = stored.donation.stepped_up(),
                        Screened::PutOff => return Ok(PaymentTaken::PutOff),
                        Screened::Refuse => match refuse(&self.donations, stored, at, key_life).await? {
                            Some(outcome) => return Ok(PaymentTaken::Recorded(outcome)),
                            None => continue,
                        },
                    }
                    stored.donation = self.with_return_address(stored.donation).await?;
                    match apply_to(&self.donations, stored, Command::StartAttempt { at, key_life }).await? {
                        Some(Applied::Done { donation, .. }) => {
                            return self.collect(connector, &donation).await;
                        }
                        Some(Applied::Refused(refusal)) => return Ok(PaymentTaken::Refused(refusal)),
                        Some(Applied::Missing) | None => {}
                    }
                }
                PaymentStep::Repeat => return self.collect(connector, &stored.donation).await,
                PaymentStep::Ask { reference: Some(reference) } => {
                    let outcome = connector.look_up(&reference).await.said;
                    return self.record(id, outcome, None).await;
                }
                PaymentStep::CallOff { reference } => {
                    let number = stored_attempt(&stored.donation.payment)?.number;
                    let key = ProviderKey::of_cancel(id, number);
                    let outcome = connector.call_off(&reference, &key).await.said;
                    return self.record(id, outcome, None).await;
                }
                PaymentStep::Ask { reference: None } => {
                    if let Some(ended) = self.find(connector, &stored.donation).await? {
                        return Ok(ended);
                    }
                }
            }
        }
        Err(Fault::transient("take a payment", "the donation kept changing"))
    }

    /// The donation with the address that the bank sends the donor back to: stored with the first attempt, so that
    /// each repetition of the call says the same, whatever has become of the keys meanwhile.
    async fn with_return_address(&self, donation: Donation) -> Result<Donation, Fault> {
        let doing = "seal the address that the bank sends the donor back to";
        let address = self.addresses.address(&donation.id).await?;
        let address = ReturnAddress::parse(&address).map_err(|rule| Fault::permanent(doing, rule))?;
        Ok(donation.returning_to(address))
    }

    async fn collect(&self, connector: &P, donation: &Donation) -> Result<PaymentTaken, Fault> {
        let attempt = stored_attempt(&donation.payment)?;
        let collection = Collection {
            donation: donation.id.clone(),
            appeal: donation.gift.appeal.clone(),
            amount: donation.gift.amount,
            token: donation.instrument.token.clone(),
            key: attempt.key.clone(),
            return_url: match &donation.return_address {
                Some(address) => address.as_str().to_owned(),
                // An attempt of a version of this code that did not store it.
                None => self.addresses.address(&donation.id).await?,
            },
            step_up: donation.step_up,
        };
        let Collected { outcome, card } = connector.collect(&collection).await.said;
        self.record(&donation.id, outcome, card.as_deref()).await
    }

    /// Looks for the payment in the provider's list. `None` when a further attempt may follow at once.
    async fn find(&self, connector: &P, donation: &Donation) -> Result<Option<PaymentTaken>, Fault> {
        let attempt = stored_attempt(&donation.payment)?;
        let since = hour_of(attempt.first_called_at.minus(LIST_OVERLAP));
        let listing = self.connectors.listing_of(donation.instrument.provider)?;
        let at = match listing.find(connector, &self.clock, &donation.id, since).await {
            Ok(Listed::Payment(outcome)) => {
                return self.record(&donation.id, outcome, None).await.map(Some);
            }
            Ok(Listed::Nothing { as_of }) => as_of,
            Ok(Listed::NotYet) => {
                let reason = "the provider's list is being read";
                return self.find_later(donation, reason, READ_ON_AFTER).await.map(Some);
            }
            // The message is done with, and the completer asks again: while a provider is down for hours, messages
            // that came back would end among the dead letters.
            Err(fault @ Fault::Transient { .. }) => {
                let (id, fault) = (&donation.id, fault.chain());
                tracing::warn!(donation.id = %id, fault, "the provider's list is read later");
                let reason = "the provider's list could not be read";
                return self.find_later(donation, reason, READ_AGAIN_AFTER).await.map(Some);
            }
            Err(fault) => return Err(fault),
        };
        let key_life = connector.key_life();
        let absence = || Command::RecordAbsence { at, key_life };
        match apply(&self.donations, &donation.id, absence).await? {
            Applied::Done { events, .. } if events.is_empty() => Ok(Some(PaymentTaken::StillAbsent)),
            Applied::Done { .. } => Ok(None),
            Applied::Refused(refusal) => Ok(Some(PaymentTaken::Refused(refusal))),
            Applied::Missing => Ok(Some(PaymentTaken::Missing)),
        }
    }

    /// Leaves the outcome unknown, to be looked for again sooner than in the hour that the completer waits otherwise.
    async fn find_later(
        &self,
        donation: &Donation,
        reason: &'static str,
        after: Span,
    ) -> Result<PaymentTaken, Fault> {
        let recorded = self.record(&donation.id, PaymentOutcome::Unknown { reason }, None).await?;
        let until = self.clock.now().plus(after);
        apply(&self.donations, &donation.id, || Command::PostponeCheck { until }).await?;
        Ok(recorded)
    }

    async fn record(
        &self,
        id: &DonationId,
        outcome: PaymentOutcome,
        card: Option<&str>,
    ) -> Result<PaymentTaken, Fault> {
        let command = || Command::RecordOutcome { outcome: outcome.clone(), at: self.clock.now() };
        match apply(&self.donations, id, command).await? {
            Applied::Done { donation, events } => {
                announce_all(&self.events, id, &events).await;
                let (keys, now) = (&self.addresses.keys, self.clock.now());
                self.screening.note(keys, &donation, &events, card, now).await;
                Ok(PaymentTaken::Recorded(outcome))
            }
            Applied::Refused(refusal) => Ok(PaymentTaken::Refused(refusal)),
            Applied::Missing => Ok(PaymentTaken::Missing),
        }
    }
}

/// When the hour of a moment began. Those who gave within an hour are so looked for in one reading of the list, whoever
/// comes first.
const fn hour_of(moment: Timestamp) -> Timestamp {
    moment.minus(Span::millis(moment.as_millis() % Span::hours(1).as_millis()))
}

fn stored_attempt(payment: &Payment) -> Result<&Attempt, Fault> {
    payment.attempt().ok_or_else(|| Fault::permanent("take a payment", "no attempt is stored"))
}
