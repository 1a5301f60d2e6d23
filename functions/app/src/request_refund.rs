//! Ask for money to go back to the donor, whole or in part. The asking is stored; the provider is asked afterwards.

use domain::donation::{Command, RefundRequest, Refusal};
use domain::ids::{DonationId, RefundId};
use domain::takings::Refund;

use crate::ports::{Clock, DonationEventKind, Donations, Events, Fault};
use crate::stored_donation::{Applied, announce, apply};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct RequestRefund<D, E, C> {
    /// Where donations are kept.
    pub donations: D,
    /// Where the request is announced.
    pub events: E,
    /// The time.
    pub clock: C,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// The refund is stored, now or by an earlier request with the same key.
    Stored(Box<Refund>),
    /// The donation does not allow it; nothing was changed.
    Refused(Refusal),
    /// There is no such donation.
    Missing,
}

impl<D: Donations, E: Events, C: Clock> RequestRefund<D, E, C> {
    /// Stores the request and announces it.
    ///
    /// # Errors
    /// Nothing is known to be stored. The same request with the same key may be sent again.
    pub async fn run(&self, id: &DonationId, request: RefundRequest) -> Result<Requested, Fault> {
        let refund = request.id.clone();
        let command = || Command::RequestRefund { request: request.clone(), at: self.clock.now() };
        match apply(&self.donations, id, command).await? {
            Applied::Done { donation, .. } => {
                announce(&self.events, DonationEventKind::RefundRequested, id).await;
                let stored = donation.payment.takings().and_then(|takings| takings.refund(&refund));
                let refund = stored.cloned().ok_or_else(|| missing(&refund))?;
                Ok(Requested::Stored(Box::new(refund)))
            }
            Applied::Refused(refusal) => Ok(Requested::Refused(refusal)),
            Applied::Missing => Ok(Requested::Missing),
        }
    }
}

fn missing(refund: &RefundId) -> Fault {
    Fault::permanent("request a refund", format!("{refund} was stored and is not there"))
}
