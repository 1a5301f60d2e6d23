//! A provider that refunds whatever it is asked to, keeps a key for a day, and tells of all that happens in
//! any order.

use crate::donation::Command;
use crate::donation::tests::samples::{captures, hours, pence, reference};
use crate::donation::tests::samples_money::{Moved, disputes};
use crate::ids::{ProviderKey, RefundId};
use crate::takings::{DisputeStatus, RefundNews, RefundStatus};

/// Hours for which a key is kept.
const KEY_HOURS: u16 = 24;
/// What was taken with each payment, in pence.
pub(super) const TAKEN: u64 = 2_500;
/// The payments, of which the first is the one that the donor meant.
const PAYMENTS: [&str; 2] = ["pi_ours", "pi_other"];

/// A refund at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct RefundThere {
    pub(super) key: ProviderKey,
    id: RefundId,
    made_at: u16,
    payment: usize,
    amount: u64,
    pub(super) status: RefundStatus,
}

/// A dispute at the provider: how far it has come along its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DisputeThere {
    pub(super) payment: usize,
    is_won: bool,
    pub(super) stage: usize,
}

const WON: [(DisputeStatus, Moved); 4] = [
    (DisputeStatus::Open, Moved::Nothing),
    (DisputeStatus::Open, Moved::Withdrawn),
    (DisputeStatus::Won, Moved::Withdrawn),
    (DisputeStatus::Won, Moved::Reinstated),
];
const LOST: [(DisputeStatus, Moved); 3] = [
    (DisputeStatus::Open, Moved::Nothing),
    (DisputeStatus::Open, Moved::Withdrawn),
    (DisputeStatus::Lost, Moved::Withdrawn),
];

impl DisputeThere {
    const fn way(self) -> &'static [(DisputeStatus, Moved)] {
        if self.is_won { &WON } else { &LOST }
    }

    pub(super) fn is_over(self) -> bool {
        self.stage + 1 == self.way().len()
    }
}

/// Something that the provider tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Notice {
    Capture(usize),
    Refund(usize, RefundStatus),
    Dispute(usize),
}

/// The provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Bank {
    payments: usize,
    pub(super) refunds: Vec<RefundThere>,
    pub(super) dispute: Option<DisputeThere>,
    /// All that was told so far, each with whether it was taken in.
    pub(super) notices: Vec<(Notice, bool)>,
}

impl Bank {
    /// The provider after it took the money this often.
    pub(super) fn after_taking(payments: usize) -> Self {
        let notices = (0..payments).map(|payment| (Notice::Capture(payment), false)).collect();
        Self { payments, refunds: vec![], dispute: None, notices }
    }

    pub(super) const fn payments(&self) -> usize {
        self.payments
    }

    /// Answers a request for a refund: the same one again while the key is kept.
    pub(super) fn refund(
        &mut self,
        wanted: &RefundNews,
        key: &ProviderKey,
        now: u16,
        first: RefundStatus,
    ) -> RefundNews {
        let known =
            self.refunds.iter().position(|refund| refund.key == *key && now < refund.made_at + KEY_HOURS);
        let index = known.unwrap_or_else(|| {
            let payment =
                PAYMENTS.iter().position(|name| reference(name) == wanted.payment).expect("it was taken");
            let id = wanted.id.clone().expect("our requests carry their id");
            let amount = wanted.amount.minor();
            self.refunds.push(RefundThere {
                key: key.clone(),
                id,
                made_at: now,
                payment,
                amount,
                status: first,
            });
            self.tell(Notice::Refund(self.refunds.len() - 1, first));
            self.refunds.len() - 1
        });
        self.news(index, self.refunds[index].status)
    }

    /// The refund of this id, if there is one.
    pub(super) fn find(&self, id: &RefundId) -> Option<RefundNews> {
        let index = self.refunds.iter().rposition(|refund| refund.id == *id)?;
        Some(self.news(index, self.refunds[index].status))
    }

    fn news(&self, index: usize, status: RefundStatus) -> RefundNews {
        let refund = &self.refunds[index];
        RefundNews {
            id: Some(refund.id.clone()),
            reference: reference(["re_1", "re_2", "re_3", "re_4"][index]),
            payment: reference(PAYMENTS[refund.payment]),
            amount: pence(refund.amount),
            status,
        }
    }

    /// Moves a refund on.
    pub(super) fn move_refund(&mut self, index: usize, status: RefundStatus) {
        self.refunds[index].status = status;
        self.tell(Notice::Refund(index, status));
    }

    /// The donor's bank disputes a payment.
    pub(super) fn open(&mut self, payment: usize, is_won: bool) {
        self.dispute = Some(DisputeThere { payment, is_won, stage: 0 });
        self.tell(Notice::Dispute(0));
    }

    /// The dispute goes on.
    pub(super) fn advance(&mut self) {
        if let Some(dispute) = &mut self.dispute {
            dispute.stage += 1;
            let stage = dispute.stage;
            self.tell(Notice::Dispute(stage));
        }
    }

    fn tell(&mut self, notice: Notice) {
        self.notices.push((notice, false));
        self.notices.sort();
    }

    /// What a notice says.
    pub(super) fn says(&self, notice: Notice) -> Command {
        let at = hours(0);
        match notice {
            Notice::Capture(payment) => {
                captures(PAYMENTS[payment], TAKEN, u64::try_from(payment).expect("one of two"), at)
            }
            Notice::Refund(index, status) => Command::RecordRefund { news: self.news(index, status), at },
            Notice::Dispute(stage) => {
                let dispute = self.dispute.expect("it is told of");
                let (status, moved) = dispute.way()[stage];
                disputes("dp_1", PAYMENTS[dispute.payment], status, moved)
            }
        }
    }

    /// Pence of this payment that went back, or are on their way.
    pub(super) fn refunded(&self, payment: usize) -> u64 {
        let of = self.refunds.iter().filter(|refund| refund.payment == payment);
        of.filter(|refund| refund.status != RefundStatus::Failed).map(|refund| refund.amount).sum()
    }

    /// The charity's balance in pence: taken, less what left and did not come back.
    pub(super) fn balance(&self) -> i64 {
        let taken = i64::try_from(self.payments).expect("few") * TAKEN.cast_signed();
        let left = self.refunds.iter().filter(|refund| refund.status == RefundStatus::Succeeded);
        let disputed = self.dispute.map_or(0, |dispute| match dispute.way()[dispute.stage].1 {
            Moved::Nothing => 0,
            Moved::Withdrawn => 4_000,
            Moved::Reinstated => 1_500,
        });
        taken - left.map(|refund| refund.amount.cast_signed()).sum::<i64>() - disputed
    }

    /// Whether all that was told was taken in.
    pub(super) fn has_told_all(&self) -> bool {
        self.notices.iter().all(|(_, is_heard)| *is_heard)
    }
}
