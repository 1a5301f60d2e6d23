//! The topology's tables in the file.

use std::{collections::BTreeSet, path::Path};

use contracts::topology::{Key, KeyKind, Projection, Table, Topology};
use dynoxide::Database;
use serde_json::{Value as Json, json};

use crate::{error::StartError, folder::check_database};

/// Opens the file and makes what is missing.
pub(super) fn open(path: &Path, topology: &Topology) -> Result<Database, StartError> {
    check_database(path)?;
    let failed = |reason: String| StartError::Database { path: path.to_owned(), reason };
    let text = path.to_str().ok_or_else(|| failed("the path is not UTF-8".to_owned()))?;
    let database = Database::new(text).map_err(|error| failed(error.to_string()))?;
    for (name, table) in &topology.tables {
        let found = database.get_table_metadata(name).map_err(|error| failed(error.to_string()))?;
        if found.is_none() {
            make(&database, name, table).map_err(failed)?;
        } else if let Some(reason) = difference(&database, name, table).map_err(failed)? {
            return Err(StartError::TableDiffers { table: name.clone(), path: path.to_owned(), reason });
        }
    }
    Ok(database)
}

fn make(database: &Database, name: &str, table: &Table) -> Result<(), String> {
    let request =
        serde_json::from_value(create_table_request(name, table)).map_err(|error| error.to_string())?;
    database.create_table(request).map_err(|error| error.to_string())?;
    if let Some(attribute) = &table.expires_at_attribute {
        let request = json!({
            "TableName": name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        });
        let request = serde_json::from_value(request).map_err(|error| error.to_string())?;
        database.update_time_to_live(request).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The body of DynamoDB's `CreateTable` for a table of the topology under this name.
pub fn create_table_request(name: &str, table: &Table) -> Json {
    let mut attributes: Vec<&Key> = keys(&table.partition_key, table.sort_key.as_ref());
    for index in table.indexes.values() {
        attributes.extend(keys(&index.partition_key, index.sort_key.as_ref()));
    }
    let mut seen = BTreeSet::new();
    attributes.retain(|key| seen.insert(key.name.as_str()));
    let definitions: Vec<Json> = attributes.iter().map(|key| definition(key)).collect();
    let mut request = json!({
        "TableName": name,
        "AttributeDefinitions": definitions,
        "KeySchema": schema(&table.partition_key, table.sort_key.as_ref()),
        "BillingMode": "PAY_PER_REQUEST",
    });
    if !table.indexes.is_empty() {
        let indexes = table.indexes.iter().map(|(name, index)| {
            let projection = match index.projection {
                Projection::KeysOnly => "KEYS_ONLY",
                Projection::All => "ALL",
            };
            json!({
                "IndexName": name,
                "KeySchema": schema(&index.partition_key, index.sort_key.as_ref()),
                "Projection": { "ProjectionType": projection },
            })
        });
        request["GlobalSecondaryIndexes"] = indexes.collect();
    }
    request
}

/// What of the table in the file is not as the topology says, if anything is.
fn difference(database: &Database, name: &str, table: &Table) -> Result<Option<String>, String> {
    let request = serde_json::from_value(json!({ "TableName": name })).map_err(|error| error.to_string())?;
    let found = database.describe_table(request).map_err(|error| error.to_string())?;
    let found = serde_json::to_value(&found).map_err(|error| error.to_string())?;
    let found = &found["Table"];
    if found["KeySchema"] != schema(&table.partition_key, table.sort_key.as_ref()) {
        return Ok(Some(format!("its key is {}", found["KeySchema"])));
    }
    let indexes = found["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
    let named: BTreeSet<&str> = indexes.iter().filter_map(|index| index["IndexName"].as_str()).collect();
    if named != table.indexes.keys().map(String::as_str).collect() {
        return Ok(Some(format!("its indexes are {named:?}")));
    }
    for index in &indexes {
        let wanted = &table.indexes[index["IndexName"].as_str().unwrap_or_default()];
        if index["KeySchema"] != schema(&wanted.partition_key, wanted.sort_key.as_ref()) {
            return Ok(Some(format!("the key of index {} is {}", index["IndexName"], index["KeySchema"])));
        }
    }
    Ok(None)
}

fn keys<'a>(partition: &'a Key, sort: Option<&'a Key>) -> Vec<&'a Key> {
    std::iter::once(partition).chain(sort).collect()
}

fn schema(partition: &Key, sort: Option<&Key>) -> Json {
    let partition = json!({ "AttributeName": partition.name, "KeyType": "HASH" });
    let sort = sort.map(|key| json!({ "AttributeName": key.name, "KeyType": "RANGE" }));
    std::iter::once(partition).chain(sort).collect()
}

fn definition(key: &Key) -> Json {
    let kind = match key.kind {
        KeyKind::S => "S",
        KeyKind::N => "N",
    };
    json!({ "AttributeName": key.name, "AttributeType": kind })
}
