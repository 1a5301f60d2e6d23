//! The journal.

use adapters_memory::Memory;
use app::ports::{Journal, Posted};
use contracts::stored::{EntryItem, PostedEntry};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Answer, or_fault};
use crate::fixtures::entries::{
    DAY, NEXT_DAY, a_day_later, capture, capture_at_another_moment, capture_of_another_amount, of_each_kind,
    refunded,
};
use crate::suites::journal::JournalWorld;

const DAYS: [&str; 3] = [DAY, NEXT_DAY, "2026-11-22"];

#[derive(Debug, Clone)]
pub(super) enum Step {
    Post { number: u32, form: u8, later: bool },
    Knows { number: u32, form: u8 },
    EntriesOn { day: usize },
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let entry = || (1..4_u32, 0..12_u8);
    prop_oneof![
        5 => (entry(), any::<bool>())
            .prop_map(|((number, form), later)| Step::Post { number, form, later }),
        2 => entry().prop_map(|(number, form)| Step::Knows { number, form }),
        2 => (0..DAYS.len()).prop_map(|day| Step::EntriesOn { day }),
    ]
}

/// An entry of this number. Three of the forms have one id and different contents.
fn entry(number: u32, form: u8) -> PostedEntry {
    match form {
        0..=3 => capture(number),
        4 => capture_of_another_amount(number),
        5 => capture_at_another_moment(number),
        6..=7 => refunded(number),
        _ => {
            let mut each = of_each_kind();
            each.swap_remove(usize::from(form) % each.len())
        }
    }
}

impl Step {
    pub(super) async fn take(&self, world: &impl JournalWorld, _known: &Memory) -> Answer {
        let journal = world.journal();
        match *self {
            Self::Post { number, form, later } => {
                let entry = entry(number, form);
                let entry = if later { a_day_later(&entry) } else { entry };
                or_fault(journal.post(&entry).await, |posted| {
                    let kind = match posted {
                        Posted::New => "posted: new",
                        Posted::Known => "posted: known",
                        Posted::Conflict => "posted: conflict",
                    };
                    Answer::new(kind, Value::Null)
                })
            }
            Self::Knows { number, form } => {
                or_fault(journal.knows(entry(number, form).entry.id()).await, |knows| {
                    Answer::new(if knows { "entry: known" } else { "entry: not known" }, Value::Null)
                })
            }
            Self::EntriesOn { day } => or_fault(journal.entries_on(DAYS[day]).await, |mut entries| {
                entries.sort_by_key(|entry| entry.entry.id().clone());
                let items: Vec<_> = entries.iter().map(EntryItem::from).collect();
                Answer::new(if items.is_empty() { "entries: none" } else { "entries: some" }, json!(items))
            }),
        }
    }
}
