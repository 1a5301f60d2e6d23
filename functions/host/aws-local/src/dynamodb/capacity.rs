//! What a DynamoDB request touches and consumes.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::reply::Reply;

const WRITES: [&str; 5] = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];

/// The parts of a request that name tables.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Touched {
    table_name: Option<String>,
    #[serde(default = "Vec::new")]
    transact_items: Vec<BTreeMap<String, OfTable>>,
    #[serde(default = "BTreeMap::new")]
    request_items: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfTable {
    table_name: String,
}

/// The permissions that a request needs: IAM action and `table:NAME`. `TransactWriteItems` needs those of its
/// parts.
pub(super) fn actions(operation: &str, body: &[u8]) -> Vec<(String, String)> {
    // A body that cannot be read is refused by the database and needs no permission.
    let Ok(touched) = serde_json::from_slice::<Touched>(body) else { return Vec::new() };
    let mut actions = BTreeSet::new();
    let mut add = |action: &str, table: &str| {
        let table = table.rsplit('/').next().unwrap_or(table);
        actions.insert((format!("dynamodb:{action}"), format!("table:{table}")));
    };
    for table in touched.table_name.iter().chain(touched.request_items.keys()) {
        add(operation, table);
    }
    for item in &touched.transact_items {
        for (part, of) in item {
            match part.as_str() {
                "ConditionCheck" | "Put" | "Update" | "Delete" | "Get" => {
                    add(&format!("{part}Item"), &of.table_name);
                }
                _ => {}
            }
        }
    }
    actions.into_iter().collect()
}

/// The body of a write with a request for its consumed capacity; none where the caller asks for it already,
/// or the request is no write.
pub(super) fn ask(operation: &str, body: &Bytes) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    let fields = text.trim_start().strip_prefix('{')?;
    let empty = fields.trim_start().starts_with('}');
    if !WRITES.contains(&operation) || empty || text.contains("\"ReturnConsumedCapacity\"") {
        return None;
    }
    Some(Bytes::from(format!("{{\"ReturnConsumedCapacity\":\"TOTAL\",{fields}")))
}

/// Counts the units that an answer tells of, and takes them out of it again where the caller had not `asked`.
pub(super) async fn count(reply: Reply, ours: bool, mut units: impl FnMut(&str, u64)) -> Reply {
    if reply.status() != StatusCode::OK {
        return reply;
    }
    let (mut head, body) = reply.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(never) => match never {},
    };
    if !ours {
        return Reply::from_parts(head, Full::new(body));
    }
    let Ok(Json::Object(mut fields)) = serde_json::from_slice(&body) else {
        return Reply::from_parts(head, Full::new(body));
    };
    let consumed = match fields.remove("ConsumedCapacity") {
        Some(Json::Array(list)) => list,
        Some(single) => vec![single],
        None => Vec::new(),
    };
    for of_table in &consumed {
        if let (Some(table), Some(whole)) =
            (of_table["TableName"].as_str(), whole_units(&of_table["CapacityUnits"]))
        {
            units(table, whole);
        }
    }
    // The checksum and the length are of the answer as it was.
    head.headers.remove("x-amz-crc32");
    head.headers.remove(header::CONTENT_LENGTH);
    Reply::from_parts(head, Full::new(Bytes::from(Json::Object(fields).to_string())))
}

/// Write units are whole numbers that DynamoDB writes with a fraction of zero.
fn whole_units(json: &Json) -> Option<u64> {
    json.as_number()?.to_string().split('.').next()?.parse().ok()
}
