//! What operators see of payments in metrics.

use std::pin::pin;

use contracts::telemetry::{Metric, Scope, TraceContext, within};

use super::metered::{Play, collection};
use super::*;

/// What the work measures: metric, labels, value.
async fn measured(work: impl Future) -> Vec<(Metric, Vec<String>, u64)> {
    let (_, measured) = within(Scope::new(TraceContext::begin("a test")), pin!(work)).await;
    measured.into_iter().map(|one| (one.metric, one.labels, one.value)).collect()
}

/// How many payments were captured, declined and left unknown.
fn ended(captured: u64, declined: u64, unknown: u64) -> Vec<(Metric, Vec<String>, u64)> {
    [
        (Metric::PaymentsCaptured, captured),
        (Metric::PaymentsDeclined, declined),
        (Metric::PaymentsUnknown, unknown),
    ]
    .map(|(metric, value)| (metric, vec![], value))
    .into()
}

#[tokio::test]
async fn how_a_payment_ended_is_counted_once_and_what_came_in_by_currency_and_appeal() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    let gift = stage.donation(&id).await.gift;
    let environment = take_payment(&stage);
    stage.strike(Operation::CollectPayment, FaultChoice::UnknownApplied);
    assert_eq!(measured(environment.run(&id)).await, ended(0, 0, 1));
    let labels = ["GBP", gift.appeal.as_str()].map(str::to_owned).to_vec();
    let mut captured = vec![(Metric::CapturedMinorUnits, labels, gift.amount.minor())];
    captured.extend(ended(1, 0, 0));
    assert_eq!(measured(environment.run(&id)).await, captured);
    assert_eq!(measured(environment.run(&id)).await, [], "it is so already");

    let declined = Stage::new();
    let id = declined.accept(ID, "pm_card_chargeDeclined").await;
    assert_eq!(measured(take_payment(&declined).run(&id)).await, ended(0, 1, 0));
}

#[tokio::test]
async fn an_ending_that_is_not_stored_is_not_counted() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    // The first save stores the attempt, the second the answer.
    stage.strike(Operation::SaveDonation, FaultChoice::None);
    stage.strike(Operation::SaveDonation, FaultChoice::UnknownNotApplied);
    assert_eq!(measured(take_payment(&stage).run(&id)).await, []);
}

#[tokio::test]
async fn how_long_a_provider_takes_is_measured_by_account_without_the_wait_for_a_turn() {
    let play = Play::new();
    // One call a second: the second waits for that long.
    let environment = play.environment(2);
    play.strike(Box::new(|call, _| match call.operation {
        Operation::CollectPayment => FaultChoice::Slow(Span::millis(300)),
        _ => FaultChoice::None,
    }));
    for number in 0..2 {
        let (collection, account) = (collection(number), vec!["stripe".to_owned()]);
        let call = app::ports::PaymentProvider::collect(&environment, &collection);
        assert_eq!(measured(call).await, [(Metric::ProviderMillis, account, 300)]);
    }
}
