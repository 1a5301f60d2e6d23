use adapters_memory::{FaultChoice, Memory, Operation};
use app::ports::Donations;
use app::screening::{Allowance, RefusedSources, Screening, ScreeningMode};
use contracts::events::DonationEventType;
use domain::ids::DonationId;
use domain::payment::{MoneyTaken, Payment};
use domain::screening::Limits;
use domain::time::Span;
use tests_stage::{Parking, Stage, connectors, message, messages, returned};

use super::*;

mod alarms;
mod counting;
mod listing;
mod metered;
mod screening;
mod sparing;

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";
const CARD: &str = "pm_card_visa";

/// Hands over a batch of so many messages that announce the donation, and gives those that come back.
async fn announce(stage: &Stage, id: &DonationId, times: usize) -> Vec<String> {
    announce_to(&take_payment(stage), stage, id, times).await
}

type InMemory = TakePayment<Memory, Memory, Memory, Memory, Memory, Memory>;

fn take_payment(stage: &Stage) -> InMemory {
    let world = &stage.world;
    TakePayment {
        donations: world.clone(),
        events: world.clone(),
        connectors: connectors(stage),
        addresses: stage.addresses(),
        clock: world.clone(),
        screening: Screening {
            velocity: world.clone(),
            limits: Limits::STANDARD,
            mode: ScreeningMode::Enforce,
            unscreened: Allowance::new(2),
            refused: RefusedSources::default(),
        },
    }
}

async fn announce_to(take_payment: &InMemory, stage: &Stage, id: &DonationId, times: usize) -> Vec<String> {
    let world = &stage.world;
    let batch = vec![message(DonationEventType::DonationAcceptedV1, id); times];
    returned(handle(take_payment, &Parking(world.clone()), messages(stage, &batch)).await.unwrap())
}

fn published(stage: &Stage) -> Vec<DonationEventType> {
    stage.world.take_events().into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn a_payment_is_taken_and_announced_once() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert!(matches!(stage.donation(&id).await.payment, Payment::Captured { .. }));
    assert_eq!(published(&stage), [DonationEventType::PaymentCapturedV1]);
}

#[tokio::test]
async fn a_call_may_take_as_long_as_the_slowest_provider_s() {
    let stage = Stage::new();
    let alone = app::ports::PaymentProvider::call_millis_max(&stage.world);
    assert_eq!(connectors(&stage).call_millis_max(), alone);
    let providers: Vec<_> = connectors(&stage).iter().map(|(provider, _)| provider.to_string()).collect();
    assert_eq!(providers, ["stripe"]);
}

#[tokio::test]
async fn the_attempt_is_stored_before_the_provider_is_called() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    announce(&stage, &id, 1).await;
    let calls = stage.calls();
    let first = |operation| calls.iter().position(|called| *called == operation).unwrap();
    assert!(first(Operation::SaveDonation) < first(Operation::CollectPayment), "{calls:?}");
}

#[tokio::test]
async fn without_a_stored_attempt_nobody_is_called_and_the_message_comes_back() {
    for fault in [FaultChoice::Throttle, FaultChoice::UnknownNotApplied, FaultChoice::UnknownApplied] {
        let stage = Stage::new();
        let id = stage.accept(ID, CARD).await;
        stage.strike(Operation::SaveDonation, fault);
        assert_eq!(announce(&stage, &id, 1).await, ["m0"], "{fault:?}");
        assert_eq!(stage.count(Operation::CollectPayment), 0, "{fault:?}");
        assert!(announce(&stage, &id, 1).await.is_empty());
        assert_eq!(stage.world.provider_payments().len(), 1, "{fault:?}");
        assert_eq!(stage.donation(&id).await.payment.attempt().unwrap().number, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_same_key_finds_the_capture() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    stage.strike(Operation::CollectPayment, FaultChoice::UnknownApplied);
    assert!(announce(&stage, &id, 1).await.is_empty(), "the completer takes it up, not the queue");
    let unknown = stage.donation(&id).await;
    assert!(matches!(unknown.payment, Payment::Unknown { .. }));
    assert_eq!(unknown.payment.money_taken(), MoneyTaken::NotKnownYet);
    assert!(published(&stage).is_empty());

    assert!(announce(&stage, &id, 1).await.is_empty());
    let captured = stage.donation(&id).await;
    assert_eq!(captured.payment.attempt(), unknown.payment.attempt(), "the same attempt, so the same key");
    assert_eq!(captured.payment.money_taken(), MoneyTaken::Yes);
    assert_eq!(stage.count(Operation::CollectPayment), 2);
    assert_eq!(stage.world.provider_payments().len(), 1, "the provider took the money once");
    assert_eq!(published(&stage), [DonationEventType::PaymentCapturedV1]);
}

#[tokio::test]
async fn an_answer_that_could_not_be_stored_is_had_again() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    // The first save stores the attempt, the second the answer.
    stage.strike(Operation::SaveDonation, FaultChoice::None);
    stage.strike(Operation::SaveDonation, FaultChoice::UnknownNotApplied);
    assert_eq!(announce(&stage, &id, 1).await, ["m0"]);
    assert!(matches!(stage.donation(&id).await.payment, Payment::Collecting { .. }));
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert!(matches!(stage.donation(&id).await.payment, Payment::Captured { .. }));
    assert_eq!(stage.world.provider_payments().len(), 1);
}

#[tokio::test]
async fn ten_deliveries_at_once_take_the_money_once() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    announce(&stage, &id, 10).await;
    assert_eq!(stage.world.provider_payments().len(), 1);
    assert!(matches!(stage.donation(&id).await.payment, Payment::Captured { .. }));
    assert!(published(&stage).contains(&DonationEventType::PaymentCapturedV1));
    let before = stage.count(Operation::CollectPayment);
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert_eq!(stage.count(Operation::CollectPayment), before, "what is stored is not asked for again");
    assert!(published(&stage).is_empty(), "nor announced again");
}

#[tokio::test]
async fn a_decline_is_an_answer_and_not_an_error() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_chargeDeclined").await;
    assert!(announce(&stage, &id, 2).await.is_empty());
    let donation = stage.donation(&id).await;
    assert!(matches!(donation.payment, Payment::Declined { .. }));
    assert!(donation.next_check.is_none(), "nothing is owed");
    assert!(published(&stage).is_empty());
}

#[tokio::test]
async fn a_provider_that_turns_the_call_away_has_taken_nothing_and_is_asked_again_later() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    stage.strike(Operation::CollectPayment, FaultChoice::Throttle);
    assert!(announce(&stage, &id, 1).await.is_empty());
    let donation = stage.donation(&id).await;
    assert!(matches!(donation.payment, Payment::Collecting { .. }));
    assert!(donation.next_check.is_some(), "the completer looks at it");
}

#[tokio::test]
async fn an_old_key_is_never_used_again_and_only_proof_of_absence_allows_another() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    stage.strike(Operation::CollectPayment, FaultChoice::UnknownNotApplied);
    announce(&stage, &id, 1).await;

    stage.world.advance(Span::hours(23));
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert_eq!(stage.count(Operation::CollectPayment), 1, "too old to be used");
    assert_eq!(stage.count(Operation::ListPayments), 1, "so the provider is asked");
    assert!(
        matches!(stage.donation(&id).await.payment, Payment::Unknown { .. }),
        "absence proves nothing yet"
    );

    stage.world.advance(Span::hours(3));
    assert!(announce(&stage, &id, 1).await.is_empty());
    let donation = stage.donation(&id).await;
    assert!(matches!(donation.payment, Payment::Captured { .. }));
    assert_eq!(donation.payment.attempt().unwrap().key.as_str(), format!("{ID}-2"));
    assert_eq!(stage.world.provider_payments().len(), 1);
}

#[tokio::test]
async fn a_capture_whose_key_grew_old_is_found_in_the_provider_s_list() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    stage.strike(Operation::CollectPayment, FaultChoice::UnknownApplied);
    announce(&stage, &id, 1).await;
    stage.world.advance(Span::hours(40));
    stage.strike(Operation::ListPayments, FaultChoice::UnknownNotApplied);
    assert!(announce(&stage, &id, 1).await.is_empty(), "the completer asks again");
    assert!(
        matches!(stage.donation(&id).await.payment, Payment::Unknown { .. }),
        "a list that cannot be read proves nothing"
    );
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert_eq!(stage.donation(&id).await.payment.attempt().unwrap().number, 1);
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Yes);
    assert_eq!(stage.world.provider_payments().len(), 1);
}

#[tokio::test]
async fn a_message_about_no_donation_is_parked_and_harms_nobody() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    let stranger = DonationId::parse(&"a".repeat(26)).unwrap();
    assert!(stage.world.load(&stranger).await.unwrap().is_none());
    assert!(announce(&stage, &stranger, 1).await.is_empty());
    let [parked] = &stage.world.parked()[..] else { panic!("one message is parked") };
    assert!(parked.reason.contains("not in the store"));
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert_eq!(stage.world.provider_payments().len(), 1);
}

#[tokio::test]
async fn a_message_that_the_dead_letter_queue_does_not_take_comes_back() {
    let stage = Stage::new();
    let stranger = DonationId::parse(&"a".repeat(26)).unwrap();
    stage.strike(Operation::ParkMessage, FaultChoice::Throttle);
    assert_eq!(announce(&stage, &stranger, 1).await, ["m0"]);
}
