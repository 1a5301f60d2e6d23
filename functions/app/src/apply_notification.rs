//! Apply a kept webhook notification to its donation. Order and repetition do not matter: state only moves forward.

use domain::donation::{Command, Refusal};
use domain::ids::{DonationId, NotificationId};

use crate::ports::{Clock, Donations, Effect, Events, Fault, NotificationReader, Notifications};
use crate::stored_donation::{Applied, announce_all, apply};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ApplyNotification<N, R, D, E, C> {
    /// Where notifications are kept.
    pub notifications: N,
    /// Who can read them.
    pub reader: R,
    /// Where donations are kept.
    pub donations: D,
    /// Where a capture is announced.
    pub events: E,
    /// The time.
    pub clock: C,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Application {
    /// What the notification says is stored, or was already, or concerns nothing here.
    Applied,
    /// It tells of a return ahead of the news of the capture: it is to be applied again later.
    TooEarly,
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
    /// The provider speaks of a donation that is not in the store: money without a donation, perhaps.
    #[error("the donation {0} that it names is not in the store")]
    DonationMissing(DonationId),
    /// It does not fit the donation.
    #[error("it does not fit the donation {donation}: {refusal}")]
    Refused {
        /// The donation.
        donation: DonationId,
        /// Why not.
        refusal: Refusal,
    },
}

impl<N, R, D, E, C> ApplyNotification<N, R, D, E, C>
where
    N: Notifications,
    R: NotificationReader,
    D: Donations,
    E: Events,
    C: Clock,
{
    /// Applies the notification with this id.
    ///
    /// # Errors
    /// A store could not be read or written; running again is safe.
    pub async fn run(&self, id: &NotificationId) -> Result<Application, Fault> {
        let Some(notification) = self.notifications.load(id).await? else {
            return Ok(Application::Parked(Parking::NotificationMissing));
        };
        match self.reader.read(&notification.body) {
            Effect::Nothing => Ok(Application::Applied),
            Effect::Unrecognised { what } => Ok(Application::Parked(Parking::Unrecognised(what))),
            Effect::Outcome { donation, outcome } => {
                let at = self.clock.now();
                self.apply(donation, || Command::RecordOutcome { outcome: outcome.clone(), at }).await
            }
            Effect::Returned { donation, reference } => {
                let at = self.clock.now();
                self.apply(donation, || Command::RecordReturn { reference: reference.clone(), at }).await
            }
        }
    }

    async fn apply(&self, donation: DonationId, command: impl Fn() -> Command) -> Result<Application, Fault> {
        match apply(&self.donations, &donation, command).await? {
            Applied::Done { events, .. } => {
                announce_all(&self.events, &donation, &events).await;
                Ok(Application::Applied)
            }
            Applied::Refused(Refusal::ReturnBeforeCapture) => Ok(Application::TooEarly),
            Applied::Refused(refusal) => Ok(Application::Parked(Parking::Refused { donation, refusal })),
            Applied::Missing => Ok(Application::Parked(Parking::DonationMissing(donation))),
        }
    }
}
