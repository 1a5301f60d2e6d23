use domain::donation::Donation;
use domain::ids::DonationId;
use domain::time::Timestamp;

use super::Fault;

/// The store of donations. Linearisable per donation: a read sees every write that was answered before it.
pub trait Donations {
    /// Stores a donation that has just been accepted, unless one with its id exists.
    ///
    /// One conditional write and nothing else. After a transient fault the donation may be stored or not; accepting it
    /// again tells.
    fn accept(&self, donation: &Donation) -> impl Future<Output = Result<Acceptance, Fault>>;

    /// The donation with this id, as last written.
    fn load(&self, id: &DonationId) -> impl Future<Output = Result<Option<Stored>, Fault>>;

    /// Replaces the donation if its version is still the one that was loaded.
    ///
    /// After a transient fault it may have been replaced or not; loading it again tells.
    fn save(&self, donation: &Donation, loaded: u64) -> impl Future<Output = Result<Saved, Fault>>;

    /// Ids of donations in this shard that something is owed to and whose next check is not after `now`, earliest
    /// first, at most `limit`. Eventually consistent: it may name settled ones and miss the newest.
    fn owed(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<DonationId>, Fault>>;
}

/// What became of an acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// The donation is durable.
    New,
    /// A donation with this id was durable already; here it is.
    Known(Box<Stored>),
}

/// A donation and the version it was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The donation.
    pub donation: Donation,
    /// Its version.
    pub version: u64,
}

/// What became of a replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It is durable.
    Saved,
    /// Somebody else wrote first; nothing was changed.
    Conflict,
}
