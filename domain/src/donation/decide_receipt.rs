//! Who may send a receipt, and what is known of its sending.

use crate::ids::{ClaimId, MailId};
use crate::payment::Payment;
use crate::receipt::{CLAIM_LIFE, Receipt};
use crate::time::Timestamp;

use super::{Donation, Event, Refusal};

impl Donation {
    pub(super) fn record_receipt_sent(
        &self,
        claim: &ClaimId,
        mail: MailId,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        match &self.receipt {
            Receipt::Sending { claim: held, .. } | Receipt::Ambiguous { claim: held, .. }
                if held == claim =>
            {
                Ok(vec![Event::ReceiptSent { mail, at }])
            }
            Receipt::Sent { mail: known, .. } if *known == mail => Ok(vec![]),
            Receipt::NotSent | Receipt::Sending { .. } | Receipt::Ambiguous { .. } | Receipt::Sent { .. } => {
                Err(Refusal::ReceiptNotClaimable)
            }
        }
    }

    pub(super) fn release_receipt(&self, claim: &ClaimId) -> Result<Vec<Event>, Refusal> {
        match &self.receipt {
            Receipt::Sending { claim: held, .. } | Receipt::Ambiguous { claim: held, .. }
                if held == claim =>
            {
                Ok(vec![Event::ReceiptReleased])
            }
            Receipt::NotSent => Ok(vec![]),
            Receipt::Sending { .. } | Receipt::Ambiguous { .. } | Receipt::Sent { .. } => {
                Err(Refusal::ReceiptNotClaimable)
            }
        }
    }

    /// A claim that nobody holds is granted. One that is held too long is not handed on: its holder may have
    /// sent the mail, so the receipt becomes ambiguous instead.
    pub(super) fn claim_receipt(&self, claim: ClaimId, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        if !matches!(self.payment, Payment::Captured { .. }) {
            return Err(Refusal::ReceiptNotClaimable);
        }
        match &self.receipt {
            Receipt::NotSent => Ok(vec![Event::ReceiptClaimed { claim, at }]),
            Receipt::Sending { claim: held, claimed_at } if at.since(*claimed_at) >= CLAIM_LIFE => {
                Ok(vec![Event::ReceiptAmbiguous { claim: held.clone(), at }])
            }
            Receipt::Sending { .. } | Receipt::Sent { .. } | Receipt::Ambiguous { .. } => {
                Err(Refusal::ReceiptNotClaimable)
            }
        }
    }
}
