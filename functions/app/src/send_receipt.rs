//! Send a donation's receipt: claim it, hand it over once, note the end. A claim without an end becomes ambiguous.

use contracts::telemetry::{Metric, measure};
use domain::donation::{Command, Donation, Event};
use domain::ids::{ClaimId, DonationId};

use crate::capability::StatusAddresses;
use crate::ports::{CapabilityKeys, Clock, Donations, Fault, Ids, MailFault, Mailer, ReceiptWriter};
use crate::stored_donation::{Applied, apply};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct SendReceipt<D, M, W, K, I, C> {
    /// Where donations are kept.
    pub donations: D,
    /// The mail service.
    pub mailer: M,
    /// Who puts the receipt into words.
    pub writer: W,
    /// Where the donor sees the donation's status.
    pub addresses: StatusAddresses<K>,
    /// Names for claims.
    pub ids: I,
    /// The time.
    pub clock: C,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sending {
    /// The mail service accepted the receipt, now.
    Sent,
    /// Nobody knows whether the mail service accepted it. It is not sent again by itself.
    Ambiguous,
    /// There was nothing to send, or somebody else is sending it.
    Nothing,
    /// There is no such donation, though somebody announced one: somebody must look.
    Missing,
}

impl<D, M, W, K, I, C> SendReceipt<D, M, W, K, I, C>
where
    D: Donations,
    M: Mailer,
    W: ReceiptWriter,
    K: CapabilityKeys,
    I: Ids,
    C: Clock,
{
    /// Sends the receipt if it is owed.
    ///
    /// # Errors
    /// The receipt was certainly not sent, or its end could not be stored; running again is safe either way.
    pub async fn run(&self, id: &DonationId) -> Result<Sending, Fault> {
        let claim = ClaimId::parse(&self.ids.fresh())
            .map_err(|malformed| Fault::permanent("name a claim on a receipt", malformed))?;
        let claim_it = || Command::ClaimReceipt { claim: claim.clone(), at: self.clock.now() };
        match apply(&self.donations, id, claim_it).await? {
            Applied::Missing => Ok(Sending::Missing),
            Applied::Refused(_) => Ok(Sending::Nothing),
            Applied::Done { donation, events } => {
                if events.iter().any(|event| matches!(event, Event::ReceiptClaimed { .. })) {
                    self.send(&donation, &claim).await
                } else {
                    Ok(Sending::Ambiguous)
                }
            }
        }
    }

    async fn send(&self, donation: &Donation, claim: &ClaimId) -> Result<Sending, Fault> {
        let written = match self.addresses.address(&donation.id).await {
            Ok(address) => self.writer.write(donation, &address),
            Err(fault) => Err(fault),
        };
        let mail = match written {
            Ok(mail) => mail,
            Err(fault) => return self.release(donation, claim, fault).await,
        };
        match self.mailer.send(&mail).await {
            Ok(mail) => {
                let at = self.clock.now();
                if let Some(takings) = donation.payment.takings() {
                    let lag = at.since(takings.captures()[0].captured_at);
                    measure(Metric::ReceiptLagMillis, lag.as_millis());
                }
                let sent = || Command::RecordReceiptSent { claim: claim.clone(), mail: mail.clone(), at };
                apply(&self.donations, &donation.id, sent).await?;
                Ok(Sending::Sent)
            }
            Err(MailFault::NotSent(fault)) => self.release(donation, claim, fault).await,
            // The claim stays: once it is old enough, the next run finds it and calls the receipt ambiguous.
            Err(MailFault::Unknown(_)) => Ok(Sending::Ambiguous),
        }
    }

    /// Nothing was handed over, so the claim is given back for another run.
    async fn release(&self, donation: &Donation, claim: &ClaimId, fault: Fault) -> Result<Sending, Fault> {
        apply(&self.donations, &donation.id, || Command::ReleaseReceipt { claim: claim.clone() }).await?;
        Err(fault)
    }
}
