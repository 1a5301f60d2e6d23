//! Budgets in a DynamoDB table, one item each.

use app::ports::{Budgets, Fault, Saved};
use contracts::stored::BudgetItem;
use domain::budget::{Budget, BudgetId};

use super::versioned::Versioned;
use crate::connection::Aws;

/// The store of budgets over a DynamoDB table with partition key `id`.
#[derive(Debug, Clone)]
pub struct DynamoBudgets(Versioned);

impl DynamoBudgets {
    /// The budgets in this table.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self(Versioned::new(aws.dynamodb_hasty(), table))
    }
}

impl Budgets for DynamoBudgets {
    async fn load(&self, id: &BudgetId) -> Result<(Budget, u64), Fault> {
        let found: Option<BudgetItem> = self.0.load("load a budget", BudgetItem::key(id)).await?;
        Ok(found.map_or((Budget::FRESH, 0), |found| (Budget::from(&found), found.version)))
    }

    /// What was lent by a put whose answer was lost is used by nobody, which is better than by two.
    async fn save(&self, id: &BudgetId, budget: &Budget, loaded: u64) -> Result<Saved, Fault> {
        let item = BudgetItem::of(id, budget, loaded.saturating_add(1));
        self.0.save("save a budget", &item, loaded).await
    }
}
