//! What lies in the tables, read over DynamoDB's own protocol.

use axum::Json;
use axum::extract::{Query, State};
use contracts::stored::{DonationItem, EntryItem};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::failure::OperatorError;
use super::view::{DonationPage, EntryPage, OwedPage, Page, WorkPage};
use crate::records::Records;
use crate::signature::Service;

/// Where a list goes on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    pub(super) after: Option<String>,
}

type Answer<T> = Result<Json<T>, OperatorError>;

pub(super) async fn donations(
    State(records): State<Records>,
    Query(after): Query<After>,
) -> Answer<DonationPage> {
    scan(&records, json!({ "TableName": records.tables.donations }), after.after).await.map(Json)
}

/// The journal entries, without the markers that make them unique.
pub(super) async fn entries(State(records): State<Records>, Query(after): Query<After>) -> Answer<EntryPage> {
    let request = json!({
        "TableName": records.tables.ledger,
        "FilterExpression": "begins_with(pk, :day)",
        "ExpressionAttributeValues": { ":day": { "S": "D#" } },
    });
    scan::<EntryItem>(&records, request, after.after).await.map(Json)
}

/// Ids of the donations that still lack something.
pub(super) async fn owed(State(records): State<Records>, Query(after): Query<After>) -> Answer<OwedPage> {
    #[derive(Deserialize)]
    struct Key {
        id: String,
    }
    let request = json!({ "TableName": records.tables.donations, "IndexName": "owed" });
    let page = scan::<Key>(&records, request, after.after).await?;
    Ok(Json(Page { items: page.items.into_iter().map(|key| key.id).collect(), next: page.next }))
}

/// The work-list: what is open, and what was closed.
pub(super) async fn work(State(records): State<Records>, Query(after): Query<After>) -> Answer<WorkPage> {
    scan(&records, json!({ "TableName": records.tables.work }), after.after).await.map(Json)
}

/// One donation, read consistently.
pub(super) async fn donation(records: &Records, id: &str) -> Result<Option<DonationItem>, OperatorError> {
    let table = &records.tables.donations;
    let request = json!({ "TableName": table, "Key": { "id": { "S": id } }, "ConsistentRead": true });
    let answer = call(records, "GetItem", &request).await?;
    answer.get("Item").map(read).transpose()
}

/// The entries of one donation.
pub(super) async fn entries_of(records: &Records, id: &str) -> Result<Vec<EntryItem>, OperatorError> {
    let mut entries = Vec::new();
    let mut after = None;
    loop {
        let request = json!({
            "TableName": records.tables.ledger,
            "FilterExpression": "donation_id = :id",
            "ExpressionAttributeValues": { ":id": { "S": id } },
        });
        let page: Page<EntryItem> = scan(records, request, after).await?;
        entries.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(entries);
        }
    }
}

/// One page of a scan. DynamoDB ends a page at 1 MB.
async fn scan<T: DeserializeOwned>(
    records: &Records,
    mut request: Value,
    after: Option<String>,
) -> Result<Page<T>, OperatorError> {
    if let Some(after) = after {
        let key = BASE64URL_NOPAD.decode(after.as_bytes()).ok();
        let key: Option<Value> = key.and_then(|key| serde_json::from_slice(&key).ok());
        request["ExclusiveStartKey"] = key
            .ok_or_else(|| OperatorError::Refused("after: must be the next of an earlier page".to_owned()))?;
    }
    let answer = call(records, "Scan", &request).await?;
    let items = answer.get("Items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let items = items.iter().map(read).collect::<Result<Vec<T>, _>>()?;
    let next = answer.get("LastEvaluatedKey").map(|key| BASE64URL_NOPAD.encode(key.to_string().as_bytes()));
    Ok(Page { items, next })
}

/// Changes an item on a condition, and gives it as it is then; `None` when the condition does not hold.
pub(super) async fn update<T: DeserializeOwned>(
    records: &Records,
    request: &Value,
) -> Result<Option<T>, OperatorError> {
    let unavailable = OperatorError::unavailable("the database");
    match records.aws.call(Service::DynamoDb, "UpdateItem", request).await {
        Err(error) if error.is("ConditionalCheckFailedException") => Ok(None),
        Err(error) => Err(unavailable(&error)),
        Ok(answer) => {
            let item = answer.get("Attributes");
            item.ok_or_else(|| unavailable(&"UpdateItem gave nothing back")).and_then(read).map(Some)
        }
    }
}

async fn call(records: &Records, operation: &str, request: &Value) -> Result<Value, OperatorError> {
    let answer = records.aws.call(Service::DynamoDb, operation, request).await;
    answer.map_err(|error| OperatorError::unavailable("the database")(&error))
}

/// Reads an item into its type. The error names the attribute's place, never its value.
fn read<T: DeserializeOwned>(item: &Value) -> Result<T, OperatorError> {
    let unreadable = OperatorError::unavailable("a stored item");
    let item = item.as_object().ok_or_else(|| unreadable(&"it is not an item"))?;
    let plain = plain_map(item).ok_or_else(|| unreadable(&"it holds an attribute of an unknown type"))?;
    serde_json::from_value(Value::Object(plain))
        .map_err(|error| unreadable(&format!("it is not of the contract's form ({:?})", error.classify())))
}

fn plain_map(item: &Map<String, Value>) -> Option<Map<String, Value>> {
    item.iter().map(|(name, value)| Some((name.clone(), plain(value)?))).collect()
}

/// DynamoDB's typed JSON as plain JSON, for the types that the contract's items use.
fn plain(value: &Value) -> Option<Value> {
    let (kind, value) = value.as_object()?.iter().next()?;
    match kind.as_str() {
        "S" | "BOOL" => Some(value.clone()),
        "N" => serde_json::from_str(value.as_str()?).ok(),
        "NULL" => Some(Value::Null),
        "M" => plain_map(value.as_object()?).map(Value::Object),
        "L" => value.as_array()?.iter().map(plain).collect::<Option<Vec<_>>>().map(Value::Array),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_json_becomes_plain_json() {
        let item = json!({
            "id": { "S": "a" },
            "minor": { "N": "2500" },
            "payment": { "M": { "state": { "S": "captured" } } },
            "lines": { "L": [{ "M": { "minor": { "N": "1" } } }] },
            "gone": { "NULL": true },
        });
        let plain = plain_map(item.as_object().unwrap()).unwrap();
        let expected = json!({
            "id": "a", "minor": 2500, "payment": { "state": "captured" }, "lines": [{ "minor": 1 }], "gone": null,
        });
        assert_eq!(Value::Object(plain), expected);
    }

    #[test]
    fn an_item_of_another_form_is_refused_without_showing_it() {
        let item = json!({ "id": { "S": "Ada Example" } });
        let error = read::<EntryItem>(&item).unwrap_err().to_string();
        assert!(!error.contains("Ada"), "{error}");
    }
}
