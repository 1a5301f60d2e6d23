//! Which entries a donation calls for: one for each effect that money had.

use crate::donation::Donation;
use crate::ids::ProviderReference;
use crate::money::Money;
use crate::payment::Capture;
use crate::takings::{Dispute, Refund, RefundState, Withdrawal};
use crate::time::Timestamp;

use super::{Account, EntryKind, EntrySubject, JournalEntry, Posting, Side};

impl JournalEntry {
    /// Every entry that the donation's money calls for, whether posted or not. The same state gives the same
    /// entries, and an entry once called for is called for ever after.
    pub fn all_of(donation: &Donation) -> Vec<Self> {
        let Some(takings) = donation.payment.takings() else { return vec![] };
        let books = Books { donation };
        let captures = takings.captures().iter().map(|capture| books.capture(capture));
        let refunds = takings.refunds().iter().flat_map(|refund| books.refund(refund));
        let disputes = takings.disputes().iter().flat_map(|dispute| books.dispute(dispute));
        captures.chain(refunds).chain(disputes).collect()
    }
}

struct Books<'a> {
    donation: &'a Donation,
}

impl Books<'_> {
    fn capture(&self, capture: &Capture) -> JournalEntry {
        let lines = [(self.clearing(capture.amount), Account::Donations, capture.amount)];
        self.entry(EntryKind::Capture, &capture.reference, capture.captured_at, &lines)
    }

    /// A refund that failed moved money there and back, whether or not we saw it leave; one that the provider
    /// never made moved none.
    fn refund(&self, refund: &Refund) -> Vec<JournalEntry> {
        let clearing = self.clearing(refund.amount);
        let there = [(Account::Refunds, clearing, refund.amount)];
        let back = [(clearing, Account::Refunds, refund.amount)];
        match &refund.state {
            RefundState::Succeeded { reference, at } => {
                vec![self.entry(EntryKind::Refund, reference, *at, &there)]
            }
            RefundState::Failed { reference: Some(reference), left_at, at } => vec![
                self.entry(EntryKind::Refund, reference, *left_at, &there),
                self.entry(EntryKind::RefundFailed, reference, *at, &back),
            ],
            RefundState::Requested
            | RefundState::Pending { .. }
            | RefundState::Failed { reference: None, .. } => vec![],
        }
    }

    /// Nothing is booked before the money moved, whatever the provider calls the dispute's state. What a bank took
    /// back was lost as it was taken, and is booked so even where its return is told first: the return comes out of
    /// the loss then, and not out of what is held.
    fn dispute(&self, dispute: &Dispute) -> Vec<JournalEntry> {
        let Some(withdrawn) = dispute.withdrawn else { return vec![] };
        let clearing = self.clearing(withdrawn.amount);
        let held = Account::ClearingDisputed(self.donation.instrument.provider, withdrawn.amount.currency());
        let decided_at = dispute.decided_at.unwrap_or(dispute.opened_at);
        let entry = |kind, at, lines: &[Line]| self.entry(kind, &dispute.reference, at, lines);
        let is_taken_back = dispute.is_taken_back();
        let mut entries = vec![self.entry(
            EntryKind::DisputeOpened,
            &dispute.reference,
            dispute.opened_at,
            &self.with_fee((held, clearing, withdrawn.amount), withdrawn, false),
        )];
        if dispute.is_lost() || is_taken_back {
            let at = if is_taken_back { dispute.opened_at } else { decided_at };
            let lines = [(Account::Chargebacks, held, withdrawn.amount)];
            entries.push(entry(EntryKind::DisputeLost, at, &lines));
        }
        if let Some(reinstated) = dispute.reinstated {
            let from = if is_taken_back { Account::Chargebacks } else { held };
            let lines = self.with_fee((clearing, from, reinstated.amount), reinstated, true);
            entries.push(entry(EntryKind::DisputeWon, decided_at, &lines));
        }
        entries
    }

    fn with_fee(&self, line: Line, moved: Withdrawal, is_given_back: bool) -> Vec<Line> {
        let fees = Account::DisputeFees(self.donation.instrument.provider);
        let fee = moved.fee.map(|fee| {
            let clearing = self.clearing(fee);
            if is_given_back { (clearing, fees, fee) } else { (fees, clearing, fee) }
        });
        std::iter::once(line).chain(fee).collect()
    }

    const fn clearing(&self, amount: Money) -> Account {
        Account::ClearingBalance(self.donation.instrument.provider, amount.currency())
    }

    fn entry(
        &self,
        kind: EntryKind,
        reference: &ProviderReference,
        occurred_at: Timestamp,
        lines: &[Line],
    ) -> JournalEntry {
        let subject = EntrySubject {
            kind,
            donation: Some(self.donation.id.clone()),
            appeal: Some(self.donation.gift.appeal.clone()),
            provider: self.donation.instrument.provider,
            reference: reference.clone(),
            occurred_at,
        };
        JournalEntry::of_lines(subject, lines)
    }
}

/// Debit, credit, amount.
pub(super) type Line = (Account, Account, Money);

impl JournalEntry {
    /// # Panics
    /// Never: each line's two postings are of one amount, and there are at most two lines.
    pub(super) fn of_lines(subject: EntrySubject, lines: &[Line]) -> Self {
        let postings = lines
            .iter()
            .flat_map(|&(debit, credit, amount)| {
                [
                    Posting { account: debit, side: Side::Debit, amount },
                    Posting { account: credit, side: Side::Credit, amount },
                ]
            })
            .collect();
        Self::build(subject, postings).expect("one or two pairs of postings of one amount each balance")
    }
}
