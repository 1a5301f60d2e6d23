//! A provider's own account of its balance, line by line, and the entries that only that account can tell.

use crate::ids::{Appeal, DonationId, Provider, ProviderReference};
use crate::money::Money;
use crate::time::Timestamp;

use super::{Account, EntryKind, EntrySubject, JournalEntry};

/// One movement of a provider's balance, as the provider lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The provider's id of the movement.
    pub reference: ProviderReference,
    /// Why the money moved.
    pub cause: MovementCause,
    /// What the provider kept of it.
    pub fee: Option<Money>,
    /// A fee that the provider gave back with it.
    pub fee_returned: Option<Money>,
    /// The payout that the line is a part of, or is the transfer of, where the provider gives its account by payouts.
    pub settled_with: Option<ProviderReference>,
    /// The donation that it names, where it names one.
    pub donation: Option<DonationId>,
    /// The appeal that it names, where it names one.
    pub appeal: Option<Appeal>,
    /// When the money moved.
    pub occurred_at: Timestamp,
}

/// Why a provider's balance moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MovementCause {
    /// Money was taken for this payment.
    Charge {
        /// The provider's id of the payment.
        payment: ProviderReference,
        /// How much, before fees.
        amount: Money,
    },
    /// A refund, or one that came back: the donation's own entries book it.
    Refund {
        /// The provider's id of the refund.
        refund: ProviderReference,
        /// The provider's id of the payment, where the line names it.
        payment: Option<ProviderReference>,
        /// Whether the balance grew: the refund came back.
        is_gain: bool,
    },
    /// A dispute's withdrawal or its return: the donation's own entries book it.
    Dispute {
        /// The provider's id of the dispute.
        dispute: ProviderReference,
        /// The provider's id of the payment, where the line names it.
        payment: Option<ProviderReference>,
        /// Whether the balance grew: the money was put back.
        is_gain: bool,
    },
    /// A bank took back what had been captured for this payment: the donation's own entries book it.
    TakenBack {
        /// The provider's id of the payment.
        payment: ProviderReference,
        /// How much.
        amount: Money,
    },
    /// A fee that stands by itself.
    Fee,
    /// Money left for the charity's bank.
    Payout {
        /// The provider's id of the payout.
        payout: ProviderReference,
        /// How much.
        amount: Money,
    },
    /// A payout came back.
    PayoutFailed {
        /// The provider's id of the payout.
        payout: ProviderReference,
        /// How much.
        amount: Money,
    },
    /// Something that nobody has taught us.
    Other {
        /// The provider's name for it.
        category: String,
        /// How much.
        amount: Money,
        /// Whether the balance grew.
        is_gain: bool,
    },
}

impl Movement {
    /// The entries that nobody but the provider's list calls for: fees, payouts, and what nobody has
    /// explained.
    pub fn entries(&self, provider: Provider) -> Vec<JournalEntry> {
        let clearing = |amount: Money| Account::ClearingBalance(provider, amount.currency());
        let transit = |amount: Money| Account::ClearingInTransit(provider, amount.currency());
        let suspense = |amount: Money| Account::Suspense(provider, amount.currency());
        let entry = |kind, reference: &ProviderReference, debit, credit, amount: Money| {
            let subject = EntrySubject {
                kind,
                donation: self.donation.clone(),
                appeal: self.appeal.clone(),
                provider,
                reference: reference.clone(),
                occurred_at: self.occurred_at,
            };
            JournalEntry::of_lines(subject, &[(debit, credit, amount)])
        };
        let fees = Account::ProcessingFees(provider);
        let fee = self.fee.map(|fee| entry(EntryKind::Fee, &self.reference, fees, clearing(fee), fee));
        let returned = self
            .fee_returned
            .map(|fee| entry(EntryKind::FeeReturned, &self.reference, clearing(fee), fees, fee));
        let moved = match &self.cause {
            MovementCause::Payout { payout, amount } => {
                Some(entry(EntryKind::Payout, payout, transit(*amount), clearing(*amount), *amount))
            }
            MovementCause::PayoutFailed { payout, amount } => {
                Some(entry(EntryKind::PayoutFailed, payout, clearing(*amount), transit(*amount), *amount))
            }
            MovementCause::Other { amount, is_gain: true, .. } => Some(entry(
                EntryKind::Suspense,
                &self.reference,
                clearing(*amount),
                suspense(*amount),
                *amount,
            )),
            MovementCause::Other { amount, is_gain: false, .. } => Some(entry(
                EntryKind::Suspense,
                &self.reference,
                suspense(*amount),
                clearing(*amount),
                *amount,
            )),
            MovementCause::Charge { .. }
            | MovementCause::Refund { .. }
            | MovementCause::Dispute { .. }
            | MovementCause::TakenBack { .. }
            | MovementCause::Fee => None,
        };
        [fee, returned, moved].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests;
