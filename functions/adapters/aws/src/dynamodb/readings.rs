//! Readings in a DynamoDB table, one item for each provider.

use app::ports::{Fault, Readings, Saved};
use contracts::stored::ReadingItem;
use domain::ids::Provider;
use domain::reading::Reading;

use super::versioned::Versioned;
use crate::connection::Aws;

/// The store of readings over a DynamoDB table with partition key `id`.
#[derive(Debug, Clone)]
pub struct DynamoReadings(Versioned);

impl DynamoReadings {
    /// The readings in this table.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self(Versioned::new(aws.dynamodb().clone(), table))
    }
}

impl Readings for DynamoReadings {
    async fn load(&self, provider: Provider) -> Result<Option<(Reading, u64)>, Fault> {
        let found: Option<ReadingItem> = self.0.load("load a reading", ReadingItem::key(provider)).await?;
        Ok(found.map(|found| (Reading::from(&found), found.version)))
    }

    /// After a conflict the run leaves off, and the next goes on from what is saved.
    async fn save(&self, provider: Provider, reading: &Reading, loaded: u64) -> Result<Saved, Fault> {
        let item = ReadingItem::of(provider, reading, loaded.saturating_add(1));
        self.0.save("save a reading", &item, loaded).await
    }
}
