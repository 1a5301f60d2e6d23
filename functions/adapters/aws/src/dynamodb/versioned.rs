//! Items that are loaded, changed and saved on condition that nobody else saved them meanwhile.

use app::ports::{Fault, Saved};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::item;
use crate::call::{Call, CallError};

/// A table with partition key `id`, whose items carry their version in `version`.
#[derive(Debug, Clone)]
pub(super) struct Versioned {
    client: Client,
    table: String,
}

impl Versioned {
    pub(super) fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    fn call(&self, operation: &'static str) -> Call {
        Call::new(operation, "table", &self.table)
    }

    /// The item of this key, if there is one.
    pub(super) async fn load<T: DeserializeOwned>(
        &self,
        doing: &'static str,
        key: String,
    ) -> Result<Option<T>, Fault> {
        let get = self.client.get_item().table_name(&self.table).key("id", item::text(key));
        let answer = get.consistent_read(true).send().await;
        let answer =
            answer.map_err(|error| CallError::of(self.call("dynamodb:GetItem"), error).into_fault(doing))?;
        answer.item.map(|found| item::read(doing, &self.table, found)).transpose()
    }

    /// Saves an item in the place of the one of the version that was loaded; 0 where there was none.
    ///
    /// The SDK repeats a put whose answer was lost, and the repetition fails the condition because of the first one: it
    /// is a conflict then, though the item is saved.
    pub(super) async fn save(
        &self,
        doing: &'static str,
        item: &impl Serialize,
        loaded: u64,
    ) -> Result<Saved, Fault> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item::write(doing, item)?));
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
        Err(CallError::of(self.call("dynamodb:PutItem"), error).into_fault(doing))
    }
}
