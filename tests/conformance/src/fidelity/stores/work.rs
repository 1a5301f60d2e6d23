//! The work-list.

use adapters_memory::Memory;
use app::ports::WorkList;
use contracts::stored::WorkItem;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::donations::of_moments;
use super::{Answer, or_fault};
use crate::fixtures::after_noon;
use crate::suites::work_list::{WorkListWorld, item, note, operator};

#[derive(Debug, Clone)]
pub(super) enum Step {
    Open { number: u32, found: u64, detailed: bool },
    OpenItems { limit: u16 },
    Close { number: u32, seconds: u64 },
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let number = 1..6_u32;
    prop_oneof![
        3 => (number.clone(), 0..3_u64, any::<bool>())
            .prop_map(|(number, found, detailed)| Step::Open { number, found, detailed }),
        4 => prop_oneof![0..5_u16, Just(100)].prop_map(|limit| Step::OpenItems { limit }),
        2 => (number, 0..3_u64).prop_map(|(number, seconds)| Step::Close { number, seconds }),
    ]
}

/// The item of this number, found at one of few moments, the first of which has fewer digits.
fn work(number: u32, found: u64, detailed: bool) -> WorkItem {
    let opened_at = if found == 0 { 999_999_999_999 } else { after_noon(found).as_millis() };
    let bare = WorkItem { opened_at, ..item(number) };
    if !detailed {
        return bare;
    }
    let detail = Some("issuing_authorization_hold".to_owned());
    WorkItem { minor: Some(found), currency: Some("GBP".to_owned()), detail, ..bare }
}

impl Step {
    pub(super) async fn take(&self, world: &impl WorkListWorld, _known: &Memory) -> Answer {
        let list = world.work_list();
        match *self {
            Self::Open { number, found, detailed } => {
                or_fault(list.open(&work(number, found, detailed)).await, |is_new| {
                    Answer::new(if is_new { "work: opened" } else { "work: known" }, Value::Null)
                })
            }
            Self::OpenItems { limit } => or_fault(list.open_items(limit).await, |items| {
                let kinds = ["work: none open", "work: some open", "work: as many as asked for"];
                of_moments(kinds, items.iter().map(|item| (item.opened_at, json!(item))), limit)
            }),
            Self::Close { number, seconds } => {
                let closed = list.close(&item(number).id, &operator(), &note(), after_noon(seconds)).await;
                or_fault(closed, |closed| {
                    Answer::new(if closed { "work: closed" } else { "work: nothing to close" }, Value::Null)
                })
            }
        }
    }
}
