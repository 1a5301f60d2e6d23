//! What the endpoints are started with, and the names that AWS would give to what they hold.

use std::{collections::BTreeMap, path::PathBuf};

use contracts::topology::Topology;

use crate::clock::Clock;

/// The region of everything here.
pub const REGION: &str = "eu-west-2";
/// The account of everything here.
pub const ACCOUNT: &str = "000000000000";
/// The one access key id that is let in.
pub const ACCESS_KEY_ID: &str = "local";
/// Its secret. Only the S3 endpoint verifies signatures; the others look at the access key id alone.
pub const SECRET_ACCESS_KEY: &str = "local";

/// What [`start`](crate::start) needs.
pub struct Settings {
    /// Folder that holds everything; made where it is missing. One process at a time may use it.
    pub data: PathBuf,
    /// Tables, queues, topics, subscriptions and buckets to make.
    pub topology: Topology,
    /// Secrets' text by logical name. A secret of the topology that is missing here does not exist for
    /// callers.
    pub secrets: BTreeMap<String, String>,
    /// Verified SES identities: addresses (`receipts@charity.example`) or whole domains (`charity.example`).
    pub senders: Vec<String>,
    /// SES configuration sets.
    pub configuration_sets: Vec<String>,
    /// The time.
    pub clock: Clock,
}

/// Name of a queue's dead-letter queue.
pub fn dead_letters_of(queue: &str) -> String {
    format!("{queue}-dead-letters")
}

/// ARN of a queue.
pub fn queue_arn(queue: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")
}

/// ARN of a topic.
pub fn topic_arn(topic: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:{topic}")
}

/// ARN of a secret.
pub fn secret_arn(secret: &str) -> String {
    format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{secret}")
}

/// How calls and actions name a queue: `queue:payments`, or `dead-letters:payments` for its dead-letter
/// queue, as the topology does.
pub(crate) fn queue_resource(queue: &str) -> String {
    match queue.strip_suffix("-dead-letters") {
        Some(source) => format!("dead-letters:{source}"),
        None => format!("queue:{queue}"),
    }
}
