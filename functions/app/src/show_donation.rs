//! Show a donation's status to whoever has its address.

use domain::donation::Donation;
use domain::ids::DonationId;

use crate::capability::StatusAddresses;
use crate::ports::{CapabilityKeys, Donations, Fault};

/// The use case and the ports it needs.
#[derive(Debug)]
pub struct ShowDonation<D, K> {
    /// Where donations are kept.
    pub donations: D,
    /// Where donors see the status of their donation.
    pub addresses: StatusAddresses<K>,
}

/// A donation and where it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The donation.
    pub donation: Donation,
    /// Its status address, sealed with the newest key.
    pub address: String,
}

impl<D: Donations, K: CapabilityKeys> ShowDonation<D, K> {
    /// The donation, if there is one and the capability opens it. A wrong capability looks like a wrong id, so that
    /// nobody can find out which ids exist; the store is not asked at all.
    ///
    /// # Errors
    /// The keys or the donation could not be had.
    pub async fn run(&self, id: &DonationId, capability: &str) -> Result<Option<Shown>, Fault> {
        if !self.addresses.opens(id, capability).await? {
            return Ok(None);
        }
        let Some(stored) = self.donations.load(id).await? else { return Ok(None) };
        Ok(Some(Shown { donation: stored.donation, address: self.addresses.address(id).await? }))
    }
}
