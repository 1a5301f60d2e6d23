//! `topology.json`: which functions exist, what triggers each, and the queues, tables and settings around them.
//!
//! The infrastructure code builds from the file and the local host runs from it. Unknown fields are refused, so a
//! misspelt key cannot be silently ignored.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The file as shipped.
pub const SHIPPED: &str = include_str!("../topology.json");

/// The whole topology. Keys are logical names; whoever hosts the pipeline gives them physical ones.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// Path of the JSON Schema that describes the file, for editors.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// DynamoDB tables.
    pub tables: BTreeMap<String, Table>,
    /// S3 buckets.
    pub buckets: BTreeMap<String, Bucket>,
    /// Secrets Manager secrets.
    pub secrets: BTreeMap<String, Secret>,
    /// SNS topics.
    pub topics: BTreeMap<String, Topic>,
    /// SQS queues; each has a dead-letter queue of its own.
    pub queues: BTreeMap<String, Queue>,
    /// Plain environment values, by environment key.
    pub settings: BTreeMap<String, Setting>,
    /// Lambda functions, by handler name.
    pub functions: BTreeMap<String, Function>,
}

impl Topology {
    /// Reads a topology.
    ///
    /// # Errors
    /// The text is not JSON, lacks a field, or has one that no reader knows; the message names line and column.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The topology as shipped.
    ///
    /// # Panics
    /// Never in a build whose tests passed: a test parses the shipped file.
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).expect("the shipped topology parses: a test reads it")
    }
}

/// A table and its key schema.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Environment key that carries the table's name to a function.
    pub environment_key: String,
    /// Partition (hash) key.
    pub partition_key: Key,
    /// Sort (range) key, where the table has one.
    pub sort_key: Option<Key>,
    /// Global secondary indexes, by name.
    #[serde(default)]
    pub indexes: BTreeMap<String, Index>,
    /// Attribute (epoch seconds) after which DynamoDB may delete the item; nothing relies on the deletion.
    pub expires_at_attribute: Option<String>,
    /// Whether donors' data is held here; such a table has a key of its own and no other reader.
    pub holds_donor_data: bool,
}

/// A global secondary index.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Partition (hash) key.
    pub partition_key: Key,
    /// Sort (range) key.
    pub sort_key: Option<Key>,
    /// What the index carries.
    pub projection: Projection,
}

/// What an index carries of each item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Projection {
    /// The keys alone.
    KeysOnly,
    /// The whole item.
    All,
}

/// A key attribute.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Attribute name.
    pub name: String,
    /// Attribute type.
    #[serde(rename = "type")]
    pub kind: KeyKind,
}

/// DynamoDB's type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum KeyKind {
    /// String.
    S,
    /// Number.
    N,
}

/// A bucket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Environment key that carries the bucket's name to a function.
    pub environment_key: String,
    /// Whether every version of an object is kept.
    pub versioned: bool,
}

/// A secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Environment key that carries the secret's ARN to a function.
    pub environment_key: String,
    /// What the secret's text must be, in words.
    pub holds: String,
}

/// A topic.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Environment key that carries the topic's ARN to a function.
    pub environment_key: String,
}

/// A queue and its dead-letter queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Environment key that carries the queue's URL to a function.
    pub environment_key: String,
    /// Environment key that carries the dead-letter queue's URL to the consumer.
    pub dead_letter_environment_key: String,
    /// Seconds that a received message stays hidden; at least six times the consumer's timeout.
    pub visibility_timeout_seconds: u32,
    /// Receives after which a message moves to the dead-letter queue; at least five.
    pub receive_count_max: u32,
    /// Seconds that a message is kept.
    pub retention_seconds: u32,
    /// The topic that feeds the queue, where one does.
    pub subscription: Option<Subscription>,
}

/// How a topic feeds a queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Logical name of the topic.
    pub topic: String,
    /// Filter policy over message attributes: attribute name to the values let through.
    pub filter: BTreeMap<String, Vec<String>>,
    /// Whether the queue gets the bare message rather than SNS's envelope.
    pub raw_delivery: bool,
}

/// A plain environment value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The value where whoever hosts the pipeline gives none.
    pub default: String,
    /// What the value means.
    pub meaning: String,
}

/// A Lambda function and its one trigger: `http`, `queue`, `schedule`, or an operator's direct call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Seconds that one invocation may take.
    pub timeout_seconds: u32,
    /// Memory in MiB.
    pub memory_mb: u32,
    /// Most environments at once, where the trigger does not say it.
    pub concurrency_max: Option<u32>,
    /// HTTP routes.
    #[serde(default)]
    pub http: Vec<Route>,
    /// The queue it consumes.
    pub queue: Option<QueueTrigger>,
    /// The schedule it runs on.
    pub schedule: Option<Schedule>,
    /// Whether an operator may invoke it directly.
    #[serde(default)]
    pub operator: bool,
    /// Environment keys that the function reads; its typed configuration lists the same.
    pub environment: Vec<String>,
    /// IAM actions that the function uses, by resource (`table:donations`, `dead-letters:payments`, …).
    pub actions: BTreeMap<String, Vec<String>>,
}

/// An HTTP route of the API.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// HTTP method, upper case.
    pub method: String,
    /// Path with `{name}` parameters, as API Gateway writes it.
    pub path: String,
    /// Who may call; everybody where it says nothing.
    pub authorisation: Option<Authorisation>,
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authorisation {
    /// Whoever AWS's Identity and Access Management allows to; requests are signed with Signature Version 4.
    Iam,
}

/// How a queue feeds a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueTrigger {
    /// Logical name of the queue.
    pub name: String,
    /// Most messages in one invocation.
    pub batch_size: u32,
    /// Seconds to wait for a batch to fill.
    pub batch_window_seconds: u32,
    /// Most invocations at once (the event source mapping's maximum concurrency).
    pub concurrency_max: u32,
    /// Messages of one batch that the function handles at once.
    pub messages_at_once: u32,
}

/// A fixed rate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Seconds between two invocations.
    pub every_seconds: u32,
}
