//! `Budgets`: what all environments share of a provider's account. Of two that take from it at once, one
//! does.

use app::ports::{Budgets, Saved};
use domain::budget::{Budget, BudgetId, CallKind, Slowed};
use domain::time::Span;
use futures_util::future::join_all;

use crate::fixtures::{NOON, after_noon};
use crate::running::World;

/// A store of budgets, empty at first.
pub(crate) trait BudgetsWorld: World {
    fn budgets(&self) -> impl Budgets;
}

/// Holds an adapter to this suite.
macro_rules! budgets {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, budgets:
            a_budget_that_nobody_has_used_is_fresh,
            a_budget_comes_back_as_it_was_saved,
            a_budget_is_replaced_only_by_who_read_it_last,
            of_many_who_take_at_once_one_does,
            of_two_who_write_the_very_same_one_does,
            budgets_of_different_kinds_and_accounts_are_apart,
        }
    };
}
pub(crate) use budgets;

/// The budget of an account for calls that make something.
pub(crate) fn budget_id() -> BudgetId {
    BudgetId::of("stripe", CallKind::Creates).unwrap()
}

/// A budget that has all that a budget can have.
pub(crate) fn open_budget() -> Budget {
    Budget {
        free_at: NOON.plus(Span::millis(42)),
        slowed: Some(Slowed { at: NOON, rate: 12 }),
        openings: 3,
        open_until: Some(after_noon(16)),
    }
}

fn used_until(millis: u64) -> Budget {
    Budget { free_at: NOON.plus(Span::millis(millis)), ..Budget::FRESH }
}

pub(crate) async fn a_budget_that_nobody_has_used_is_fresh(world: &impl BudgetsWorld) {
    assert_eq!(world.budgets().load(&budget_id()).await.unwrap(), (Budget::FRESH, 0));
}

pub(crate) async fn a_budget_comes_back_as_it_was_saved(world: &impl BudgetsWorld) {
    let budgets = world.budgets();
    for (version, budget) in [open_budget(), used_until(84), Budget::FRESH].into_iter().enumerate() {
        let version = version as u64;
        assert_eq!(budgets.save(&budget_id(), &budget, version).await.unwrap(), Saved::Saved);
        assert_eq!(budgets.load(&budget_id()).await.unwrap(), (budget, version + 1));
    }
}

pub(crate) async fn a_budget_is_replaced_only_by_who_read_it_last(world: &impl BudgetsWorld) {
    let budgets = world.budgets();
    assert_eq!(
        budgets.save(&budget_id(), &used_until(1), 1).await.unwrap(),
        Saved::Conflict,
        "none is there"
    );
    budgets.save(&budget_id(), &used_until(1), 0).await.unwrap();
    for stale in [0, 2, 7] {
        let saved = budgets.save(&budget_id(), &used_until(2), stale).await.unwrap();
        assert_eq!(saved, Saved::Conflict, "{stale}");
    }
    assert_eq!(budgets.load(&budget_id()).await.unwrap(), (used_until(1), 1));
}

pub(crate) async fn of_many_who_take_at_once_one_does(world: &impl BudgetsWorld) {
    let budgets = world.budgets();
    for version in 0..3 {
        let takings = (1..=16).map(|nth| {
            let (budgets, id) = (&budgets, budget_id());
            async move { budgets.save(&id, &used_until(version * 100 + nth), version).await.unwrap() }
        });
        let saved = join_all(takings).await;
        assert_eq!(saved.iter().filter(|saved| **saved == Saved::Saved).count(), 1, "{version}");
    }
}

/// Two environments may well ask for the same in the same millisecond.
pub(crate) async fn of_two_who_write_the_very_same_one_does(world: &impl BudgetsWorld) {
    let budgets = world.budgets();
    let mut saved = Vec::new();
    for _ in 0..2 {
        saved.push(budgets.save(&budget_id(), &used_until(210), 0).await.unwrap());
    }
    assert_eq!(saved, [Saved::Saved, Saved::Conflict]);
}

pub(crate) async fn budgets_of_different_kinds_and_accounts_are_apart(world: &impl BudgetsWorld) {
    let budgets = world.budgets();
    budgets.save(&budget_id(), &open_budget(), 0).await.unwrap();
    for (account, kind) in [("stripe", CallKind::Reads), ("stripe-2", CallKind::Creates)] {
        let other = BudgetId::of(account, kind).unwrap();
        assert_eq!(budgets.load(&other).await.unwrap(), (Budget::FRESH, 0), "{account}");
    }
}
