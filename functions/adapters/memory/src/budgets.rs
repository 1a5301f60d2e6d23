//! Budgets, as they lie in their table.

use app::ports::{Budgets, Fault, Saved};
use contracts::stored::BudgetItem;
use domain::budget::{Budget, BudgetId};

use crate::calls::Operation;
use crate::memory::{Memory, State};

const LOAD: &str = "load a budget";
const SAVE: &str = "save a budget";

impl Memory {
    /// Every budget's item, by id.
    pub fn budget_items(&self) -> Vec<BudgetItem> {
        self.state().budgets.values().cloned().collect()
    }
}

impl Budgets for Memory {
    async fn load(&self, id: &BudgetId) -> Result<(Budget, u64), Fault> {
        let key = BudgetItem::key(id);
        let get = move |state: &mut State| state.budgets.get(&key).cloned();
        let found = self.call(Operation::LoadBudget, id.as_str(), get).await;
        let found = found.map_err(|struck| struck.fault(LOAD))?;
        Ok(found.map_or((Budget::FRESH, 0), |item| (Budget::from(&item), item.version)))
    }

    async fn save(&self, id: &BudgetId, budget: &Budget, loaded: u64) -> Result<Saved, Fault> {
        let item = BudgetItem::of(id, budget, loaded.saturating_add(1));
        let put = move |state: &mut State| {
            if state.budgets.get(&item.id).map_or(0, |found| found.version) != loaded {
                return Saved::Conflict;
            }
            state.budgets.insert(item.id.clone(), item);
            Saved::Saved
        };
        let saved = self.call(Operation::SaveBudget, id.as_str(), put).await;
        saved.map_err(|struck| struck.fault(SAVE))
    }
}
