//! Every item of every table, as it lies there: what no port gives back is seen here.

use adapters_aws::Aws;
use adapters_memory::Memory;
use contracts::stored::{BudgetItem, DonationItem, EntryItem, MarkerItem, ReadingItem, TallyItem, WorkItem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::{Answers, Unanswered};

/// What the tables of both hold. The twin has no table of notifications that can be looked at; those are loaded.
pub(super) async fn both(memory: &Memory, aws: &Aws) -> Result<Vec<Answers>, Unanswered> {
    let entries = memory.entry_items();
    let markers: Vec<_> = entries.iter().map(MarkerItem::from).collect();
    let is_budget = |key: &str| key.starts_with("budget#");
    let is_reading = |key: &str| key.starts_with("reading#");
    let is_tally = |key: &str| !is_budget(key) && !is_reading(key);
    let is_marker = |key: &str| key.starts_with("K#");
    Ok(vec![
        answers(memory.donation_items(), items::<DonationItem>(aws, "donations", "id", |_| true).await?),
        answers(entries, items::<EntryItem>(aws, "ledger", "pk", |key| !is_marker(key)).await?),
        answers(markers, items::<MarkerItem>(aws, "ledger", "pk", is_marker).await?),
        answers(memory.budget_items(), items::<BudgetItem>(aws, "limits", "id", is_budget).await?),
        answers(memory.reading_items(), items::<ReadingItem>(aws, "limits", "id", is_reading).await?),
        answers(memory.tally_items(), items::<TallyItem>(aws, "limits", "id", is_tally).await?),
        answers(memory.work_items(), items::<WorkItem>(aws, "work", "id", |_| true).await?),
    ])
}

fn answers<T: Serialize>(twin: Vec<T>, real: Vec<T>) -> Answers {
    let [twin, real] = [twin, real].map(|items| {
        let mut items: Vec<_> = items.iter().map(|item| json!(item)).collect();
        items.sort_by_key(Value::to_string);
        Value::Array(items)
    });
    Answers { reached: vec![], twin, real }
}

/// The items of a table whose key is one of these. All fit into one page.
async fn items<T: DeserializeOwned>(
    aws: &Aws,
    table: &str,
    key: &str,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<T>, Unanswered> {
    let page = aws.dynamodb().scan().table_name(table).consistent_read(true).send().await;
    let page = page.map_err(|error| Unanswered(format!("{table}: {error:?}")))?;
    assert_eq!(page.last_evaluated_key, None, "{table} has more than a page");
    let items = page.items.unwrap_or_default().into_iter();
    let items = items.filter(|item| item[key].as_s().is_ok_and(|key| wanted(key)));
    Ok(items.map(|item| serde_dynamo::from_item(item).unwrap()).collect())
}
