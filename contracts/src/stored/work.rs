//! Something that a person of finance or operations has to look at, kept until somebody has.

use serde::{Deserialize, Serialize};

/// One thing to look at. There is at most one for each kind, provider and reference, so reporting it again changes
/// nothing, not even when it was closed meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkItem {
    /// `kind#provider#reference`.
    pub id: String,
    /// What it is.
    pub kind: WorkKind,
    /// The provider.
    pub provider: String,
    /// The provider's id of what it is about.
    pub reference: String,
    /// Minor units, where money is known to be involved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minor: Option<u64>,
    /// ISO 4217 code, where `minor` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The donation that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub donation_id: Option<String>,
    /// The provider's name for what nobody has taught us; nothing of a donor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When it was found.
    pub opened_at: u64,
    /// `open` until somebody closes it: the partition of the index `open`, which holds nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    /// Who closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<u64>,
    /// What they found, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The value of [`WorkItem::open`] while nobody has closed it.
pub const WORK_OPEN: &str = "open";

/// What there is to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// Money was taken at the provider, and there is no donation for it.
    OrphanPayment,
    /// A movement of the provider's balance that nobody has taught us; it is booked to suspense.
    UnexplainedMovement,
    /// A payout that the bank sent back.
    PayoutFailed,
    /// A refund that did not reach the donor.
    RefundFailed,
}

impl WorkKind {
    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::OrphanPayment, Self::UnexplainedMovement, Self::PayoutFailed, Self::RefundFailed];

    /// The kind's name as it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrphanPayment => "orphan_payment",
            Self::UnexplainedMovement => "unexplained_movement",
            Self::PayoutFailed => "payout_failed",
            Self::RefundFailed => "refund_failed",
        }
    }
}

impl WorkItem {
    /// The id of the one item of this kind about this reference.
    pub fn id_of(kind: WorkKind, provider: &str, reference: &str) -> String {
        format!("{}#{provider}#{reference}", kind.name())
    }
}
