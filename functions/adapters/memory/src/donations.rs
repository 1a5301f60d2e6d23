//! Donations, as they lie in their table and its index.

use app::ports::{Acceptance, Donations, Fault, Saved, Stored};
use contracts::stored::DonationItem;
use domain::donation::Donation;
use domain::ids::DonationId;
use domain::time::Timestamp;

use crate::calls::Operation;
use crate::memory::{Memory, State};

const ACCEPT: &str = "store a donation";
const LOAD: &str = "load a donation";
const SAVE: &str = "save a donation";
const OWED: &str = "read what is owed";

impl Memory {
    /// Every donation's item, by id.
    pub fn donation_items(&self) -> Vec<DonationItem> {
        self.state().donations.values().cloned().collect()
    }

    /// How many writes to donations there were.
    pub fn donation_writes(&self) -> u64 {
        self.state().donation_writes
    }

    /// One donation's item, where there is one of this id.
    pub fn donation_item(&self, id: &DonationId) -> Option<DonationItem> {
        self.state().donations.get(id.as_str()).cloned()
    }

    /// When the index next names a donation as due, where it names any.
    pub fn next_owed_at(&self) -> Option<Timestamp> {
        self.state().owed.iter().map(|(_, at, _)| Timestamp::from_millis(*at)).min()
    }
}

impl State {
    fn put(&mut self, item: DonationItem) {
        if let Some(old) = self.donations.get(&item.id).and_then(index_key) {
            self.owed.remove(&old);
        }
        self.owed.extend(index_key(&item));
        self.donation_writes += 1;
        self.donations.insert(item.id.clone(), item);
    }
}

impl Donations for Memory {
    async fn accept(&self, donation: &Donation) -> Result<Acceptance, Fault> {
        let item = DonationItem::of(donation, 1);
        let put = move |state: &mut State| {
            let found = state.donations.get(&item.id).cloned();
            if found.is_none() {
                state.put(item);
            }
            found
        };
        let call = self.call(Operation::AcceptDonation, donation.id.as_str(), put);
        match call.await.map_err(|struck| struck.fault(ACCEPT))? {
            None => Ok(Acceptance::New),
            Some(found) => Ok(Acceptance::Known(Box::new(stored(ACCEPT, &found)?))),
        }
    }

    async fn load(&self, id: &DonationId) -> Result<Option<Stored>, Fault> {
        let key = id.to_string();
        let get = move |state: &mut State| state.donations.get(&key).cloned();
        let call = self.call(Operation::LoadDonation, id.as_str(), get);
        let found = call.await.map_err(|struck| struck.fault(LOAD))?;
        found.map(|found| stored(LOAD, &found)).transpose()
    }

    async fn save(&self, donation: &Donation, loaded: u64) -> Result<Saved, Fault> {
        let item = DonationItem::of(donation, loaded.saturating_add(1));
        let put = move |state: &mut State| match state.donations.get(&item.id) {
            Some(found) if found.version == loaded => {
                state.put(item);
                Saved::Saved
            }
            Some(found) if *found == item => Saved::Saved,
            Some(_) | None => Saved::Conflict,
        };
        let call = self.call(Operation::SaveDonation, donation.id.as_str(), put);
        call.await.map_err(|struck| struck.fault(SAVE))
    }

    async fn owed(&self, shard: u8, now: Timestamp, limit: u16) -> Result<Vec<DonationId>, Fault> {
        let query = move |state: &mut State| {
            let due = (shard, 0, String::new())..=(shard, now.as_millis(), String::from(char::MAX));
            let ids = state.owed.range(due).take(usize::from(limit)).map(|(_, _, id)| id.clone());
            ids.collect::<Vec<_>>()
        };
        let ids = self.call(Operation::ReadOwed, shard.to_string(), query).await;
        let ids = ids.map_err(|struck| struck.fault(OWED))?;
        ids.iter()
            .map(|id| DonationId::parse(id).map_err(|malformed| Fault::permanent(OWED, malformed)))
            .collect()
    }
}

/// The item's place in the index, where it has one: an item lies in it as long as it has both key attributes.
fn index_key(item: &DonationItem) -> Option<(u8, u64, String)> {
    Some((item.owed_shard?, item.next_check_at?, item.id.clone()))
}

fn stored(doing: &'static str, item: &DonationItem) -> Result<Stored, Fault> {
    let donation = Donation::try_from(item).map_err(|malformed| Fault::permanent(doing, malformed))?;
    Ok(Stored { donation, version: item.version })
}
