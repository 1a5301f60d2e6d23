//! A person's decision, inside a donation's item.

use domain::donation::{Resolution, Resolved};
use domain::ids::{Note, Operator};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MalformedItem, read};

/// What was decided, by whom, why and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedItem {
    /// Name of the resolution.
    pub resolution: String,
    /// By whom.
    pub by: String,
    /// Why, in their words.
    pub note: String,
    /// When.
    pub at: u64,
}

impl From<&Resolved> for ResolvedItem {
    fn from(resolved: &Resolved) -> Self {
        Self {
            resolution: resolved.resolution.name().to_owned(),
            by: resolved.by.to_string(),
            note: resolved.note.to_string(),
            at: resolved.at.as_millis(),
        }
    }
}

impl ResolvedItem {
    pub(super) fn read(&self) -> Result<Resolved, MalformedItem> {
        Ok(Resolved {
            resolution: Resolution::parse(&self.resolution)
                .ok_or_else(|| MalformedItem::unknown("resolutions.resolution"))?,
            by: read("resolutions.by", Operator::parse(&self.by))?,
            note: read("resolutions.note", Note::parse(&self.note))?,
            at: Timestamp::from_millis(self.at),
        })
    }
}
