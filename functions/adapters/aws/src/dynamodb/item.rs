//! Items to and from attribute values, through the contracts' types.

use std::collections::HashMap;

use app::ports::Fault;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An item as the SDK holds it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// An item is not of the shape that this version of the code reads. Its content is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("an item of table {table} is not of its shape: {problem}")]
struct Misshapen {
    table: String,
    problem: String,
}

/// Writes an item.
pub(super) fn write(doing: &'static str, item: &impl Serialize) -> Result<Item, Fault> {
    serde_dynamo::to_item(item).map_err(|error| Fault::permanent(doing, error))
}

/// Reads an item.
pub(super) fn read<T: DeserializeOwned>(doing: &'static str, table: &str, item: Item) -> Result<T, Fault> {
    serde_dynamo::from_item(item).map_err(|error| {
        let text = error.to_string();
        // Other texts of serde repeat the value that was found.
        let problem =
            if text.starts_with("missing field") { text } else { "an attribute has another type".to_owned() };
        Fault::permanent(doing, Misshapen { table: table.to_owned(), problem })
    })
}

/// A text attribute.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute. DynamoDB's numbers are decimal texts of up to 38 digits, so every integer of ours is exact.
pub(super) fn number(value: impl Into<u64>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}
