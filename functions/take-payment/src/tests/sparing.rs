//! How seldom the store of budgets is asked, however many calls wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::ports::{Budgets, Saved};
use domain::budget::{Budget, BudgetId, CallKind};
use tests_stage::START;

use super::metered::{LEFT_ALONE, Play, are_captured, collect_all, collection};
use super::*;

/// Counts the looks at a budget, and lets this fault strike each.
fn looks(play: &Play, choice: FaultChoice) -> Arc<AtomicUsize> {
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    play.strike(Box::new(move |call, _| {
        if call.operation != Operation::LoadBudget {
            return FaultChoice::None;
        }
        counted.fetch_add(1, Ordering::Relaxed);
        choice
    }));
    looks
}

#[tokio::test]
async fn calls_that_wait_for_their_moments_look_for_news_once_a_second_together() {
    let play = Play::new();
    // One call a second.
    let environment = play.environment(2);
    let looks = looks(&play, FaultChoice::None);
    assert!(are_captured(&collect_all(&environment, 0..6).await));
    assert_eq!(play.starts(), [0, 1_000, 2_000, 3_000, 4_000, 5_000]);
    assert_eq!(looks.load(Ordering::Relaxed), 6, "each slice is news enough for all that wait");
}

#[tokio::test]
async fn while_nothing_is_lent_one_call_looks_for_all_that_wait() {
    let play = Play::new();
    let environment = play.environment(25);
    let creates = BudgetId::of("stripe", CallKind::Creates).unwrap();
    let open = Budget { openings: 4, open_until: Some(START.plus(Span::seconds(60))), ..Budget::FRESH };
    Budgets::save(&play.world, &creates, &open, 0).await.unwrap();
    let looks = looks(&play, FaultChoice::None);
    assert!(collect_all(&environment, 0..10).await.iter().all(|outcome| *outcome == LEFT_ALONE));
    assert_eq!(looks.load(Ordering::Relaxed), 16, "two a second for eight seconds");
}

#[tokio::test]
async fn a_store_that_fails_is_left_alone_for_a_second() {
    let play = Play::new();
    let environment = play.environment(25);
    let looks = looks(&play, FaultChoice::Throttle);
    assert!(are_captured(&collect_all(&environment, 0..10).await));
    assert_eq!(play.starts().last(), Some(&4_500), "two a second of its own");
    assert!(looks.load(Ordering::Relaxed) <= 5, "{looks:?}");
}

#[tokio::test]
async fn a_probe_that_is_refused_for_its_rate_closes_the_breaker_for_the_provider_is_there() {
    let play = Play::new();
    let environment = play.environment(25);
    let creates = BudgetId::of("stripe", CallKind::Creates).unwrap();
    let open = Budget { openings: 2, open_until: Some(START), ..Budget::FRESH };
    Budgets::save(&play.world, &creates, &open, 0).await.unwrap();
    play.strike(Box::new(|call, _| match call.operation {
        Operation::CollectPayment => FaultChoice::Throttle,
        _ => FaultChoice::None,
    }));
    app::ports::PaymentProvider::collect(&environment, &collection(0)).await;
    let budget = play.world.budget_items()[0].clone();
    assert_eq!(budget.openings, None);
    assert!(budget.slowed_rate.is_some_and(|rate| rate <= 12), "{budget:?}");
}

#[tokio::test]
async fn a_call_that_began_before_the_breaker_opened_and_is_refused_for_its_rate_leaves_it_open() {
    let play = Play::new();
    let environment = play.environment(25);
    play.strike(Box::new(|call, _| match call.operation {
        Operation::CollectPayment => FaultChoice::Throttle,
        _ => FaultChoice::None,
    }));
    let creates = BudgetId::of("stripe", CallKind::Creates).unwrap();
    // Another environment opens it while the call is under way.
    let another = async {
        while play.starts().is_empty() {
            tokio::task::yield_now().await;
        }
        loop {
            let (budget, version) = Budgets::load(&play.world, &creates).await.unwrap();
            let open = Budget { openings: 4, open_until: Some(START.plus(Span::seconds(60))), ..budget };
            if Budgets::save(&play.world, &creates, &open, version).await.unwrap() == Saved::Saved {
                break;
            }
        }
    };
    let collection = collection(0);
    tokio::join!(app::ports::PaymentProvider::collect(&environment, &collection), another);
    let budget = play.world.budget_items()[0].clone();
    assert_eq!((budget.openings, budget.slowed_rate), (Some(4), Some(12)));
    assert_eq!(play.starts().len(), 1, "and nobody calls");
}
