//! A line with the field `alarm` tells an operator. Each is raised when it should be, and only then.

use app::ports::PaymentProvider;
use domain::screening::{MARK_BYTES, Source};
use tests_stage::Log;

use super::metered::{Play, collection};
use super::*;

/// The alarms that are raised when this strikes so many calls for a payment.
async fn raised(calls: usize, operation: Operation, choice: FaultChoice) -> Vec<String> {
    let play = Play::new();
    let environment = play.environment(25);
    play.strike(Box::new(
        move |call, _| {
            if call.operation == operation { choice } else { FaultChoice::None }
        },
    ));
    let log = Log::begin();
    for number in 0..calls {
        environment.collect(&collection(number)).await;
    }
    log.alarms()
}

#[tokio::test]
async fn a_provider_that_is_left_alone_raises_an_alarm_once() {
    let failing = FaultChoice::UnknownNotApplied;
    assert_eq!(raised(4, Operation::CollectPayment, failing).await, [""; 0]);
    assert_eq!(raised(5, Operation::CollectPayment, failing).await, ["provider-breaker-open"]);
}

#[tokio::test]
async fn a_provider_that_asks_for_fewer_calls_raises_an_alarm_each_time_it_is_news() {
    let alarms = raised(1, Operation::CollectPayment, FaultChoice::Throttle).await;
    assert!(!alarms.is_empty() && alarms.iter().all(|alarm| alarm == "provider-limit"), "{alarms:?}");
    assert_eq!(raised(3, Operation::CollectPayment, FaultChoice::None).await, [""; 0]);
}

#[tokio::test]
async fn a_budget_that_cannot_be_read_or_written_raises_an_alarm() {
    for operation in [Operation::LoadBudget, Operation::SaveBudget] {
        let alarms = raised(1, operation, FaultChoice::Throttle).await;
        assert_eq!(alarms, ["provider-budget-blind"], "{operation:?}");
    }
}

#[tokio::test]
async fn screening_that_cannot_see_raises_an_alarm() {
    for (operation, alarm) in
        [(Operation::ReadSightings, "screening-unavailable"), (Operation::NoteEnding, "screening-blind")]
    {
        let stage = Stage::new();
        let id = stage.accept_from(ID, CARD, Some(Source::of([1; MARK_BYTES]))).await;
        stage.strike(operation, FaultChoice::Throttle);
        let log = Log::begin();
        announce(&stage, &id, 1).await;
        assert_eq!(log.alarms(), [alarm]);
    }
}
