//! Donations in a DynamoDB table: one item each, and a sparse index of those that something is owed to.

use app::ports::{Acceptance, Donations, Fault, Saved, Stored};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use contracts::stored::DonationItem;
use domain::donation::Donation;
use domain::ids::DonationId;
use domain::time::Timestamp;
use serde::Deserialize;

use super::NOBODY;
use super::item::{self, Item};
use crate::call::{Call, CallError};
use crate::connection::Aws;

const ACCEPT: &str = "store a donation";
const LOAD: &str = "load a donation";
const SAVE: &str = "save a donation";
const OWED: &str = "read what is owed";
const WARM_UP: &str = "connect to the store of donations";

/// The index of donations that something is owed to: `owed_shard`, `next_check_at`, keys only.
const OWED_INDEX: &str = "owed";

/// The store of donations over a DynamoDB table with partition key `id` and index `owed`.
#[derive(Debug, Clone)]
pub struct DynamoDonations {
    client: Client,
    table: String,
}

/// What a conditional write came to.
enum Put {
    Done,
    /// The condition failed because of this item, or because there is none.
    Refused(Option<Box<DonationItem>>),
}

/// The part of an index entry that is read.
#[derive(Deserialize)]
struct OwedKey {
    id: String,
}

impl DynamoDonations {
    /// The donations in this table.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self { client: aws.dynamodb().clone(), table: table.into() }
    }

    /// Opens the connection, for a function that may only write: puts an item on the condition that an item of an
    /// impossible id is there already, which is refused. Needs `dynamodb:PutItem`.
    ///
    /// # Errors
    /// There is no connection, or no permission. The function can go on; its first call will meet the same.
    pub async fn warm_up_writing(&self) -> Result<(), Fault> {
        let put = self.put(Item::from([("id".to_owned(), item::text(NOBODY))]));
        match put.condition_expression("attribute_exists(id)").send().await {
            Err(error) if is_condition(&error) => Ok(()),
            Ok(_) => Err(Fault::permanent(WARM_UP, "an item that cannot be there is there")),
            Err(error) => Err(self.fault("dynamodb:PutItem", WARM_UP, error)),
        }
    }

    /// Opens the connection, for a function that may read: gets an item that is not there. Needs `dynamodb:GetItem`.
    ///
    /// # Errors
    /// There is no connection, or no permission. The function can go on; its first call will meet the same.
    pub async fn warm_up_reading(&self) -> Result<(), Fault> {
        let get = self.client.get_item().table_name(&self.table).key("id", item::text(NOBODY));
        get.send().await.map_err(|error| self.fault("dynamodb:GetItem", WARM_UP, error))?;
        Ok(())
    }

    fn put(&self, item: Item) -> PutItemFluentBuilder {
        self.client.put_item().table_name(&self.table).set_item(Some(item))
    }

    /// Sends a conditional put and asks for the item that made it fail.
    async fn put_if(&self, doing: &'static str, put: PutItemFluentBuilder) -> Result<Put, Fault> {
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else { return Ok(Put::Done) };
        let Some(PutItemError::ConditionalCheckFailedException(refusal)) = error.as_service_error() else {
            return Err(self.fault("dynamodb:PutItem", doing, error));
        };
        match refusal.item().filter(|item| !item.is_empty()) {
            Some(found) => Ok(Put::Refused(Some(Box::new(item::read(doing, &self.table, found.clone())?)))),
            None => Ok(Put::Refused(None)),
        }
    }

    fn fault<E>(&self, operation: &'static str, doing: &'static str, error: SdkError<E>) -> Fault
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        CallError::of(self.call(operation), error).into_fault(doing)
    }

    fn call(&self, operation: &'static str) -> Call {
        Call::new(operation, "table", &self.table)
    }
}

impl Donations for DynamoDonations {
    async fn accept(&self, donation: &Donation) -> Result<Acceptance, Fault> {
        let item = item::write(ACCEPT, &DonationItem::of(donation, 1))?;
        let put = self.put(item).condition_expression("attribute_not_exists(id)");
        match self.put_if(ACCEPT, put).await? {
            Put::Done => Ok(Acceptance::New),
            Put::Refused(Some(found)) => Ok(Acceptance::Known(Box::new(stored(ACCEPT, &found)?))),
            Put::Refused(None) => {
                let call = self.call("dynamodb:PutItem");
                let what = "the donation that is there already";
                Err(Fault::permanent(ACCEPT, CallError::Incomplete { call, what }))
            }
        }
    }

    async fn load(&self, id: &DonationId) -> Result<Option<Stored>, Fault> {
        let get = self.client.get_item().table_name(&self.table).key("id", item::text(id.as_str()));
        let answer = get.consistent_read(true).send().await;
        let answer = answer.map_err(|error| self.fault("dynamodb:GetItem", LOAD, error))?;
        let Some(found) = answer.item else { return Ok(None) };
        stored(LOAD, &item::read(LOAD, &self.table, found)?).map(Some)
    }

    /// The SDK repeats a put whose answer was lost, and the repetition fails the condition because of the first one.
    /// So a put that finds exactly what it wanted to write is a success.
    async fn save(&self, donation: &Donation, loaded: u64) -> Result<Saved, Fault> {
        let wanted = DonationItem::of(donation, loaded.saturating_add(1));
        let put = self
            .put(item::write(SAVE, &wanted)?)
            .condition_expression("#version = :loaded")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":loaded", item::number(loaded));
        match self.put_if(SAVE, put).await? {
            Put::Done => Ok(Saved::Saved),
            Put::Refused(Some(found)) if *found == wanted => Ok(Saved::Saved),
            Put::Refused(_) => Ok(Saved::Conflict),
        }
    }

    async fn owed(&self, shard: u8, now: Timestamp, limit: u16) -> Result<Vec<DonationId>, Fault> {
        let limit = usize::from(limit);
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(OWED_INDEX)
            .key_condition_expression("owed_shard = :shard AND next_check_at <= :now")
            .expression_attribute_values(":shard", item::number(shard))
            .expression_attribute_values(":now", item::number(now.as_millis()));
        let mut ids = Vec::new();
        let mut after = None;
        while ids.len() < limit {
            let wanted = i32::try_from(limit - ids.len()).expect("at most 65,535");
            let page = query.clone().limit(wanted).set_exclusive_start_key(after.take()).send().await;
            let page = page.map_err(|error| self.fault("dynamodb:Query", OWED, error))?;
            for key in page.items.unwrap_or_default() {
                let key: OwedKey = item::read(OWED, &self.table, key)?;
                ids.push(DonationId::parse(&key.id).map_err(|malformed| Fault::permanent(OWED, malformed))?);
            }
            after = page.last_evaluated_key;
            if after.is_none() {
                break;
            }
        }
        Ok(ids)
    }
}

fn is_condition(error: &SdkError<PutItemError>) -> bool {
    error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception)
}

fn stored(doing: &'static str, item: &DonationItem) -> Result<Stored, Fault> {
    let donation = Donation::try_from(item).map_err(|malformed| Fault::permanent(doing, malformed))?;
    Ok(Stored { donation, version: item.version })
}
