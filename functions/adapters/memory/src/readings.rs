//! Readings, as they lie in their table.

use app::ports::{Fault, Readings, Saved};
use contracts::stored::ReadingItem;
use domain::ids::Provider;
use domain::reading::Reading;

use crate::calls::Operation;
use crate::memory::{Memory, State};

const LOAD: &str = "load a reading";
const SAVE: &str = "save a reading";

impl Memory {
    /// Every reading's item, by id.
    pub fn reading_items(&self) -> Vec<ReadingItem> {
        self.state().readings.values().cloned().collect()
    }
}

impl Readings for Memory {
    async fn load(&self, provider: Provider) -> Result<Option<(Reading, u64)>, Fault> {
        let key = ReadingItem::key(provider);
        let get = move |state: &mut State| state.readings.get(&key).cloned();
        let found = self.call(Operation::LoadReading, provider.name(), get).await;
        let found = found.map_err(|struck| struck.fault(LOAD))?;
        Ok(found.map(|item| (Reading::from(&item), item.version)))
    }

    async fn save(&self, provider: Provider, reading: &Reading, loaded: u64) -> Result<Saved, Fault> {
        let item = ReadingItem::of(provider, reading, loaded.saturating_add(1));
        let put = move |state: &mut State| {
            if state.readings.get(&item.id).map_or(0, |found| found.version) != loaded {
                return Saved::Conflict;
            }
            state.readings.insert(item.id.clone(), item);
            Saved::Saved
        };
        let saved = self.call(Operation::SaveReading, provider.name(), put).await;
        saved.map_err(|struck| struck.fault(SAVE))
    }
}
