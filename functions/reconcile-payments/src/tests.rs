mod asked;
mod readings;

use adapters_memory::{FaultChoice, Memory, Operation};
use app::connectors::Connectors;
use contracts::events::DonationEventType;
use contracts::stored::WorkKind;
use domain::currency::Currency;
use domain::donation::Command;
use domain::ids::{DonationId, ProviderReference};
use domain::journal::{EntryKind, Movement, MovementCause};
use domain::money::Money;
use domain::payment::{KeyLife, PaymentOutcome};
use domain::time::Timestamp;
use serde_json::json;
use tests_stage::{START, Stage, connectors, event};

use super::*;

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";

#[derive(Debug, Clone, Copy)]
struct Days;

impl Calendar for Days {
    fn date(&self, moment: Timestamp) -> String {
        contracts::time::to_rfc3339(moment)[..10].to_owned()
    }
}

async fn run(stage: &Stage) -> Result<Run, Error> {
    run_over(stage, connectors(stage)).await
}

/// A run over these providers that has five minutes.
async fn run_over(stage: &Stage, connectors: Connectors<Memory>) -> Result<Run, Error> {
    let world = &stage.world;
    let reconcile_payments =
        ReconcilePayments::<Memory, Memory, Memory, Memory, Memory, Memory, Days, Memory> {
            donations: world.clone(),
            events: world.clone(),
            journal: world.clone(),
            connectors,
            work: world.clone(),
            readings: world.clone(),
            calendar: Days,
            clock: world.clone(),
        };
    let mut invocation = event(stage, json!({}));
    invocation.context.deadline += 270_000;
    handle(&reconcile_payments, Span::hours(48), invocation).await
}

fn gbp(minor: u64) -> Money {
    Money::from_minor(minor, Currency::GBP).unwrap()
}

fn reference(text: &str) -> ProviderReference {
    ProviderReference::parse(text).unwrap()
}

fn movement(number: u32, cause: MovementCause) -> Movement {
    Movement {
        reference: reference(&format!("txn_{number}")),
        cause,
        fee: None,
        fee_returned: None,
        settled_with: None,
        donation: None,
        appeal: None,
        occurred_at: START,
    }
}

/// A donation whose money the provider took without anybody hearing of it.
async fn unheard(stage: &Stage) -> DonationId {
    let id = stage.accept(ID, "pm_card_visa").await;
    let lost = PaymentOutcome::Unknown { reason: "no answer" };
    let commands = vec![
        Command::StartAttempt { at: START, key_life: KeyLife::DAY },
        Command::RecordOutcome { outcome: lost, at: START },
    ];
    stage.give(&id, commands).await;
    let donation = stage.donation(&id).await;
    let collection = app::ports::Collection {
        donation: id.clone(),
        appeal: donation.gift.appeal.clone(),
        amount: donation.gift.amount,
        token: donation.instrument.token.clone(),
        key: domain::ids::ProviderKey::of_attempt(&id, 1),
        return_url: String::new(),
        step_up: false,
    };
    stage.world.collect(&collection).await;
    let payment = stage.world.provider_payments()[0].reference.clone();
    stage.world.add_movement(Movement {
        donation: Some(id.clone()),
        appeal: Some(donation.gift.appeal),
        fee: Some(gbp(58)),
        ..movement(1, MovementCause::Charge { payment, amount: gbp(2_500) })
    });
    id
}

fn kinds(stage: &Stage) -> Vec<String> {
    stage.world.entry_items().into_iter().map(|entry| entry.kind).collect()
}

#[tokio::test]
async fn money_that_nobody_told_us_about_is_found_and_its_fee_booked_once() {
    let stage = Stage::new();
    let id = unheard(&stage).await;
    let first = run(&stage).await.unwrap();
    assert_eq!((first.found, first.faults), (1, 0));
    assert!(stage.donation(&id).await.payment.takings().is_some());
    let events: Vec<_> = stage.world.take_events().into_iter().map(|event| event.kind).collect();
    assert_eq!(events, [DonationEventType::PaymentCapturedV1]);
    assert_eq!(kinds(&stage), [EntryKind::Fee.name()], "the capture is booked by whoever books captures");

    let second = run(&stage).await.unwrap();
    assert_eq!((second.known, second.found), (1, 0));
    assert_eq!(kinds(&stage).len(), 1);
    assert!(stage.world.take_events().is_empty());
}

#[tokio::test]
async fn payouts_are_booked_and_come_back() {
    let stage = Stage::new();
    let payout = reference("po_1");
    stage.world.add_movement(movement(1, MovementCause::Payout { payout: payout.clone(), amount: gbp(900) }));
    run(&stage).await.unwrap();
    stage.world.add_movement(movement(2, MovementCause::PayoutFailed { payout, amount: gbp(900) }));
    run(&stage).await.unwrap();
    let mut kinds = kinds(&stage);
    kinds.sort();
    assert_eq!(kinds, ["payout", "payout_failed"]);
    assert_eq!(stage.world.work_items()[0].kind, WorkKind::PayoutFailed);
}

#[tokio::test]
async fn money_without_a_donation_and_what_nobody_explained_go_to_the_work_list_once() {
    let stage = Stage::new();
    let orphan = MovementCause::Charge { payment: reference("pi_orphan"), amount: gbp(700) };
    stage.world.add_movement(movement(1, orphan));
    let category = "network_cost".to_owned();
    stage.world.add_movement(movement(2, MovementCause::Other { category, amount: gbp(3), is_gain: false }));
    for _ in 0..2 {
        run(&stage).await.unwrap();
    }
    let work: Vec<_> = stage.world.work_items().into_iter().map(|item| (item.kind, item.minor)).collect();
    assert_eq!(work, [(WorkKind::OrphanPayment, Some(700)), (WorkKind::UnexplainedMovement, Some(3))]);
    assert_eq!(
        stage.world.work_items()[1].detail.as_deref(),
        Some("network_cost"),
        "in the provider's words"
    );
    assert_eq!(
        kinds(&stage),
        [EntryKind::Suspense.name()],
        "what nobody explained is booked to suspense, once"
    );
}

#[tokio::test]
async fn every_page_is_read() {
    let stage = Stage::new();
    for number in 0..35 {
        stage.world.add_movement(Movement { fee: Some(gbp(1)), ..movement(number, MovementCause::Fee) });
    }
    assert_eq!(run(&stage).await.unwrap().found, 35);
    assert_eq!(kinds(&stage).len(), 35);
}

#[tokio::test]
async fn what_could_not_be_dealt_with_is_dealt_with_by_the_next_run() {
    let stage = Stage::new();
    unheard(&stage).await;
    stage.strike(Operation::PostEntry, FaultChoice::UnknownApplied);
    assert_eq!(run(&stage).await.unwrap().faults, 1);
    assert_eq!(run(&stage).await.unwrap().faults, 0);
    assert_eq!(kinds(&stage).len(), 1);
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_fails_the_run() {
    let stage = Stage::new();
    stage.strike(Operation::ReadMovements, FaultChoice::Throttle);
    assert!(run(&stage).await.is_err());
}
