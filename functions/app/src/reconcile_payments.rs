//! Read the provider's own account of its balance: find money that nobody told us about, and book fees and payouts.

use contracts::stored::{PostedEntry, WorkKind};
use domain::donation::{Command, Donation};
use domain::ids::{DonationId, Provider, ProviderReference};
use domain::journal::{JournalEntry, Movement, MovementCause};
use domain::money::Money;
use domain::payment::PaymentOutcome;
use domain::takings::RefundOutcome;
use domain::time::Timestamp;

use crate::connectors::Connectors;
use crate::ports::{
    Calendar, Clock, Donations, Events, Fault, Journal, MovementPage, PaymentProvider, Posted, WorkList,
};
use crate::stored_donation::{Applied, announce_all, apply};
use crate::work::{Finding, report, report_failed_refunds};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ReconcilePayments<D, E, J, P, W, L, C> {
    /// Where donations are kept.
    pub donations: D,
    /// Where money that was found is announced.
    pub events: E,
    /// The ledger's journal.
    pub journal: J,
    /// Who can be asked.
    pub connectors: Connectors<P>,
    /// Where what nobody can explain is reported.
    pub work: W,
    /// Which day a moment belongs to.
    pub calendar: L,
    /// The time.
    pub clock: C,
}

/// What one movement led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconciled {
    /// Everything about it was known and booked.
    Known,
    /// Something was stored, booked or reported.
    Found,
}

impl<D, E, J, P, W, L, C> ReconcilePayments<D, E, J, P, W, L, C>
where
    D: Donations,
    E: Events,
    J: Journal,
    P: PaymentProvider,
    W: WorkList,
    L: Calendar,
    C: Clock,
{
    /// One page of a provider's movements since `since`.
    ///
    /// # Errors
    /// The provider could not be asked; the next run will.
    pub async fn page(
        &self,
        provider: Provider,
        since: Timestamp,
        after: Option<&str>,
    ) -> Result<MovementPage, Fault> {
        self.connectors.of(provider)?.movements(since, after).await.said
    }

    /// Makes the donation and the ledger agree with one movement. Doing it again changes nothing.
    ///
    /// # Errors
    /// The provider or a store could not be asked or written; the next run will.
    pub async fn reconcile(&self, provider: Provider, movement: &Movement) -> Result<Reconciled, Fault> {
        let mut found = self.settle(provider, movement).await?;
        for entry in movement.entries(provider) {
            if self.post(entry).await? == Reconciled::Found {
                found = Reconciled::Found;
            }
        }
        Ok(found)
    }

    async fn settle(&self, provider: Provider, movement: &Movement) -> Result<Reconciled, Fault> {
        let connector = self.connectors.of(provider)?;
        match &movement.cause {
            MovementCause::Charge { payment, amount } => {
                let Some(donation) = self.donation_of(connector, movement, payment).await? else {
                    return self.orphan(provider, movement, payment, *amount).await;
                };
                let takings = donation.payment.takings();
                if takings.is_some_and(|takings| takings.capture(payment).is_some()) {
                    return Ok(Reconciled::Known);
                }
                let outcome = connector.look_up(payment).await.said;
                match outcome {
                    PaymentOutcome::Captured { .. } => {
                        let command =
                            || Command::RecordOutcome { outcome: outcome.clone(), at: self.clock.now() };
                        self.apply(provider, &donation.id, command).await
                    }
                    _ => Err(Fault::transient(
                        "look a payment up",
                        "its charge is listed and it is not captured",
                    )),
                }
            }
            MovementCause::Refund { refund } => {
                let known =
                    self.donation(movement).await?.is_some_and(|donation| knows_refund(&donation, refund));
                if known {
                    return Ok(Reconciled::Known);
                }
                let news = match connector.look_up_refund(refund).await.said {
                    RefundOutcome::Known(news) => news,
                    RefundOutcome::Rejected { .. } => {
                        return Err(Fault::permanent("look a refund up", "it is listed and cannot be had"));
                    }
                    RefundOutcome::NotExecuted { reason } | RefundOutcome::Unknown { reason } => {
                        return Err(Fault::transient("look a refund up", reason));
                    }
                };
                match connector.donation_of(&news.payment).await.said? {
                    Some(donation) => {
                        let command = || Command::RecordRefund { news: news.clone(), at: self.clock.now() };
                        self.apply(provider, &donation, command).await
                    }
                    None => self.orphan(provider, movement, refund, news.amount).await,
                }
            }
            MovementCause::TakenBack { payment, amount } => {
                let Some(donation) = self.donation_of(connector, movement, payment).await? else {
                    return self.orphan(provider, movement, payment, *amount).await;
                };
                let command = || Command::RecordTakenBack { payment: payment.clone(), at: self.clock.now() };
                self.apply(provider, &donation.id, command).await
            }
            MovementCause::Dispute { dispute } => {
                let Some(news) = connector.look_up_dispute(dispute).await.said? else {
                    return Err(Fault::transient("look a dispute up", "it is listed and cannot be had"));
                };
                match connector.donation_of(&news.payment).await.said? {
                    Some(donation) => {
                        let command = || Command::RecordDispute { news: news.clone(), at: self.clock.now() };
                        self.apply(provider, &donation, command).await
                    }
                    None => match news.withdrawn {
                        Some(withdrawn) => self.orphan(provider, movement, dispute, withdrawn.amount).await,
                        None => Ok(Reconciled::Known),
                    },
                }
            }
            MovementCause::PayoutFailed { payout, amount } => {
                self.report(provider, movement, WorkKind::PayoutFailed, payout, *amount).await
            }
            MovementCause::Other { amount, .. } => {
                let (kind, reference) = (WorkKind::UnexplainedMovement, &movement.reference);
                self.report(provider, movement, kind, reference, *amount).await
            }
            MovementCause::Fee | MovementCause::Payout { .. } => Ok(Reconciled::Known),
        }
    }

    async fn donation(&self, movement: &Movement) -> Result<Option<Donation>, Fault> {
        match &movement.donation {
            Some(id) => Ok(self.donations.load(id).await?.map(|stored| stored.donation)),
            None => Ok(None),
        }
    }

    /// The donation that the movement names, or that its payment names where the movement does not say.
    async fn donation_of(
        &self,
        connector: &P,
        movement: &Movement,
        payment: &ProviderReference,
    ) -> Result<Option<Donation>, Fault> {
        if movement.donation.is_some() {
            return self.donation(movement).await;
        }
        match connector.donation_of(payment).await.said? {
            Some(id) => Ok(self.donations.load(&id).await?.map(|stored| stored.donation)),
            None => Ok(None),
        }
    }

    async fn apply(
        &self,
        provider: Provider,
        id: &DonationId,
        command: impl Fn() -> Command,
    ) -> Result<Reconciled, Fault> {
        match apply(&self.donations, id, command).await? {
            Applied::Done { events, .. } if events.is_empty() => Ok(Reconciled::Known),
            Applied::Done { events, .. } => {
                announce_all(&self.events, id, &events).await;
                report_failed_refunds(&self.work, provider, id, &events).await?;
                Ok(Reconciled::Found)
            }
            Applied::Refused(refusal) => Err(Fault::permanent("reconcile a movement", refusal)),
            Applied::Missing => {
                Err(Fault::permanent("reconcile a movement", "its donation is not in the store"))
            }
        }
    }

    async fn orphan(
        &self,
        provider: Provider,
        movement: &Movement,
        reference: &ProviderReference,
        amount: Money,
    ) -> Result<Reconciled, Fault> {
        self.report(provider, movement, WorkKind::OrphanPayment, reference, amount).await
    }

    async fn report(
        &self,
        provider: Provider,
        movement: &Movement,
        kind: WorkKind,
        reference: &ProviderReference,
        amount: Money,
    ) -> Result<Reconciled, Fault> {
        let detail = match &movement.cause {
            MovementCause::Other { category, .. } => Some(category.clone()),
            _ => None,
        };
        let (donation, amount) = (movement.donation.as_ref(), Some(amount));
        let found = Finding { kind, provider, reference, amount, donation, detail };
        report(&self.work, found, self.clock.now()).await?;
        Ok(Reconciled::Found)
    }

    async fn post(&self, entry: JournalEntry) -> Result<Reconciled, Fault> {
        if self.journal.knows(entry.id()).await? {
            return Ok(Reconciled::Known);
        }
        let posted_at = self.clock.now();
        let posted = PostedEntry {
            business_date: self.calendar.date(posted_at),
            value_date: self.calendar.date(entry.subject().occurred_at),
            posted_at,
            entry,
        };
        match self.journal.post(&posted).await? {
            Posted::New => Ok(Reconciled::Found),
            Posted::Known => Ok(Reconciled::Known),
            Posted::Conflict => Err(Fault::permanent(
                "post an entry",
                format!("{} is in the journal with other content", posted.entry.id()),
            )),
        }
    }
}

/// Whether the donation knows of this refund all that a movement can tell.
fn knows_refund(donation: &Donation, reference: &ProviderReference) -> bool {
    donation.payment.takings().is_some_and(|takings| {
        takings.refunds().iter().any(|refund| refund.reference() == Some(reference) && !refund.is_owed())
    })
}
