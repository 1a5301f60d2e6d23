use contracts::stored::PostedEntry;
use domain::ids::EntryId;

use super::Fault;

/// The ledger's journal: append only.
pub trait Journal {
    /// Posts an entry once, whatever day a repetition arrives on.
    ///
    /// After a transient fault it may be posted or not; posting it again tells.
    fn post(&self, entry: &PostedEntry) -> impl Future<Output = Result<Posted, Fault>>;

    /// Whether an entry of this id was posted. Eventually consistent: it may miss the newest.
    fn knows(&self, entry: &EntryId) -> impl Future<Output = Result<bool, Fault>>;

    /// All entries posted to a business date (`YYYY-MM-DD`), each whole, in no promised order, read consistently.
    fn entries_on(&self, business_date: &str) -> impl Future<Output = Result<Vec<PostedEntry>, Fault>>;
}

/// What became of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// The entry is in the journal now.
    New,
    /// It was there already, the same in content.
    Known,
    /// There is an entry of this id with other content. Nothing was changed; somebody must look.
    Conflict,
}
