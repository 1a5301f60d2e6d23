//! The work-list in a DynamoDB table: one item for each thing to look at, and an index of those that are open.

use app::ports::{Fault, WorkList};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use contracts::stored::{WORK_OPEN, WorkItem};
use domain::ids::{Note, Operator};
use domain::time::Timestamp;

use super::item;
use crate::call::{Call, CallError};
use crate::connection::Aws;

const OPEN: &str = "open an item of the work-list";
const READ: &str = "read the work-list";
const CLOSE: &str = "close an item of the work-list";

/// The index of items that nobody has closed.
const INDEX: &str = "open";

/// The work-list over a DynamoDB table with partition key `id` and the index `open`.
#[derive(Debug, Clone)]
pub struct DynamoWorkList {
    client: Client,
    table: String,
}

impl DynamoWorkList {
    /// The work-list in this table.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self { client: aws.dynamodb().clone(), table: table.into() }
    }

    fn call(&self, operation: &'static str) -> Call {
        Call::new(operation, "table", &self.table)
    }
}

impl WorkList for DynamoWorkList {
    async fn open(&self, work: &WorkItem) -> Result<bool, Fault> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item::write(OPEN, work)?));
        match put.condition_expression("attribute_not_exists(id)").send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(CallError::of(self.call("dynamodb:PutItem"), error).into_fault(OPEN)),
        }
    }

    async fn open_items(&self, limit: u16) -> Result<Vec<WorkItem>, Fault> {
        if limit == 0 {
            // DynamoDB takes no limit below 1.
            return Ok(Vec::new());
        }
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(INDEX)
            .key_condition_expression("#open = :open")
            .expression_attribute_names("#open", "open")
            .expression_attribute_values(":open", item::text(WORK_OPEN))
            .limit(i32::from(limit));
        let page = query.send().await;
        let page =
            page.map_err(|error| CallError::of(self.call("dynamodb:Query"), error).into_fault(READ))?;
        page.items.unwrap_or_default().into_iter().map(|found| item::read(READ, &self.table, found)).collect()
    }

    async fn close(&self, id: &str, by: &Operator, note: &Note, at: Timestamp) -> Result<bool, Fault> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", item::text(id))
            .condition_expression("#open = :open")
            .update_expression("REMOVE #open SET closed_by = :by, closed_at = :at, note = :note")
            .expression_attribute_names("#open", "open")
            .expression_attribute_values(":open", item::text(WORK_OPEN))
            .expression_attribute_values(":by", item::text(by.as_str()))
            .expression_attribute_values(":at", item::number(at.as_millis()))
            .expression_attribute_values(":note", item::text(note.as_str()));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(CallError::of(self.call("dynamodb:UpdateItem"), error).into_fault(CLOSE)),
        }
    }
}
