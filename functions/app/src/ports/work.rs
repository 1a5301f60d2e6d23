use contracts::stored::WorkItem;
use domain::ids::{Note, Operator};
use domain::time::Timestamp;

use super::Fault;

/// The list of things that a person of finance or operations has to look at.
pub trait WorkList {
    /// Opens an item, once for its id: reporting the same thing again changes nothing. True when it is new.
    fn open(&self, item: &WorkItem) -> impl Future<Output = Result<bool, Fault>>;

    /// Open items, oldest first, at most `limit`. Eventually consistent.
    fn open_items(&self, limit: u16) -> impl Future<Output = Result<Vec<WorkItem>, Fault>>;

    /// Closes an item. False when there is none of this id, or it is closed already.
    fn close(
        &self,
        id: &str,
        by: &Operator,
        note: &Note,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, Fault>>;
}
