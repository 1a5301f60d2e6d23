//! Budgets, and what has been seen of sources and cards: they share a table.

use adapters_memory::Memory;
use app::ports::{Budgets, Note, Saved, Velocity};
use contracts::stored::BudgetItem;
use domain::budget::{Budget, BudgetId, CallKind};
use domain::screening::{CardMark, Ending, MARK_BYTES, Sightings, Source, WINDOW};
use domain::time::{Span, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::donations::Version;
use super::{Answer, or_fault};
use crate::fixtures::NOON;
use crate::suites::budgets::{BudgetsWorld, open_budget};
use crate::suites::velocity::VelocityWorld;

#[derive(Debug, Clone)]
pub(super) enum Step {
    LoadBudget { account: usize },
    SaveBudget { account: usize, budget: u64, version: Version },
    Note { source: Option<u8>, card: u8, seen_card: u8, captured: bool, moment: u64 },
    Read { source: Option<u8>, card: u8, moment: u64 },
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let account = 0..3_usize;
    let (source, card, moment) = (|| proptest::option::weighted(0.8, 1..3_u8), || 1..3_u8, || 0..6_u64);
    prop_oneof![
        1 => account.clone().prop_map(|account| Step::LoadBudget { account }),
        4 => (account, 0..4_u64, Version::any())
            .prop_map(|(account, budget, version)| Step::SaveBudget { account, budget, version }),
        6 => (source(), card(), any::<u8>(), any::<bool>(), moment()).prop_map(
            |(source, card, seen_card, captured, moment)| {
                Step::Note { source, card, seen_card, captured, moment }
            }
        ),
        6 => (source(), card(), moment())
            .prop_map(|(source, card, moment)| Step::Read { source, card, moment }),
    ]
}

fn budget_id(account: usize) -> BudgetId {
    let (account, kind) =
        [("stripe", CallKind::Creates), ("stripe", CallKind::Reads), ("stripe-2", CallKind::Reads)][account];
    BudgetId::of(account, kind).unwrap()
}

fn budget(number: u64) -> Budget {
    match number {
        0 => Budget::FRESH,
        1 => open_budget(),
        _ => Budget { free_at: NOON.plus(Span::millis(number)), ..Budget::FRESH },
    }
}

/// Two moments of each of three windows: the last that belongs to the one before, and its first.
fn at(moment: u64) -> Timestamp {
    let window = Span::millis(WINDOW.as_millis() * (moment / 2));
    NOON.plus(window).minus(Span::millis(moment % 2))
}

fn source(number: u8) -> Source {
    Source::of([number; MARK_BYTES])
}

fn card(number: u8) -> CardMark {
    CardMark::of([number; MARK_BYTES])
}

impl Step {
    pub(super) async fn take<W: BudgetsWorld + VelocityWorld>(&self, world: &W, known: &Memory) -> Answer {
        match *self {
            Self::LoadBudget { account } => {
                let id = budget_id(account);
                or_fault(world.budgets().load(&id).await, |(budget, version)| {
                    let kind = if version == 0 { "budget: fresh" } else { "budget: found" };
                    Answer::new(kind, json!(BudgetItem::of(&id, &budget, version)))
                })
            }
            Self::SaveBudget { account, budget: number, version } => {
                let id = budget_id(account);
                let stored = known.budget_items().into_iter().find(|item| item.id == BudgetItem::key(&id));
                let loaded = version.of(stored.map_or(0, |item| item.version));
                or_fault(world.budgets().save(&id, &budget(number), loaded).await, |saved| match saved {
                    Saved::Saved => Answer::new("budget saved", Value::Null),
                    Saved::Conflict => Answer::new("budget saved: conflict", Value::Null),
                })
            }
            Self::Note { source: from, card: with, seen_card, captured, moment } => {
                let ending = if captured { Ending::Captured } else { Ending::Declined };
                let (source, seen_card) = (from.map(source), card(seen_card));
                let note = Note { source, card: card(with), seen_card, ending };
                or_fault(world.velocity().note(&note, at(moment)).await, |()| {
                    Answer::new("noted", Value::Null)
                })
            }
            Self::Read { source: from, card: with, moment } => {
                let from = from.map(source);
                let read = world.velocity().read(from.as_ref(), &card(with), at(moment)).await;
                or_fault(read, |seen| {
                    let is_empty = seen == Sightings::default();
                    let kind = if is_empty { "sightings: none" } else { "sightings: some" };
                    Answer::new(kind, format!("{seen:?}"))
                })
            }
        }
    }
}
