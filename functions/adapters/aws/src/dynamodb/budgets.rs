//! Budgets in a DynamoDB table, one item each.

use app::ports::{Budgets, Fault, Saved};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use contracts::stored::BudgetItem;
use domain::budget::{Budget, BudgetId};

use super::item;
use crate::call::{Call, CallError};
use crate::connection::Aws;

const LOAD: &str = "load a budget";
const SAVE: &str = "save a budget";

/// The store of budgets over a DynamoDB table with partition key `id`.
#[derive(Debug, Clone)]
pub struct DynamoBudgets {
    client: Client,
    table: String,
}

impl DynamoBudgets {
    /// The budgets in this table.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self { client: aws.dynamodb_hasty(), table: table.into() }
    }

    fn call(&self, operation: &'static str) -> Call {
        Call::new(operation, "table", &self.table)
    }
}

impl Budgets for DynamoBudgets {
    async fn load(&self, id: &BudgetId) -> Result<(Budget, u64), Fault> {
        let get = self.client.get_item().table_name(&self.table).key("id", item::text(BudgetItem::key(id)));
        let answer = get.consistent_read(true).send().await;
        let answer =
            answer.map_err(|error| CallError::of(self.call("dynamodb:GetItem"), error).into_fault(LOAD))?;
        let Some(found) = answer.item else { return Ok((Budget::FRESH, 0)) };
        let found: BudgetItem = item::read(LOAD, &self.table, found)?;
        Ok((Budget::from(&found), found.version))
    }

    /// The SDK repeats a put whose answer was lost, and the repetition fails the condition because of the
    /// first one. What was lent by it is then used by nobody, which is better than by two.
    async fn save(&self, id: &BudgetId, budget: &Budget, loaded: u64) -> Result<Saved, Fault> {
        let item = BudgetItem::of(id, budget, loaded.saturating_add(1));
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item::write(SAVE, &item)?));
        let put = match loaded {
            0 => put.condition_expression("attribute_not_exists(id)"),
            _ => put
                .condition_expression("#version = :loaded")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":loaded", item::number(loaded)),
        };
        let Err(error) = put.send().await else { return Ok(Saved::Saved) };
        let is_condition =
            error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception);
        if is_condition {
            return Ok(Saved::Conflict);
        }
        Err(CallError::of(self.call("dynamodb:PutItem"), error).into_fault(SAVE))
    }
}
