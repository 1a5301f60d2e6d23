//! The journal in a DynamoDB table: an entry under its day, and a marker that makes it unique for all days.

use app::ports::{Fault, Journal, Posted};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use contracts::stored::{EntryItem, LEDGER_SHARDS, MarkerItem, PostedEntry, day_partition, marker_key};
use domain::ids::EntryId;
use serde::Serialize;

use super::item;
use crate::call::{self, Call, CallError};
use crate::connection::Aws;

const POST: &str = "post an entry";
const KNOWS: &str = "look an entry up";
const READ: &str = "read the entries of a day";

/// The condition of both puts.
const ABSENT: &str = "attribute_not_exists(pk)";
/// Cancellation code of a put that is not to blame.
const BLAMELESS: &str = "None";
/// Cancellation code of a put whose condition failed.
const CONDITION: &str = "ConditionalCheckFailed";

/// The journal over a DynamoDB table with partition key `pk` and sort key `sk`.
#[derive(Debug, Clone)]
pub struct DynamoJournal {
    client: Client,
    pages: Client,
    table: String,
}

/// Why the marker and the entry were not written, though the request was right.
#[derive(Debug, thiserror::Error)]
enum Cancelled {
    #[error("the marker is there and has no readable hash")]
    MarkerUnreadable,
    #[error("the entry is there without its marker")]
    MarkerMissing,
    #[error("the write was cancelled ({0})")]
    Reasons(String),
}

impl DynamoJournal {
    /// The journal in this table.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self { client: aws.dynamodb().clone(), pages: aws.dynamodb_pages(), table: table.into() }
    }

    fn put(&self, item: &impl Serialize) -> Result<TransactWriteItem, Fault> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::write(POST, item)?))
            .condition_expression(ABSENT)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|missing| Fault::permanent(POST, missing))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Reads why the two puts were cancelled. Reasons come in the order of the puts: marker, entry.
    fn cancelled(&self, cancelled: &TransactionCanceledException, hash: &str) -> Result<Posted, Fault> {
        let reasons = cancelled.cancellation_reasons();
        let codes = [code(reasons.first()), code(reasons.get(1))];
        if codes[0] == CONDITION {
            let found = reasons.first().and_then(CancellationReason::item).filter(|item| !item.is_empty());
            let found = found.ok_or_else(|| Fault::permanent(POST, Cancelled::MarkerUnreadable))?;
            let found: MarkerItem = item::read(POST, &self.table, found.clone())?;
            return Ok(if found.hash == hash { Posted::Known } else { Posted::Conflict });
        }
        let reasons = Cancelled::Reasons(codes.join(", "));
        if codes.iter().any(|code| call::is_transient(code)) {
            return Err(Fault::transient(POST, reasons));
        }
        Err(Fault::permanent(POST, if codes[1] == CONDITION { Cancelled::MarkerMissing } else { reasons }))
    }

    async fn shard(
        &self,
        business_date: &str,
        shard: u8,
        entries: &mut Vec<PostedEntry>,
    ) -> Result<(), Fault> {
        let query = self
            .pages
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :day")
            .expression_attribute_values(":day", item::text(day_partition(business_date, shard)));
        let mut after = None;
        loop {
            let page = query.clone().set_exclusive_start_key(after).send().await;
            let page = page.map_err(|error| {
                CallError::of(Call::new("dynamodb:Query", "table", &self.table), error).into_fault(READ)
            })?;
            for found in page.items.unwrap_or_default() {
                let found: EntryItem = item::read(READ, &self.table, found)?;
                entries.push(
                    PostedEntry::try_from(found).map_err(|malformed| Fault::permanent(READ, malformed))?,
                );
            }
            after = page.last_evaluated_key;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

impl Journal for DynamoJournal {
    /// Both items or neither. The SDK gives each call a token of its own, so its own repetition of a call whose answer
    /// was lost is recognised by DynamoDB; a later call is recognised by the marker.
    async fn post(&self, entry: &PostedEntry) -> Result<Posted, Fault> {
        let entry = EntryItem::from(entry);
        let marker = MarkerItem::from(&entry);
        let write = self.client.transact_write_items();
        let write = write.transact_items(self.put(&marker)?).transact_items(self.put(&entry)?);
        let Err(error) = write.send().await else { return Ok(Posted::New) };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        {
            return self.cancelled(cancelled, &entry.hash);
        }
        Err(CallError::of(Call::new("dynamodb:TransactWriteItems", "table", &self.table), error)
            .into_fault(POST))
    }

    async fn knows(&self, entry: &EntryId) -> Result<bool, Fault> {
        let (pk, sk) = marker_key(entry);
        let get = self.client.get_item().table_name(&self.table);
        let get = get.key("pk", item::text(pk)).key("sk", item::text(sk)).projection_expression("pk");
        let answer = get.send().await.map_err(|error| {
            CallError::of(Call::new("dynamodb:GetItem", "table", &self.table), error).into_fault(KNOWS)
        })?;
        Ok(answer.item.is_some())
    }

    async fn entries_on(&self, business_date: &str) -> Result<Vec<PostedEntry>, Fault> {
        let mut entries = Vec::new();
        for shard in 0..LEDGER_SHARDS {
            self.shard(business_date, shard, &mut entries).await?;
        }
        Ok(entries)
    }
}

fn code(reason: Option<&CancellationReason>) -> &str {
    reason.and_then(CancellationReason::code).unwrap_or(BLAMELESS)
}
