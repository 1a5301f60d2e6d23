//! Show a donation's status to whoever has its address.

use domain::donation::Donation;
use domain::ids::DonationId;

use crate::capability;
use crate::ports::{CapabilityKeys, Donations, Fault};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ShowDonation<D, K> {
    /// Where donations are kept.
    pub donations: D,
    /// What status addresses are sealed with.
    pub keys: K,
}

impl<D: Donations, K: CapabilityKeys> ShowDonation<D, K> {
    /// The donation, if there is one and the capability opens it. A wrong capability looks like a wrong id, so that
    /// nobody can find out which ids exist; the store is not asked at all.
    ///
    /// # Errors
    /// The keys or the donation could not be had.
    pub async fn run(&self, id: &DonationId, capability: &str) -> Result<Option<Donation>, Fault> {
        if !capability::opens(&self.keys, id, capability).await? {
            return Ok(None);
        }
        Ok(self.donations.load(id).await?.map(|stored| stored.donation))
    }
}
