//! Make the refunds that a donation owes: store the attempt, ask the provider, store what it said.

use domain::donation::{Command, Donation, RefundStep, Refusal};
use domain::ids::DonationId;
use domain::money::Money;
use domain::payment::Attempt;
use domain::takings::{Refund, RefundOutcome, Takings};

use crate::connectors::Connectors;
use crate::ports::{Clock, Donations, Events, Fault, PaymentProvider, RefundOrder, WorkList};
use crate::stored_donation::{Applied, announce_all, apply};
use crate::work::report_failed_refunds;

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct RefundPayment<D, E, P, W, C> {
    /// Where donations are kept.
    pub donations: D,
    /// Where what moved is announced.
    pub events: E,
    /// Who makes refunds.
    pub connectors: Connectors<P>,
    /// Where a refund that failed is reported.
    pub work: W,
    /// The time.
    pub clock: C,
}

/// How a run ended. What is still owed is taken up again by the completer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunding {
    /// The provider was asked about every refund that is owed, and its answers are stored.
    Asked,
    /// The provider's answer does not fit the donation: a person must look.
    Refused(Refusal),
    /// There is no such donation, though somebody announced one: a person must look.
    Missing,
}

impl<D: Donations, E: Events, P: PaymentProvider, W: WorkList, C: Clock> RefundPayment<D, E, P, W, C> {
    /// Asks the provider for, or about, each refund that is owed.
    ///
    /// # Errors
    /// The store could not be read or written, or the provider's list could not be read. Running again is safe: the
    /// attempt's key makes the provider's call repeatable.
    pub async fn run(&self, id: &DonationId) -> Result<Refunding, Fault> {
        let Some(stored) = self.donations.load(id).await? else { return Ok(Refunding::Missing) };
        report_failed_refunds(&self.work, &stored.donation).await?;
        let connector = self.connectors.of(stored.donation.instrument.provider)?;
        for refund in stored.donation.refunds_owed() {
            if let Some(ended) = self.step(connector, &stored.donation, refund).await? {
                return Ok(ended);
            }
        }
        Ok(Refunding::Asked)
    }

    /// One step of one refund; `Some` when a person must look.
    async fn step(
        &self,
        connector: &P,
        donation: &Donation,
        refund: &Refund,
    ) -> Result<Option<Refunding>, Fault> {
        let (at, key_life) = (self.clock.now(), connector.key_life());
        match Donation::next_refund_step(refund, at, key_life) {
            RefundStep::Nothing => Ok(None),
            RefundStep::Start => {
                let started = Command::StartRefund { refund: refund.id.clone(), at };
                let attempted = match apply(&self.donations, &donation.id, || started.clone()).await? {
                    Applied::Done { donation, .. } => attempt_of(&donation, refund),
                    // Another environment started it first, and will ask.
                    Applied::Refused(_) => None,
                    Applied::Missing => return Ok(Some(Refunding::Missing)),
                };
                match attempted {
                    Some(attempt) => self.ask_for(connector, donation, refund, &attempt).await,
                    None => Ok(None),
                }
            }
            RefundStep::Repeat { attempt } => self.ask_for(connector, donation, refund, &attempt).await,
            RefundStep::Ask => self.ask_about(connector, donation, refund).await,
        }
    }

    async fn ask_for(
        &self,
        connector: &P,
        donation: &Donation,
        refund: &Refund,
        attempt: &Attempt,
    ) -> Result<Option<Refunding>, Fault> {
        let order = RefundOrder {
            refund: refund.id.clone(),
            donation: donation.id.clone(),
            payment: refund.payment.clone(),
            amount: refund.amount,
            total: total(donation, refund),
            reason: refund.reason,
            key: attempt.key.clone(),
        };
        let outcome = connector.refund(&order).await.said;
        self.record(donation, refund, outcome).await
    }

    async fn ask_about(
        &self,
        connector: &P,
        donation: &Donation,
        refund: &Refund,
    ) -> Result<Option<Refunding>, Fault> {
        if let Some(reference) = refund.reference() {
            let outcome = connector.look_up_refund(reference).await.said;
            return self.record(donation, refund, outcome).await;
        }
        if let Some(news) = connector.find_refund(&refund.payment, &refund.id).await.said? {
            return self.record(donation, refund, RefundOutcome::Known(news)).await;
        }
        let (refund, key_life) = (refund.id.clone(), connector.key_life());
        let absence = || {
            let at = self.clock.now();
            Command::RecordRefundAbsence { refund: refund.clone(), at, key_life }
        };
        self.store(donation, absence).await
    }

    async fn record(
        &self,
        donation: &Donation,
        refund: &Refund,
        outcome: RefundOutcome,
    ) -> Result<Option<Refunding>, Fault> {
        match outcome {
            RefundOutcome::Known(news) => {
                let command = || Command::RecordRefund { news: news.clone(), at: self.clock.now() };
                self.store(donation, command).await
            }
            RefundOutcome::Rejected { .. } => {
                let id = refund.id.clone();
                let command = || Command::RecordRefundRejected { refund: id.clone(), at: self.clock.now() };
                self.store(donation, command).await
            }
            RefundOutcome::NotExecuted { .. } | RefundOutcome::Unknown { .. } => Ok(None),
        }
    }

    async fn store(
        &self,
        donation: &Donation,
        command: impl Fn() -> Command,
    ) -> Result<Option<Refunding>, Fault> {
        match apply(&self.donations, &donation.id, command).await? {
            Applied::Done { donation, events } => {
                announce_all(&self.events, &donation.id, &events).await;
                report_failed_refunds(&self.work, &donation).await?;
                Ok(None)
            }
            Applied::Refused(refusal) => Ok(Some(Refunding::Refused(refusal))),
            Applied::Missing => Ok(Some(Refunding::Missing)),
        }
    }
}

fn attempt_of(donation: &Donation, refund: &Refund) -> Option<Attempt> {
    donation.payment.takings()?.refund(&refund.id)?.attempt.clone()
}

/// All that was asked back of the payment up to and with this refund.
fn total(donation: &Donation, refund: &Refund) -> Money {
    let takings = donation.payment.takings();
    let earlier = takings
        .into_iter()
        .flat_map(Takings::refunds)
        .filter(|other| other.payment == refund.payment && other.has_succeeded() && other.id != refund.id);
    let minor = earlier.fold(refund.amount.minor(), |sum, other| sum.saturating_add(other.amount.minor()));
    Money::from_minor(minor, refund.amount.currency()).unwrap_or(refund.amount)
}
