//! The journal: entries under their day, and markers that make them unique.

use app::ports::{Fault, Journal, Posted};
use contracts::stored::{EntryItem, LEDGER_SHARDS, MarkerItem, PostedEntry, day_partition, marker_key};
use domain::ids::EntryId;

use crate::calls::Operation;
use crate::memory::{Memory, State};

const POST: &str = "post an entry";
const READ: &str = "read the entries of a day";

/// The marker is the condition of both puts; an entry without one was not put by this journal.
#[derive(Debug, thiserror::Error)]
#[error("the entry is there without its marker")]
struct MarkerMissing;

impl Memory {
    /// Every entry's item, by day, shard, moment and id.
    pub fn entry_items(&self) -> Vec<EntryItem> {
        self.state().entries.values().cloned().collect()
    }

    /// How many entries there are.
    pub fn entry_count(&self) -> usize {
        self.state().entries.len()
    }
}

impl State {
    fn post(&mut self, entry: EntryItem) -> Result<Posted, MarkerMissing> {
        let marker = MarkerItem::from(&entry);
        if let Some(found) = self.markers.get(&marker.pk) {
            return Ok(if found.hash == marker.hash { Posted::Known } else { Posted::Conflict });
        }
        let key = (entry.pk.clone(), entry.sk.clone());
        if self.entries.contains_key(&key) {
            return Err(MarkerMissing);
        }
        self.markers.insert(marker.pk.clone(), marker);
        self.entries.insert(key, entry);
        Ok(Posted::New)
    }
}

impl Journal for Memory {
    async fn post(&self, entry: &PostedEntry) -> Result<Posted, Fault> {
        let item = EntryItem::from(entry);
        let call = self.call(Operation::PostEntry, entry.entry.id().as_str(), move |state| state.post(item));
        let posted = call.await.map_err(|struck| struck.fault(POST))?;
        posted.map_err(|missing| Fault::permanent(POST, missing))
    }

    async fn knows(&self, entry: &EntryId) -> Result<bool, Fault> {
        let key = marker_key(entry).0;
        let get = move |state: &mut State| state.markers.contains_key(&key);
        let call = self.call(Operation::ReadMarker, entry.as_str(), get);
        call.await.map_err(|struck| struck.fault("look an entry up"))
    }

    async fn entries_on(&self, business_date: &str) -> Result<Vec<PostedEntry>, Fault> {
        let date = business_date.to_owned();
        let query = move |state: &mut State| {
            let days = (0..LEDGER_SHARDS).map(|shard| day_partition(&date, shard));
            let entries = days.flat_map(|day| {
                let all = (day.clone(), String::new())..=(day, String::from(char::MAX));
                state.entries.range(all).map(|(_, entry)| entry.clone()).collect::<Vec<_>>()
            });
            entries.collect::<Vec<_>>()
        };
        let found = self.call(Operation::ReadEntries, business_date, query).await;
        let found = found.map_err(|struck| struck.fault(READ))?;
        let read =
            |entry| PostedEntry::try_from(entry).map_err(|malformed| Fault::permanent(READ, malformed));
        found.into_iter().map(read).collect()
    }
}
