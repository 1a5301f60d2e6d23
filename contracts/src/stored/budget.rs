//! The budget of calls of a provider's account, as all environments share it.

use domain::budget::{Budget, BudgetId, Slowed};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Seconds that an unused budget is kept. Without one the next call starts afresh, which is what a rested one
/// says.
const KEPT_SECONDS: u64 = 7 * 24 * 60 * 60;

/// The item. It is read and written for every few calls, so it is small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetItem {
    /// `budget#account#kind`.
    pub id: String,
    /// 1 when first written; each write adds 1 and is conditional on the version read.
    pub version: u64,
    /// When the next call is due at an even pace.
    pub free_at: u64,
    /// When the provider last asked for fewer calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slowed_at: Option<u64>,
    /// Calls a second from then on, before they grow back with time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slowed_rate: Option<u64>,
    /// How often the breaker has opened since a call last succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openings: Option<u32>,
    /// Until when nothing is lent, or the next probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_until: Option<u64>,
    /// Epoch seconds after which it may be deleted.
    pub expires_at: u64,
}

impl BudgetItem {
    /// The key of a budget's item.
    pub fn key(id: &BudgetId) -> String {
        format!("budget#{}", id.as_str())
    }

    /// The item for a budget at this version.
    pub fn of(id: &BudgetId, budget: &Budget, version: u64) -> Self {
        Self {
            id: Self::key(id),
            version,
            free_at: budget.free_at.as_millis(),
            slowed_at: budget.slowed.map(|slowed| slowed.at.as_millis()),
            slowed_rate: budget.slowed.map(|slowed| slowed.rate),
            openings: Some(budget.openings).filter(|openings| *openings > 0),
            open_until: budget.open_until.map(Timestamp::as_millis),
            expires_at: budget.latest().as_seconds().saturating_add(KEPT_SECONDS),
        }
    }
}

/// Reads a budget back. Half a slow-down, which nobody writes, is none.
impl From<&BudgetItem> for Budget {
    fn from(item: &BudgetItem) -> Self {
        let slowed = item.slowed_at.zip(item.slowed_rate);
        Self {
            free_at: Timestamp::from_millis(item.free_at),
            slowed: slowed.map(|(at, rate)| Slowed { at: Timestamp::from_millis(at), rate }),
            openings: item.openings.unwrap_or(0),
            open_until: item.open_until.map(Timestamp::from_millis),
        }
    }
}
