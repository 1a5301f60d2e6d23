//! The money taken, inside a donation's item: captures, refunds and disputes as lists of flat records.

use domain::currency::Currency;
use domain::ids::{Operator, ProviderReference, RefundId};
use domain::money::Money;
use domain::payment::Capture;
use domain::takings::{Dispute, DisputeStatus, Refund, RefundReason, RefundState, Takings, Withdrawal};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::payment::AttemptItem;
use super::{MalformedItem, read};

/// Money taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureItem {
    /// The provider's id of the payment.
    pub reference: String,
    /// Minor units.
    pub minor: u64,
    /// ISO 4217 code.
    pub currency: String,
    /// When the provider made the payment.
    pub created_at: u64,
    /// When the capture became known.
    pub captured_at: u64,
}

/// Money on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundItem {
    /// Our id.
    pub id: String,
    /// The provider's id of the payment.
    pub payment: String,
    /// Minor units.
    pub minor: u64,
    /// ISO 4217 code.
    pub currency: String,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: u64,
    /// The latest attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptItem>,
    /// Where it stands.
    pub state: String,
    /// The provider's id of the refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// When the money left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<u64>,
    /// When it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<u64>,
}

/// A donor's bank takes the money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeItem {
    /// The provider's id of the dispute.
    pub reference: String,
    /// The provider's id of the payment.
    pub payment: String,
    /// Where it stands.
    pub status: String,
    /// What was taken from the balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<WithdrawalItem>,
    /// What was put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reinstated: Option<WithdrawalItem>,
    /// When we first heard of it.
    pub opened_at: u64,
    /// When we learnt how it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<u64>,
}

/// Money that left the balance for a dispute, or came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawalItem {
    /// Minor units of the disputed money.
    pub minor: u64,
    /// Minor units of the provider's fee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_minor: Option<u64>,
    /// ISO 4217 code.
    pub currency: String,
}

/// The three lists, of which the first has at least one record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakingsItem {
    /// Captures, the kept one first.
    pub captures: Vec<CaptureItem>,
    /// Refunds, in the order of their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<RefundItem>,
    /// Disputes, in the order of their references.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<DisputeItem>,
}

impl From<&Takings> for TakingsItem {
    fn from(takings: &Takings) -> Self {
        Self {
            captures: takings.captures().iter().map(CaptureItem::from).collect(),
            refunds: takings.refunds().iter().map(RefundItem::from).collect(),
            disputes: takings.disputes().iter().map(DisputeItem::from).collect(),
        }
    }
}

impl TakingsItem {
    /// The takings of a donation of `wanted`.
    pub(super) fn read(&self, wanted: Money) -> Result<Takings, MalformedItem> {
        let captures = self.captures.iter().map(CaptureItem::read).collect::<Result<Vec<_>, _>>()?;
        let mut captures = captures.into_iter();
        let first = captures.next().ok_or_else(|| MalformedItem::missing("payment.takings.captures"))?;
        let takings = captures.fold(Takings::of(wanted, first), Takings::with_capture);
        let refunds = self.refunds.iter().map(RefundItem::read).collect::<Result<Vec<_>, _>>()?;
        let takings = refunds.into_iter().fold(takings, Takings::with_refund);
        let disputes = self.disputes.iter().map(DisputeItem::read).collect::<Result<Vec<_>, _>>()?;
        Ok(disputes.into_iter().fold(takings, Takings::with_dispute))
    }
}

impl From<&Capture> for CaptureItem {
    fn from(capture: &Capture) -> Self {
        Self {
            reference: capture.reference.to_string(),
            minor: capture.amount.minor(),
            currency: capture.amount.currency().code().to_owned(),
            created_at: capture.created_at.as_millis(),
            captured_at: capture.captured_at.as_millis(),
        }
    }
}

impl CaptureItem {
    fn read(&self) -> Result<Capture, MalformedItem> {
        Ok(Capture {
            reference: reference(&self.reference)?,
            amount: money(self.minor, &self.currency)?,
            created_at: Timestamp::from_millis(self.created_at),
            captured_at: Timestamp::from_millis(self.captured_at),
        })
    }
}

impl From<&Refund> for RefundItem {
    fn from(refund: &Refund) -> Self {
        let (left_at, failed_at) = match &refund.state {
            RefundState::Requested | RefundState::Pending { .. } => (None, None),
            RefundState::Succeeded { at, .. } => (Some(*at), None),
            RefundState::Failed { left_at, at, .. } => (Some(*left_at), Some(*at)),
        };
        Self {
            id: refund.id.to_string(),
            payment: refund.payment.to_string(),
            minor: refund.amount.minor(),
            currency: refund.amount.currency().code().to_owned(),
            reason: refund.reason.name().to_owned(),
            asked_by: refund.asked_by.to_string(),
            asked_at: refund.asked_at.as_millis(),
            attempt: refund.attempt.as_ref().map(AttemptItem::from),
            state: refund.state.name().to_owned(),
            reference: refund.reference().map(ToString::to_string),
            left_at: left_at.map(Timestamp::as_millis),
            failed_at: failed_at.map(Timestamp::as_millis),
        }
    }
}

impl RefundItem {
    fn read(&self) -> Result<Refund, MalformedItem> {
        Ok(Refund {
            id: read("payment.takings.refunds.id", RefundId::parse(&self.id))?,
            payment: reference(&self.payment)?,
            amount: money(self.minor, &self.currency)?,
            reason: RefundReason::parse(&self.reason)
                .ok_or_else(|| MalformedItem::unknown("payment.takings.refunds.reason"))?,
            asked_by: read("payment.takings.refunds.asked_by", Operator::parse(&self.asked_by))?,
            asked_at: Timestamp::from_millis(self.asked_at),
            attempt: self.attempt.as_ref().map(AttemptItem::read).transpose()?,
            state: self.read_state()?,
        })
    }

    fn read_state(&self) -> Result<RefundState, MalformedItem> {
        let known = || {
            let id = self.reference.as_deref();
            reference(id.ok_or_else(|| MalformedItem::missing("payment.takings.refunds.reference"))?)
        };
        let time = |attribute, at: Option<u64>| {
            at.map(Timestamp::from_millis).ok_or_else(|| MalformedItem::missing(attribute))
        };
        let left_at = || time("payment.takings.refunds.left_at", self.left_at);
        Ok(match self.state.as_str() {
            "requested" => RefundState::Requested,
            "pending" => RefundState::Pending { reference: known()? },
            "succeeded" => RefundState::Succeeded { reference: known()?, at: left_at()? },
            "failed" => RefundState::Failed {
                reference: self.reference.as_deref().map(reference).transpose()?,
                left_at: left_at()?,
                at: time("payment.takings.refunds.failed_at", self.failed_at)?,
            },
            _ => return Err(MalformedItem::unknown("payment.takings.refunds.state")),
        })
    }
}

impl From<&Dispute> for DisputeItem {
    fn from(dispute: &Dispute) -> Self {
        Self {
            reference: dispute.reference.to_string(),
            payment: dispute.payment.to_string(),
            status: dispute.status.name().to_owned(),
            withdrawn: dispute.withdrawn.as_ref().map(WithdrawalItem::from),
            reinstated: dispute.reinstated.as_ref().map(WithdrawalItem::from),
            opened_at: dispute.opened_at.as_millis(),
            decided_at: dispute.decided_at.map(Timestamp::as_millis),
        }
    }
}

impl DisputeItem {
    fn read(&self) -> Result<Dispute, MalformedItem> {
        let moved = |item: &Option<WithdrawalItem>| item.as_ref().map(WithdrawalItem::read).transpose();
        Ok(Dispute {
            reference: reference(&self.reference)?,
            payment: reference(&self.payment)?,
            status: DisputeStatus::parse(&self.status)
                .ok_or_else(|| MalformedItem::unknown("payment.takings.disputes.status"))?,
            withdrawn: moved(&self.withdrawn)?,
            reinstated: moved(&self.reinstated)?,
            opened_at: Timestamp::from_millis(self.opened_at),
            decided_at: self.decided_at.map(Timestamp::from_millis),
        })
    }
}

impl From<&Withdrawal> for WithdrawalItem {
    fn from(moved: &Withdrawal) -> Self {
        Self {
            minor: moved.amount.minor(),
            fee_minor: moved.fee.map(Money::minor),
            currency: moved.amount.currency().code().to_owned(),
        }
    }
}

impl WithdrawalItem {
    fn read(&self) -> Result<Withdrawal, MalformedItem> {
        Ok(Withdrawal {
            amount: money(self.minor, &self.currency)?,
            fee: self.fee_minor.map(|minor| money(minor, &self.currency)).transpose()?,
        })
    }
}

fn reference(text: &str) -> Result<ProviderReference, MalformedItem> {
    read("payment.takings.reference", ProviderReference::parse(text))
}

fn money(minor: u64, currency: &str) -> Result<Money, MalformedItem> {
    let currency = read("payment.takings.currency", Currency::from_code(currency))?;
    read("payment.takings.minor", Money::from_minor(minor, currency))
}
