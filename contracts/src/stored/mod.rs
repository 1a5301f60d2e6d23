//! Items as they lie in DynamoDB: flat where a condition or an index needs them, small, and versioned by addition.
//!
//! The functions write them, and the operator's tools read them, so their shape is a contract. Moments are epoch
//! milliseconds; amounts are integer minor units.

mod budget;
mod donation;
mod entry;
mod notification;
mod payment;
mod reading;
mod resolution;
mod takings;
mod tally;
mod work;

pub use budget::BudgetItem;
pub use donation::{DonationItem, OWED_SHARDS};
pub use entry::{EntryItem, LEDGER_SHARDS, LineItem, MarkerItem, PostedEntry, day_partition, marker_key};
pub use notification::NotificationItem;
pub use payment::{AttemptItem, PaymentItem, ReceiptItem};
pub use reading::ReadingItem;
pub use resolution::ResolvedItem;
pub use takings::{CaptureItem, DisputeItem, RefundItem, TakingsItem, WithdrawalItem};
pub use tally::{TallyItem, card_key, everybody_key, source_key};
pub use work::{WORK_OPEN, WorkItem, WorkKind};

/// An item that no version of this code wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored {attribute} is not readable: it {rule}")]
pub struct MalformedItem {
    /// The attribute.
    pub attribute: &'static str,
    /// The rule it breaks; never its value.
    pub rule: String,
}

impl MalformedItem {
    fn because(attribute: &'static str) -> impl Fn(String) -> Self {
        move |rule| Self { attribute, rule }
    }

    fn unknown(attribute: &'static str) -> Self {
        Self { attribute, rule: "has a value that is not in the list".to_owned() }
    }

    fn missing(attribute: &'static str) -> Self {
        Self { attribute, rule: "is missing in this state".to_owned() }
    }
}

/// Reads an attribute by a parser whose error says the rule.
fn read<T, E: ToString>(attribute: &'static str, result: Result<T, E>) -> Result<T, MalformedItem> {
    result.map_err(|error| MalformedItem::because(attribute)(error.to_string()))
}
