//! Readings in a DynamoDB table, one item for each provider.

use app::ports::{Fault, Readings, Saved};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use contracts::stored::ReadingItem;
use domain::ids::Provider;
use domain::reading::Reading;

use super::item;
use crate::call::{Call, CallError};
use crate::connection::Aws;

const LOAD: &str = "load a reading";
const SAVE: &str = "save a reading";

/// The store of readings over a DynamoDB table with partition key `id`.
#[derive(Debug, Clone)]
pub struct DynamoReadings {
    client: Client,
    table: String,
}

impl DynamoReadings {
    /// The readings in this table.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self { client: aws.dynamodb().clone(), table: table.into() }
    }

    fn call(&self, operation: &'static str) -> Call {
        Call::new(operation, "table", &self.table)
    }
}

impl Readings for DynamoReadings {
    async fn load(&self, provider: Provider) -> Result<Option<(Reading, u64)>, Fault> {
        let key = item::text(ReadingItem::key(provider));
        let get = self.client.get_item().table_name(&self.table).key("id", key);
        let answer = get.consistent_read(true).send().await;
        let answer =
            answer.map_err(|error| CallError::of(self.call("dynamodb:GetItem"), error).into_fault(LOAD))?;
        let Some(found) = answer.item else { return Ok(None) };
        let found: ReadingItem = item::read(LOAD, &self.table, found)?;
        Ok(Some((Reading::from(&found), found.version)))
    }

    /// The SDK repeats a put whose answer was lost, and the repetition fails the condition because of the first
    /// one. The run then leaves off, and the next goes on from there.
    async fn save(&self, provider: Provider, reading: &Reading, loaded: u64) -> Result<Saved, Fault> {
        let item = ReadingItem::of(provider, reading, loaded.saturating_add(1));
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
