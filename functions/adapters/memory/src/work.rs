//! The work-list, as it lies in its table.

use app::ports::{Fault, WorkList};
use contracts::stored::WorkItem;
use domain::ids::{Note, Operator};
use domain::time::Timestamp;

use crate::calls::Operation;
use crate::memory::{Memory, State};

impl Memory {
    /// Every item of the work-list, by id.
    pub fn work_items(&self) -> Vec<WorkItem> {
        self.state().work.values().cloned().collect()
    }
}

impl WorkList for Memory {
    async fn open(&self, item: &WorkItem) -> Result<bool, Fault> {
        let kept = item.clone();
        let put = move |state: &mut State| {
            let is_new = !state.work.contains_key(&kept.id);
            state.work.entry(kept.id.clone()).or_insert(kept);
            is_new
        };
        let call = self.call(Operation::OpenWork, item.id.as_str(), put);
        call.await.map_err(|struck| struck.fault("open an item of the work-list"))
    }

    async fn open_items(&self, limit: u16) -> Result<Vec<WorkItem>, Fault> {
        let query = move |state: &mut State| {
            let mut open: Vec<_> = state.work.values().filter(|item| item.open.is_some()).cloned().collect();
            open.sort_by_key(|item| item.opened_at);
            open.truncate(usize::from(limit));
            open
        };
        let call = self.call(Operation::ReadWork, "", query);
        call.await.map_err(|struck| struck.fault("read the work-list"))
    }

    async fn close(&self, id: &str, by: &Operator, note: &Note, at: Timestamp) -> Result<bool, Fault> {
        let (key, by, note) = (id.to_owned(), by.to_string(), note.to_string());
        let put = move |state: &mut State| match state.work.get_mut(&key) {
            Some(item) if item.open.is_some() => {
                item.open = None;
                item.closed_by = Some(by);
                item.closed_at = Some(at.as_millis());
                item.note = Some(note);
                true
            }
            Some(_) | None => false,
        };
        let call = self.call(Operation::CloseWork, id, put);
        call.await.map_err(|struck| struck.fault("close an item of the work-list"))
    }
}
