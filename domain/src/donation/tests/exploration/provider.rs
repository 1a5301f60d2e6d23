//! A payment provider that keeps its promises, and no more.

use crate::donation::Donation;
use crate::ids::{ProviderKey, ProviderReference};
use crate::payment::{DeclineReason, NextAction, PaymentOutcome};

use crate::donation::tests::samples::{hours, pence, reference};

/// Hours for which a key is kept.
const KEY_HOURS: u16 = 24;

/// Where a payment stands at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Status {
    ActionRequired,
    Processing,
    Declined,
    Cancelled,
    Captured,
}

/// What a first request with a key leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum First {
    Status(Status),
    /// The money is taken, and what is kept under the key is an error that says nothing.
    CapturedBehindAnError,
    /// The request is wrong; no payment is made, and nothing is kept under the key.
    Rejected,
}

/// A payment at the provider, with what was said of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PaymentThere {
    key: ProviderKey,
    made_at: u16,
    first: First,
    pub(super) status: Status,
    /// Notifications so far, each dealt with or not yet.
    notices: Vec<(Status, bool)>,
}

/// The provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Provider {
    pub(super) payments: Vec<PaymentThere>,
}

impl Provider {
    /// Whether a request with this key would be answered from memory.
    pub(super) fn remembers(&self, key: &ProviderKey, now: u16) -> bool {
        self.payments.iter().any(|payment| payment.key == *key && now < payment.made_at + KEY_HOURS)
    }

    /// Answers a request. One whose key is remembered gets the first answer again, whatever has happened
    /// since.
    pub(super) fn collect(&mut self, key: &ProviderKey, now: u16, first: First) -> PaymentOutcome {
        let known =
            self.payments.iter().position(|payment| payment.key == *key && now < payment.made_at + KEY_HOURS);
        if known.is_none() && first == First::Rejected {
            return rejected();
        }
        let index = known.unwrap_or_else(|| {
            let status = match first {
                First::Status(status) => status,
                First::CapturedBehindAnError | First::Rejected => Status::Captured,
            };
            let notices = vec![(status, false)];
            self.payments.push(PaymentThere { key: key.clone(), made_at: now, first, status, notices });
            self.payments.len() - 1
        });
        match self.payments[index].first {
            First::Status(status) => outcome(index, status),
            First::CapturedBehindAnError => PaymentOutcome::Unknown { reason: "an error that is kept" },
            First::Rejected => rejected(),
        }
    }

    /// Calls a payment off, if that is still possible, and says what became of it.
    pub(super) fn call_off(&mut self, named: &ProviderReference) -> PaymentOutcome {
        let known = (0..self.payments.len()).find(|index| reference_of(*index) == *named);
        let Some(index) = known else { return rejected() };
        if self.payments[index].status == Status::ActionRequired {
            self.resolve(index, Status::Cancelled);
        }
        outcome(index, self.payments[index].status)
    }

    /// Moves a payment on and notifies of it.
    pub(super) fn resolve(&mut self, index: usize, status: Status) {
        let payment = &mut self.payments[index];
        payment.status = status;
        payment.notices.push((status, false));
    }

    /// Where the payment may go from here: a no may still turn, once.
    pub(super) fn ways_on(&self, index: usize) -> &'static [Status] {
        match self.payments[index].status {
            Status::ActionRequired | Status::Processing => &[Status::Captured, Status::Declined],
            Status::Declined => &[Status::Captured],
            Status::Captured | Status::Cancelled => &[],
        }
    }

    /// What became of a payment; of all payments the captured one, when none is named.
    pub(super) fn find(&self, named: Option<&ProviderReference>) -> Option<PaymentOutcome> {
        let is_named = |index: &usize| named.is_none_or(|named| *named == reference_of(*index));
        let mut indexes: Vec<_> = (0..self.payments.len()).filter(is_named).collect();
        indexes.sort_by_key(|index| self.payments[*index].status == Status::Captured);
        indexes.last().map(|index| outcome(*index, self.payments[*index].status))
    }

    /// Every notification that there is, delivered or not: payment and place.
    pub(super) fn notices(&self) -> impl Iterator<Item = (usize, usize)> {
        let payments = self.payments.iter().enumerate();
        payments.flat_map(|(payment, there)| (0..there.notices.len()).map(move |notice| (payment, notice)))
    }

    /// What a notification says.
    pub(super) fn notice(&self, payment: usize, notice: usize) -> PaymentOutcome {
        outcome(payment, self.payments[payment].notices[notice].0)
    }

    /// A notification was dealt with. It may come again all the same.
    pub(super) fn deliver(&mut self, payment: usize, notice: usize) {
        self.payments[payment].notices[notice].1 = true;
    }

    /// Whether no notification is waiting.
    pub(super) fn has_told_all(&self) -> bool {
        self.payments.iter().all(|payment| payment.notices.iter().all(|(_, is_delivered)| *is_delivered))
    }

    /// How often the money was taken.
    pub(super) fn captures(&self) -> usize {
        self.payments.iter().filter(|payment| payment.status == Status::Captured).count()
    }

    /// Whether the payment of this reference was captured.
    pub(super) fn has_captured(&self, named: &ProviderReference) -> bool {
        matches!(self.find(Some(named)), Some(PaymentOutcome::Captured { .. }))
    }

    /// Whether each key that was ever used is the key of an attempt of this donation.
    pub(super) fn keys_are_of_attempts(&self, donation: &Donation) -> bool {
        let count = donation.payment.attempt().map_or(0, |attempt| attempt.number);
        let keys: Vec<_> = (1..=count).map(|number| ProviderKey::of_attempt(&donation.id, number)).collect();
        self.payments.iter().all(|payment| keys.contains(&payment.key))
    }
}

fn reference_of(index: usize) -> ProviderReference {
    reference(["pi_1", "pi_2", "pi_3", "pi_4", "pi_5", "pi_6"][index])
}

fn outcome(index: usize, status: Status) -> PaymentOutcome {
    let reference = reference_of(index);
    match status {
        Status::ActionRequired => {
            let action = NextAction::Redirect { url: "https://bank.example/confirm".to_owned() };
            PaymentOutcome::ActionRequired { reference, action }
        }
        Status::Processing => PaymentOutcome::Processing { reference },
        Status::Declined => {
            PaymentOutcome::Declined { reference: Some(reference), reason: DeclineReason::Refused }
        }
        Status::Cancelled => PaymentOutcome::Cancelled { reference },
        Status::Captured => {
            PaymentOutcome::Captured { reference, amount: pence(2_500), created_at: hours(0) }
        }
    }
}

fn rejected() -> PaymentOutcome {
    PaymentOutcome::Rejected { code: "parameter_unknown".to_owned() }
}
