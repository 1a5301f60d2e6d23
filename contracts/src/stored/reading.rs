//! How far a provider's own account of its balance was read.

use domain::ids::Provider;
use domain::reading::{Place, Reading};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The item. It is written for every page, and never expires: without it the next run would read from now back only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingItem {
    /// `reading#provider`.
    pub id: String,
    /// 1 when first written; each write adds 1 and is conditional on the version read.
    pub version: u64,
    /// All that moved before was looked at.
    pub read_until: u64,
    /// Readings in succession that met something that could not be dealt with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<u32>,
    /// How far back the reading goes that has not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<u64>,
    /// Where its next page begins, in the provider's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Whether it has met something that could not be dealt with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_faults: Option<bool>,
}

impl ReadingItem {
    /// The key of a reading's item.
    pub fn key(provider: Provider) -> String {
        format!("reading#{provider}")
    }

    /// The item for a reading at this version.
    pub fn of(provider: Provider, reading: &Reading, version: u64) -> Self {
        let place = reading.under_way.as_ref();
        Self {
            id: Self::key(provider),
            version,
            read_until: reading.read_until.as_millis(),
            again: Some(reading.again).filter(|again| *again > 0),
            since: place.map(|place| place.since.as_millis()),
            begun_at: place.map(|place| place.begun_at.as_millis()),
            after: place.and_then(|place| place.after.clone()),
            has_faults: place.map(|place| place.has_faults).filter(|has_faults| *has_faults),
        }
    }
}

/// Reads a reading back. Half a place, which nobody writes, is none.
impl From<&ReadingItem> for Reading {
    fn from(item: &ReadingItem) -> Self {
        let place = item.since.zip(item.begun_at);
        Self {
            read_until: Timestamp::from_millis(item.read_until),
            again: item.again.unwrap_or(0),
            under_way: place.map(|(since, begun_at)| Place {
                since: Timestamp::from_millis(since),
                begun_at: Timestamp::from_millis(begun_at),
                after: item.after.clone(),
                has_faults: item.has_faults.unwrap_or(false),
            }),
        }
    }
}
