//! Sightings in a DynamoDB table: one tally for each source, card and window, and one for everybody.

use std::collections::HashMap;

use app::ports::{Fault, Note, Velocity};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use contracts::stored::{TallyItem, card_key, everybody_key, source_key};
use domain::screening::{CardMark, Cards, Ending, Seen, Sightings, Source, Tally, Window};
use domain::time::Timestamp;

use super::item;
use crate::call::{Call, CallError};
use crate::connection::Aws;

const READ: &str = "read what has been seen of a source and a card";
const NOTE: &str = "count how a payment ended";

/// The counts over a DynamoDB table with partition key `id`.
///
/// Everybody's tally is one item. DynamoDB writes one item up to a thousand times a second; a provider takes far fewer
/// payments in that time.
#[derive(Debug, Clone)]
pub struct DynamoVelocity {
    client: Client,
    table: String,
}

impl DynamoVelocity {
    /// The counts in this table.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self { client: aws.dynamodb_hasty(), table: table.into() }
    }

    /// All of these items that there are, in one consistent read.
    async fn tallies(&self, keys: &[String]) -> Result<HashMap<String, Tally>, Fault> {
        let keys = keys.iter().map(|key| HashMap::from([("id".to_owned(), item::text(key.as_str()))]));
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys.collect())).consistent_read(true);
        let wanted = wanted.build().map_err(|missing| Fault::permanent(READ, missing))?;
        let answer = self.client.batch_get_item().request_items(&self.table, wanted).send().await;
        let answer = answer.map_err(|error| self.fault("dynamodb:BatchGetItem", READ, error))?;
        if answer.unprocessed_keys.is_some_and(|left| !left.is_empty()) {
            // At most six small items: a throttle, and a second read would meet the same.
            return Err(Fault::transient(READ, "not all of it could be read"));
        }
        let found = answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default();
        let read = |found| {
            let tally: TallyItem = item::read(READ, &self.table, found)?;
            Ok((tally.id.clone(), Tally::from(&tally)))
        };
        found.into_iter().map(read).collect()
    }

    async fn add(
        &self,
        key: String,
        window: Window,
        ending: Ending,
        card: Option<&CardMark>,
    ) -> Result<(), Fault> {
        let (declines, captures) = match ending {
            Ending::Declined => (1_u8, 0_u8),
            Ending::Captured => (0, 1),
        };
        let places = card.map(|card| Cards::one(*card).places());
        let places = places.map(|places| AttributeValue::Ns(places.map(|place| place.to_string()).collect()));
        let more = if places.is_some() { ", #cards :cards" } else { "" };
        let add = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("id", item::text(key))
            .update_expression(format!(
                "SET #expires_at = :expires_at ADD #declines :declines, #captures :captures{more}"
            ))
            .expression_attribute_names("#expires_at", "expires_at")
            .expression_attribute_names("#declines", "declines")
            .expression_attribute_names("#captures", "captures")
            .expression_attribute_values(":expires_at", item::number(window.forgotten_at().as_seconds()))
            .expression_attribute_values(":declines", item::number(declines))
            .expression_attribute_values(":captures", item::number(captures));
        let add = match places {
            Some(places) => add
                .expression_attribute_names("#cards", "cards")
                .expression_attribute_values(":cards", places),
            None => add,
        };
        add.send().await.map_err(|error| self.fault("dynamodb:UpdateItem", NOTE, error))?;
        Ok(())
    }

    fn fault<E>(&self, operation: &'static str, doing: &'static str, error: SdkError<E>) -> Fault
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        CallError::of(Call::new(operation, "table", &self.table), error).into_fault(doing)
    }
}

impl Velocity for DynamoVelocity {
    async fn read(
        &self,
        source: Option<&Source>,
        card: &CardMark,
        now: Timestamp,
    ) -> Result<Sightings, Fault> {
        let window = Window::of(now);
        let both = |key: &dyn Fn(Window) -> String| [key(window), key(window.previous())];
        let source = source.map(|source| both(&|window| source_key(source, window)));
        let card = both(&|window| card_key(card, window));
        let everybody = both(&everybody_key);
        let keys: Vec<_> = source.iter().chain([&card, &everybody]).flatten().cloned().collect();
        let tallies = self.tallies(&keys).await?;
        let seen = |[current, previous]: &[String; 2]| {
            let tally = |key: &String| tallies.get(key).copied().unwrap_or_default();
            Seen { current: tally(current), previous: tally(previous) }
        };
        Ok(Sightings {
            source: source.as_ref().map(seen).unwrap_or_default(),
            card: seen(&card),
            everybody: seen(&everybody),
        })
    }

    /// Three additions at once. The SDK repeats one whose answer was lost, and it may then be counted twice.
    async fn note(&self, note: &Note, now: Timestamp) -> Result<(), Fault> {
        let (window, ending) = (Window::of(now), note.ending);
        let of_source = async {
            match &note.source {
                Some(source) => {
                    self.add(source_key(source, window), window, ending, Some(&note.seen_card)).await
                }
                None => Ok(()),
            }
        };
        let of_card = self.add(card_key(&note.card, window), window, ending, None);
        let of_everybody = self.add(everybody_key(window), window, ending, None);
        let (source, card, everybody) = tokio::join!(of_source, of_card, of_everybody);
        source.and(card).and(everybody)
    }
}
