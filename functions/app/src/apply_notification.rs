//! Apply a kept webhook notification to its donation. Order and repetition do not matter: state only moves forward.

use contracts::stored::WorkKind;
use contracts::telemetry;
use domain::donation::{Command, Refusal};
use domain::ids::{DonationId, NotificationId, Provider, ProviderReference};
use domain::money::Money;
use domain::payment::PaymentOutcome;
use domain::takings::RefundOutcome;
use domain::time::{Span, Timestamp};

use crate::connectors::Connectors;
use crate::follow_payment::{Followed, Trail, follow_payment};
use crate::ports::{
    About, Clock, Donations, Effect, Events, Fault, NotificationReader, Notifications, PaymentProvider,
    WorkList,
};
use crate::stored_donation::{Applied, announce_all, apply};
use crate::work::{Finding, report, report_failed_refunds};

/// How long a donation that a notification names may stay unseen before its money is called an orphan. The queue brings
/// the notification back until then.
pub const ORPHAN_AFTER: Span = Span::minutes(10);

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ApplyNotification<N, R, D, E, P, W, C> {
    /// Where notifications are kept.
    pub notifications: N,
    /// Who can read them.
    pub reader: R,
    /// Where donations are kept.
    pub donations: D,
    /// Where what moved is announced.
    pub events: E,
    /// Who can be asked what a notification leaves out.
    pub connectors: Connectors<P>,
    /// Where money without a donation is reported.
    pub work: W,
    /// The time.
    pub clock: C,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Application {
    /// What the notification says is stored, or was already, or concerns nothing here.
    Applied,
    /// It is ahead of what it builds on, or nobody could be asked: it is to be applied again later.
    TooEarly,
    /// It speaks of money for which there is no donation; that is on finance's work-list now.
    Orphan,
    /// A person must look.
    Parked(Parking),
}

/// Why a person must look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Parking {
    /// The notification is not in the store, though it was queued.
    #[error("the notification is not in the store")]
    NotificationMissing,
    /// Nobody has taught us what it means.
    #[error("not recognised: {0}")]
    Unrecognised(String),
    /// Its id names no provider that can be spoken to.
    #[error("it names no provider that is configured")]
    ProviderUnknown,
    /// It does not fit the donation.
    #[error("it does not fit the donation {donation}: {refusal}")]
    Refused {
        /// The donation.
        donation: DonationId,
        /// Why not.
        refusal: Refusal,
    },
}

impl<N, R, D, E, P, W, C> ApplyNotification<N, R, D, E, P, W, C>
where
    N: Notifications,
    R: NotificationReader,
    D: Donations,
    E: Events,
    P: PaymentProvider,
    W: WorkList,
    C: Clock,
{
    /// Applies the notification with this id.
    ///
    /// # Errors
    /// A store could not be read or written, or the provider could not be asked; running again is safe.
    pub async fn run(&self, id: &NotificationId) -> Result<Application, Fault> {
        let Some(notification) = self.notifications.load(id).await? else {
            return Ok(Application::Parked(Parking::NotificationMissing));
        };
        let Ok(provider) = Provider::parse(id.provider()) else {
            return Ok(Application::Parked(Parking::ProviderUnknown));
        };
        let age = self.clock.now().since(notification.received_at);
        let case = Case { provider, connector: self.connectors.of(provider)?, is_old: age >= ORPHAN_AFTER };
        self.apply(&case, self.reader.read(provider, &notification.body)).await
    }

    async fn apply(&self, case: &Case<'_, P>, effect: Effect) -> Result<Application, Fault> {
        let at = self.clock.now();
        match effect {
            Effect::Nothing => Ok(Application::Applied),
            Effect::Unrecognised { what } => Ok(Application::Parked(Parking::Unrecognised(what))),
            Effect::Outcome { about, outcome } => {
                let money = money_of(&outcome);
                self.command(case, about, money, || Command::RecordOutcome { outcome: outcome.clone(), at })
                    .await
            }
            Effect::PaymentMoved { payment } => self.follow(case, &payment, false).await,
            Effect::TakenBack { payment } => self.follow(case, &payment, true).await,
            Effect::Refund { about, news } => {
                let money = Some((news.reference.clone(), news.amount));
                self.command(case, about, money, || Command::RecordRefund { news: news.clone(), at }).await
            }
            Effect::RefundMoved { refund } => {
                let news = match case.connector.look_up_refund(&refund).await.said {
                    RefundOutcome::Known(news) => news,
                    RefundOutcome::Rejected { code } => {
                        return Ok(Application::Parked(Parking::Unrecognised(code)));
                    }
                    RefundOutcome::NotExecuted { reason } | RefundOutcome::Unknown { reason } => {
                        return Err(Fault::transient("look a refund up", reason));
                    }
                };
                let money = Some((news.reference.clone(), news.amount));
                let about = About::Payment(news.payment.clone());
                self.command(case, about, money, || Command::RecordRefund { news: news.clone(), at }).await
            }
            Effect::Dispute { about, news } => {
                let money = news.withdrawn.map(|withdrawn| (news.reference.clone(), withdrawn.amount));
                self.command(case, about, money, || Command::RecordDispute { news: news.clone(), at }).await
            }
            Effect::Orphan { payment, amount } => {
                self.report(case, WorkKind::OrphanPayment, &payment, amount, None, at).await?;
                Ok(Application::Orphan)
            }
            Effect::PayoutFailed { payout, amount } => {
                self.report(case, WorkKind::PayoutFailed, &payout, amount, None, at).await?;
                Ok(Application::Applied)
            }
        }
    }

    /// Records what the provider says of the payment now, and its donation does not know.
    async fn follow(
        &self,
        case: &Case<'_, P>,
        payment: &ProviderReference,
        by_bank: bool,
    ) -> Result<Application, Fault> {
        let named = case.connector.donation_of(payment).await.said?;
        if let Some(donation) = &named {
            telemetry::about(donation);
            let trail = Trail { donation, payment, by_bank, at: self.clock.now() };
            match follow_payment(&self.donations, case.connector, trail).await? {
                Followed::Done { events, is_captured, is_taken_back } => {
                    announce_all(&self.events, donation, &events).await;
                    if by_bank && is_captured && !is_taken_back {
                        let reason = "a bank moved it, and that does not show yet";
                        return Err(Fault::transient("look a payment up", reason));
                    }
                    return Ok(Application::Applied);
                }
                Followed::Refused(refusal) => {
                    let donation = donation.clone();
                    return Ok(Application::Parked(Parking::Refused { donation, refusal }));
                }
                Followed::Missing => {}
            }
        }
        let outcome = case.connector.look_up(payment).await.said;
        if let PaymentOutcome::Unknown { reason } | PaymentOutcome::NotExecuted { reason } = outcome {
            return Err(Fault::transient("look a payment up", reason));
        }
        self.orphan(case, named.as_ref(), money_of(&outcome)).await
    }

    /// Applies a command to the donation that a notification is about. `money` is what an orphan would be reported
    /// with.
    async fn command(
        &self,
        case: &Case<'_, P>,
        about: About,
        money: Option<(ProviderReference, Money)>,
        command: impl Fn() -> Command,
    ) -> Result<Application, Fault> {
        let donation = match about {
            About::Donation(donation) => Some(donation),
            About::Payment(payment) => case.connector.donation_of(&payment).await.said?,
        };
        let Some(donation) = donation else { return self.orphan(case, None, money).await };
        telemetry::about(&donation);
        match apply(&self.donations, &donation, command).await? {
            Applied::Done { donation, events } => {
                announce_all(&self.events, &donation.id, &events).await;
                report_failed_refunds(&self.work, &donation).await?;
                Ok(Application::Applied)
            }
            Applied::Refused(Refusal::ReversalBeforeCapture) => Ok(Application::TooEarly),
            Applied::Refused(refusal) => Ok(Application::Parked(Parking::Refused { donation, refusal })),
            Applied::Missing => self.orphan(case, Some(&donation), money).await,
        }
    }

    /// A donation that is not there may still come; money whose donation never came is for a person.
    async fn orphan(
        &self,
        case: &Case<'_, P>,
        donation: Option<&DonationId>,
        money: Option<(ProviderReference, Money)>,
    ) -> Result<Application, Fault> {
        if donation.is_some() && !case.is_old {
            return Ok(Application::TooEarly);
        }
        let Some((reference, amount)) = money else { return Ok(Application::Applied) };
        let at = self.clock.now();
        self.report(case, WorkKind::OrphanPayment, &reference, amount, donation, at).await?;
        Ok(Application::Orphan)
    }

    async fn report(
        &self,
        case: &Case<'_, P>,
        kind: WorkKind,
        reference: &ProviderReference,
        amount: Money,
        donation: Option<&DonationId>,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let (provider, amount) = (case.provider, Some(amount));
        report(&self.work, Finding { kind, provider, reference, amount, donation, detail: None }, at).await
    }
}

/// One notification's circumstances.
struct Case<'a, P> {
    provider: Provider,
    connector: &'a P,
    is_old: bool,
}

fn money_of(outcome: &PaymentOutcome) -> Option<(ProviderReference, Money)> {
    match outcome {
        PaymentOutcome::Captured { reference, amount, .. } => Some((reference.clone(), *amount)),
        _ => None,
    }
}
