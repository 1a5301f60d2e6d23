//! A storm of webhooks: what has happened is told again, several times over and in any sequence.

use serde::Deserialize;
use serde_json::{Value, json};

use super::event::Event;
use super::letter::{BATCH_MAX, Batch};
use super::refusal::{Refusal, Stop};
use crate::random::shuffle;
use crate::settings::Provider;
use crate::storage::objects::Stored;
use crate::storage::{StorageFault, deliveries, doing};
use crate::work::Work;

/// The most that one storm delivers.
const DELIVERED_MAX: usize = 100_000;

/// What a storm is made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Storm {
    /// Only the events of this payment; those of all resources unless said.
    payment: Option<String>,
    /// How often each event is delivered.
    #[serde(default = "two")]
    copies: usize,
    /// Events in one batch; one event may be in it several times.
    #[serde(default = "full")]
    batch: usize,
    /// The same seed gives the same sequence.
    #[serde(default)]
    seed: u64,
}

fn two() -> usize {
    2
}

fn full() -> usize {
    BATCH_MAX
}

impl Storm {
    /// Owes the storm to every endpoint, from now on. Returns what it is made of.
    pub(crate) fn raise(&self, work: &Work<'_>) -> Result<Value, Stop> {
        if self.copies == 0 || self.batch == 0 || self.batch > BATCH_MAX {
            return Err(
                Refusal::filter("batch", &format!("must be 1 to {BATCH_MAX}, and copies 1 or more")).into()
            );
        }
        let events = self.events(work)?;
        if events.len().saturating_mul(self.copies) > DELIVERED_MAX {
            return Err(
                Refusal::filter("copies", &format!("would be more than {DELIVERED_MAX} events")).into()
            );
        }
        let mut drops: Vec<String> = (0..self.copies).flat_map(|_| events.clone()).collect();
        shuffle(&mut drops, self.seed);
        let mut batches = 0;
        for drops in drops.chunks(self.batch) {
            let batch = Batch::of(drops.to_vec(), work.now_ms);
            work.put(&batch)?;
            deliveries::owe(work.db, Provider::GoCardless, &batch.id, "storm", work.now_ms, 1)?;
            batches += 1;
        }
        Ok(json!({ "events": events.len(), "copies": self.copies, "batches": batches }))
    }

    fn events(&self, work: &Work<'_>) -> Result<Vec<String>, StorageFault> {
        let failed = doing("finding the events of a storm");
        let mut query = work
            .db
            .prepare_cached(
                "SELECT id FROM objects WHERE kind = ?1 AND (?2 IS NULL OR body ->> '$.links.payment' = ?2)
                 ORDER BY seq",
            )
            .map_err(&failed)?;
        query
            .query_map(rusqlite::params![Event::KIND, self.payment], |row| row.get(0))
            .map_err(&failed)?
            .collect::<Result<_, _>>()
            .map_err(failed)
    }
}
