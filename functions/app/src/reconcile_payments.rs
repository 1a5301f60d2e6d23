//! Read the provider's own account of its balance: find money that nobody told us about, and book fees and payouts.

use std::collections::BTreeSet;

use contracts::stored::{PostedEntry, WorkKind};
use domain::donation::{Command, Donation};
use domain::ids::{DonationId, EntryId, Provider, ProviderReference};
use domain::journal::{EntryKind, JournalEntry, Movement, MovementCause};
use domain::money::Money;
use domain::takings::RefundOutcome;
use domain::time::Timestamp;

use crate::connectors::Connectors;
use crate::follow_payment::{Followed, Trail, follow_payment, is_captured, taken_back};
use crate::ports::{
    Calendar, Clock, Donations, Events, Fault, Journal, MovementPage, PaymentProvider, Posted, WorkList,
};
use crate::stored_donation::{Applied, announce_all, apply};
use crate::work::{Finding, report, report_failed_refunds};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ReconcilePayments<D, E, J, P, W, R, L, C> {
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
    /// How far each provider was read.
    pub readings: R,
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

impl<D, E, J, P, W, R, L, C> ReconcilePayments<D, E, J, P, W, R, L, C>
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

    /// Which of these movements' payouts are booked. All else that such a payout is made of was dealt with before: that
    /// is when its transfer is booked.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn booked_payouts(&self, movements: &[Movement]) -> Result<BTreeSet<ProviderReference>, Fault> {
        let payouts: BTreeSet<_> = movements.iter().filter_map(|one| one.settled_with.as_ref()).collect();
        let mut booked = BTreeSet::new();
        for payout in payouts {
            if self.journal.knows(&EntryId::derive(EntryKind::Payout.name(), None, payout)).await? {
                booked.insert(payout.clone());
            }
        }
        Ok(booked)
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
        match &movement.cause {
            MovementCause::Charge { payment, amount } => {
                self.payment(provider, movement, (payment, *amount), false).await
            }
            MovementCause::TakenBack { payment, amount } => {
                self.payment(provider, movement, (payment, *amount), true).await
            }
            MovementCause::Refund { refund, .. } => self.refund(provider, movement, refund).await,
            MovementCause::Dispute { dispute, .. } => self.dispute(provider, movement, dispute).await,
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

    /// A payment's money came, or a bank took it back.
    async fn payment(
        &self,
        provider: Provider,
        movement: &Movement,
        (payment, amount): (&ProviderReference, Money),
        is_taken_back: bool,
    ) -> Result<Reconciled, Fault> {
        let connector = self.connectors.of(provider)?;
        let Some(donation) = self.donation_of(connector, movement, Some(payment)).await? else {
            return self.orphan(provider, movement, payment, amount).await;
        };
        if knows_payment(&donation, movement, payment, is_taken_back) {
            return Ok(Reconciled::Known);
        }
        let id = &donation.id;
        let trail = Trail { donation: id, payment, by_bank: is_taken_back, at: self.clock.now() };
        match follow_payment(&self.donations, connector, trail).await? {
            Followed::Done { is_captured: false, .. } => {
                Err(Fault::transient("look a payment up", "its charge is listed and it is not captured"))
            }
            // The list says it for sure, though the provider tells no more of it.
            Followed::Done { events, is_taken_back: false, .. } if is_taken_back => {
                announce_all(&self.events, id, &events).await;
                let command = || Command::RecordTakenBack { payment: payment.clone(), at: self.clock.now() };
                self.apply(id, command).await
            }
            Followed::Done { events, .. } if events.is_empty() => Ok(Reconciled::Known),
            Followed::Done { events, .. } => {
                announce_all(&self.events, id, &events).await;
                Ok(Reconciled::Found)
            }
            Followed::Refused(refusal) => Err(Fault::permanent("reconcile a movement", refusal)),
            Followed::Missing => Err(Fault::permanent("reconcile a movement", GONE)),
        }
    }

    async fn refund(
        &self,
        provider: Provider,
        movement: &Movement,
        refund: &ProviderReference,
    ) -> Result<Reconciled, Fault> {
        let connector = self.connectors.of(provider)?;
        let known = self.donation_of(connector, movement, payment_of(movement)).await?;
        if known.as_ref().is_some_and(|donation| knows_refund(donation, movement, refund)) {
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
        match self.id_of(connector, known, movement, &news.payment).await? {
            Some(donation) => {
                self.hear_of(connector, &donation, &news.payment).await?;
                let command = || Command::RecordRefund { news: news.clone(), at: self.clock.now() };
                self.apply(&donation, command).await
            }
            None => self.orphan(provider, movement, refund, news.amount).await,
        }
    }

    async fn dispute(
        &self,
        provider: Provider,
        movement: &Movement,
        dispute: &ProviderReference,
    ) -> Result<Reconciled, Fault> {
        let connector = self.connectors.of(provider)?;
        let known = self.donation_of(connector, movement, payment_of(movement)).await?;
        if known.as_ref().is_some_and(|donation| knows_dispute(donation, movement, dispute)) {
            return Ok(Reconciled::Known);
        }
        let Some(news) = connector.look_up_dispute(dispute).await.said? else {
            return Err(Fault::transient("look a dispute up", "it is listed and cannot be had"));
        };
        match self.id_of(connector, known, movement, &news.payment).await? {
            Some(donation) => {
                self.hear_of(connector, &donation, &news.payment).await?;
                let command = || Command::RecordDispute { news: news.clone(), at: self.clock.now() };
                self.apply(&donation, command).await
            }
            None => match news.withdrawn {
                Some(withdrawn) => self.orphan(provider, movement, dispute, withdrawn.amount).await,
                None => Ok(Reconciled::Known),
            },
        }
    }

    /// The donation that the movement names, or that its payment names where the movement does not say: the provider is
    /// asked then, and for no more than that.
    async fn donation_of(
        &self,
        connector: &P,
        movement: &Movement,
        payment: Option<&ProviderReference>,
    ) -> Result<Option<Donation>, Fault> {
        let id = match (&movement.donation, payment) {
            (Some(id), _) => Some(id.clone()),
            (None, Some(payment)) => connector.donation_of(payment).await.said?,
            (None, None) => None,
        };
        match id {
            Some(id) => Ok(self.donations.load(&id).await?.map(|stored| stored.donation)),
            None => Ok(None),
        }
    }

    /// Sees to it that a payment whose reversal is told is captured first; one that is not leaves the reversal refused.
    async fn hear_of(
        &self,
        connector: &P,
        donation: &DonationId,
        payment: &ProviderReference,
    ) -> Result<(), Fault> {
        let trail = Trail { donation, payment, by_bank: false, at: self.clock.now() };
        if let Followed::Done { events, .. } = follow_payment(&self.donations, connector, trail).await? {
            announce_all(&self.events, donation, &events).await;
        }
        Ok(())
    }

    /// Whose refund or dispute it is: the donation that was found already, or the one that the payment names, if the
    /// line named neither.
    async fn id_of(
        &self,
        connector: &P,
        known: Option<Donation>,
        movement: &Movement,
        payment: &ProviderReference,
    ) -> Result<Option<DonationId>, Fault> {
        let was_asked = movement.donation.is_some() || payment_of(movement).is_some();
        match known {
            Some(donation) => Ok(Some(donation.id)),
            None if was_asked => Ok(None),
            None => connector.donation_of(payment).await.said,
        }
    }

    async fn apply(&self, id: &DonationId, command: impl Fn() -> Command) -> Result<Reconciled, Fault> {
        match apply(&self.donations, id, command).await? {
            Applied::Done { donation, events } => {
                announce_all(&self.events, id, &events).await;
                report_failed_refunds(&self.work, &donation).await?;
                Ok(if events.is_empty() { Reconciled::Known } else { Reconciled::Found })
            }
            Applied::Refused(refusal) => Err(Fault::permanent("reconcile a movement", refusal)),
            Applied::Missing => Err(Fault::permanent("reconcile a movement", GONE)),
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

/// Why a donation that was there a moment ago cannot be written.
const GONE: &str = "its donation is not in the store";

/// The payment that a refund's or a dispute's line names.
fn payment_of(movement: &Movement) -> Option<&ProviderReference> {
    match &movement.cause {
        MovementCause::Refund { payment, .. } | MovementCause::Dispute { payment, .. } => payment.as_ref(),
        _ => None,
    }
}

/// Whether the donation knows all that the line tells of its payment.
///
/// A line that is about money taken back is known when the bank has the money, as far as we know, or gave it back after
/// the line was made. Money that came is known unless the bank has it since before.
fn knows_payment(
    donation: &Donation,
    movement: &Movement,
    payment: &ProviderReference,
    is_taken_back: bool,
) -> bool {
    let at = movement.occurred_at;
    let mut disputes = taken_back(donation, payment);
    if is_taken_back {
        return disputes.any(|dispute| {
            dispute.is_lost() || dispute.decided_at.is_some_and(|decided_at| decided_at >= at)
        });
    }
    is_captured(donation, payment) && !disputes.any(|dispute| dispute.is_lost() && dispute.opened_at < at)
}

/// Whether the donation knows of this refund all that the line can tell.
fn knows_refund(donation: &Donation, movement: &Movement, reference: &ProviderReference) -> bool {
    let came_back = matches!(movement.cause, MovementCause::Refund { is_gain: true, .. });
    donation.payment.takings().is_some_and(|takings| {
        takings.refunds().iter().any(|refund| {
            refund.reference() == Some(reference) && !refund.is_owed() && (!came_back || refund.has_failed())
        })
    })
}

/// Whether the donation knows of this dispute all that the line can tell. A decision against the charity moves nothing,
/// so no line tells it: a dispute that is not decided is asked about each time.
fn knows_dispute(donation: &Donation, movement: &Movement, reference: &ProviderReference) -> bool {
    let is_put_back = matches!(movement.cause, MovementCause::Dispute { is_gain: true, .. });
    donation.payment.takings().is_some_and(|takings| {
        takings.disputes().iter().any(|dispute| {
            let moved = if is_put_back { dispute.reinstated } else { dispute.withdrawn };
            dispute.reference == *reference && moved.is_some() && dispute.status.is_decided()
        })
    })
}
