//! A donation from acceptance to settlement: `decide` says what follows from a command, `evolve` applies it.
//!
//! Both are pure. Whoever stores the result does so on the condition that the version read is still the
//! stored one, and decides again when it is not.

mod command;
mod event;

mod decide;
mod decide_money;
mod decide_receipt;
mod evolve;
mod next_step;

use crate::donor::{Donor, GiftAidDeclaration};
use crate::gift::{Gift, Instrument, ReturnAddress};
use crate::ids::{DonationId, EntryId};
use crate::journal::JournalEntry;
use crate::payment::Payment;
use crate::receipt::Receipt;
use crate::screening::Source;
use crate::takings::{Refund, Takings};
use crate::time::{Span, Timestamp};

pub use command::{Command, RefundRequest, Resolution, Resolved};
pub use event::Event;
pub use next_step::{PaymentStep, RefundStep};

/// Digest of the request that made the donation. The same key with another digest is a different request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

/// The donor's gift and all that has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Donation {
    /// Id, derived from charity and idempotency key.
    pub id: DonationId,
    /// Digest of the request.
    pub fingerprint: Fingerprint,
    /// What is given.
    pub gift: Gift,
    /// Who gives.
    pub donor: Donor,
    /// The Gift Aid declaration, where the donor made one.
    pub gift_aid: Option<GiftAidDeclaration>,
    /// Provider and token.
    pub instrument: Instrument,
    /// Where it came from, as far as that is known.
    pub source: Option<Source>,
    /// Whether the bank is asked to have the donor confirm the payment (3-D Secure).
    pub step_up: bool,
    /// Where the bank sends the donor back to, from the first attempt on.
    pub return_address: Option<ReturnAddress>,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Where the payment stands.
    pub payment: Payment,
    /// The journal entries that are posted, in the order of posting.
    pub entries: Vec<EntryId>,
    /// Where the receipt stands.
    pub receipt: Receipt,
    /// What people decided, in order.
    pub resolutions: Vec<Resolved>,
    /// When the completer looks next; `None` exactly when nothing is owed.
    pub next_check: Option<Check>,
}

/// The completer's next look at a donation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// When.
    pub at: Timestamp,
    /// How many looks there have been.
    pub done: u32,
}

/// What a donation still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are owed, each by itself")]
pub struct Owed {
    /// An end of the payment.
    pub payment: bool,
    /// An end of some refund.
    pub refunds: bool,
    /// A journal entry for some effect.
    pub entries: bool,
    /// The receipt, or the finding that nobody knows whether it went out.
    pub receipt: bool,
}

/// How long after a donation is opened again the completer first looks at it.
pub const REOPENED_CHECK_AFTER: Span = Span::seconds(60);

/// Why the domain says no. Repeating the command will not help, save for [`Refusal::ReversalBeforeCapture`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The payment has ended or its last attempt may still take money, so no new attempt may start.
    #[error("no new attempt may start from this state")]
    AttemptNotAllowed,
    /// An outcome arrived for a donation of which no attempt was ever stored.
    #[error("there is no attempt that this outcome could belong to")]
    NoAttempt,
    /// More captures, refunds or disputes than any donation can have: something is badly wrong.
    #[error("more captures, refunds or disputes than a donation can have")]
    TooMany,
    /// A refund or dispute of a capture of which nothing is known. Its news may still be on its way, in every
    /// state, for a late capture overrides a no: the same news is told again later, and when the capture
    /// never comes a person must look.
    #[error("a refund or dispute ahead of the news of its capture")]
    ReversalBeforeCapture,
    /// There is no such capture to give back.
    #[error("no money was taken under that reference, so none can be given back")]
    NothingToRefund,
    /// More than is left of the capture, or another currency.
    #[error("a refund of more than is left, or in another currency")]
    RefundTooLarge,
    /// The donor's bank holds the money, or has given it back already.
    #[error("the money is disputed, so it cannot be refunded")]
    MoneyDisputed,
    /// The same key with another request.
    #[error("a refund with this key was asked for before, with another amount, payment or reason")]
    RefundKeyReused,
    /// There is no such refund, or it is not to be made.
    #[error("there is no such refund to be made")]
    NoSuchRefund,
    /// Two pieces of news that cannot both be true.
    #[error("news that contradicts what is known")]
    Contradiction,
    /// The state does not call for this decision.
    #[error("the payment's state does not call for this decision")]
    NothingToResolve,
    /// An entry for an effect that has not happened.
    #[error("an entry that fits no effect of this donation")]
    EntryWithoutEffect,
    /// The receipt is not owed, or is somebody else's to send.
    #[error("the receipt is not this sender's to send")]
    ReceiptNotClaimable,
}

impl Donation {
    /// A donation as it is when it has just been accepted.
    pub fn accept(accepted: Accepted, first_check_after: Span) -> Self {
        Self {
            next_check: Some(Check { at: accepted.at.plus(first_check_after), done: 0 }),
            id: accepted.id,
            fingerprint: accepted.fingerprint,
            gift: accepted.gift,
            donor: accepted.donor,
            gift_aid: accepted.gift_aid,
            instrument: accepted.instrument,
            source: accepted.source,
            step_up: false,
            return_address: None,
            accepted_at: accepted.at,
            payment: Payment::Accepted,
            entries: vec![],
            receipt: Receipt::NotSent,
            resolutions: vec![],
        }
    }

    /// The donation whose bank is to have the donor confirm. That is decided before the first attempt or
    /// never: later the provider would see another request under the key of an earlier one.
    #[must_use]
    pub fn stepped_up(self) -> Self {
        let step_up = self.step_up || matches!(self.payment, Payment::Accepted);
        Self { step_up, ..self }
    }

    /// The donation whose donor the bank sends back to this address. That too is decided once: the keys that
    /// seal addresses change, and the provider must not see another request under the key of an earlier one.
    #[must_use]
    pub fn returning_to(self, address: ReturnAddress) -> Self {
        let return_address = self.return_address.or(Some(address));
        Self { return_address, ..self }
    }

    /// What is still lacking.
    pub fn owed(&self) -> Owed {
        Owed {
            payment: self.payment.is_open(),
            refunds: self.refunds_owed().next().is_some(),
            entries: self.entries_owed().next().is_some(),
            receipt: self.is_receipt_owed(),
        }
    }

    /// Whether nothing is lacking. The entries are asked for last, for each takes several digests.
    pub fn is_settled(&self) -> bool {
        !self.payment.is_open()
            && !self.is_receipt_owed()
            && self.refunds_owed().next().is_none()
            && self.entries_owed().next().is_none()
    }

    const fn is_receipt_owed(&self) -> bool {
        matches!(self.payment, Payment::Captured { .. })
            && matches!(self.receipt, Receipt::NotSent | Receipt::Sending { .. })
    }

    /// The refunds about which the provider still has to be asked.
    pub fn refunds_owed(&self) -> impl Iterator<Item = &Refund> {
        self.payment.takings().into_iter().flat_map(Takings::refunds_owed)
    }

    /// The journal entries that the state calls for and that are not posted.
    pub fn entries_owed(&self) -> impl Iterator<Item = JournalEntry> {
        JournalEntry::all_of(self).into_iter().filter(|entry| !self.entries.contains(entry.id()))
    }
}

impl Owed {
    /// Whether nothing is lacking.
    pub const fn is_nothing(self) -> bool {
        !(self.payment || self.refunds || self.entries || self.receipt)
    }
}

/// What is known of a donation at the moment of acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Id, derived from charity and idempotency key.
    pub id: DonationId,
    /// Digest of the request.
    pub fingerprint: Fingerprint,
    /// What is given.
    pub gift: Gift,
    /// Who gives.
    pub donor: Donor,
    /// The Gift Aid declaration, where the donor made one.
    pub gift_aid: Option<GiftAidDeclaration>,
    /// Provider and token.
    pub instrument: Instrument,
    /// Where it came from, as far as that is known.
    pub source: Option<Source>,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
pub(crate) mod tests;
