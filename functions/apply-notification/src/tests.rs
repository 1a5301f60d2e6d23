use adapters_memory::{FaultChoice, Memory, Operation};
use adapters_providers::stripe::StripeNotifications;
use app::ports::Notification;
use contracts::events::DonationEventType;
use domain::donation::Command;
use domain::ids::DonationId;
use domain::payment::{KeyLife, MoneyTaken, Payment};
use serde_json::json;
use tests_stage::{Parking, START, Stage, captured, messages, returned};

use super::*;

/// The donation that the recorded notifications name.
const ID: &str = "adaexampledonation22222222";
const SUCCEEDED: &str =
    include_str!("../../../contracts/providers/stripe/events/payment_intent.succeeded.json");
const PROCESSING: &str =
    include_str!("../../../contracts/providers/stripe/events/payment_intent.processing.json");
const FAILED: &str =
    include_str!("../../../contracts/providers/stripe/events/payment_intent.payment_failed.json");
const REFUNDED: &str = include_str!("../../../contracts/providers/stripe/events/charge.refunded.whole.json");

/// Keeps a body under a name of its own and hands over so many messages about it; gives those that come back.
async fn deliver(stage: &Stage, name: &str, body: &str, times: usize) -> Vec<String> {
    let world = &stage.world;
    let id = NotificationId::parse(&format!("stripe#evt_{name}")).unwrap();
    let kept = Notification { id: id.clone(), body: body.to_owned(), received_at: START };
    Notifications::keep(world, &kept).await.unwrap();
    hand(stage, &id, times).await
}

async fn hand(stage: &Stage, id: &NotificationId, times: usize) -> Vec<String> {
    let world = &stage.world;
    let apply_notification = ApplyNotification::<Memory, StripeNotifications, Memory, Memory, Memory> {
        notifications: world.clone(),
        reader: StripeNotifications,
        donations: world.clone(),
        events: world.clone(),
        clock: world.clone(),
    };
    let body = json!({
        "id": "019a0000-0000-7000-8000-000000000001",
        "type": "webhook.received.v1",
        "provider": "stripe",
        "notification_id": id.as_str(),
        "occurred_at": "2026-11-20T20:00:00.000Z",
    });
    let batch = vec![body; times];
    returned(handle(&apply_notification, &Parking(world.clone()), messages(stage, &batch)).await.unwrap())
}

async fn collecting(stage: &Stage) -> DonationId {
    let id = stage.accept(ID, "pm_card_visa").await;
    stage.give(&id, vec![Command::StartAttempt { at: START, key_life: KeyLife::DAY }]).await;
    id
}

fn published(stage: &Stage) -> Vec<DonationEventType> {
    stage.world.take_events().into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn a_capture_that_the_webhook_tells_first_is_stored_and_announced_once() {
    let stage = Stage::new();
    let id = collecting(&stage).await;
    assert!(deliver(&stage, "succeeded", SUCCEEDED, 1).await.is_empty());
    assert!(deliver(&stage, "succeeded", SUCCEEDED, 1).await.is_empty());
    let donation = stage.donation(&id).await;
    assert_eq!(donation.payment.capture().unwrap().reference.as_str(), "pi_3Example00000000000001");
    assert_eq!(published(&stage), [DonationEventType::PaymentCapturedV1]);
}

#[tokio::test]
async fn ten_deliveries_at_once_are_one_capture() {
    let stage = Stage::new();
    let id = collecting(&stage).await;
    deliver(&stage, "succeeded", SUCCEEDED, 10).await;
    let captured = stage.donation(&id).await;
    assert_eq!(captured.payment.money_taken(), MoneyTaken::Yes);
    assert!(published(&stage).contains(&DonationEventType::PaymentCapturedV1));
    assert!(deliver(&stage, "succeeded", SUCCEEDED, 10).await.is_empty());
    assert_eq!(stage.donation(&id).await, captured);
    assert!(published(&stage).is_empty());
}

#[tokio::test]
async fn older_and_weaker_notifications_are_history() {
    let stage = Stage::new();
    let id = collecting(&stage).await;
    assert!(deliver(&stage, "succeeded", SUCCEEDED, 1).await.is_empty());
    let captured = stage.donation(&id).await;
    for (name, body) in [("processing", PROCESSING), ("failed", FAILED), ("again", SUCCEEDED)] {
        assert!(deliver(&stage, name, body, 1).await.is_empty());
        assert_eq!(stage.donation(&id).await, captured, "after {name}");
    }
    assert!(stage.world.parked().is_empty());
}

#[tokio::test]
async fn a_late_capture_overrides_a_decline() {
    let stage = Stage::new();
    let id = collecting(&stage).await;
    deliver(&stage, "failed", FAILED, 1).await;
    assert!(matches!(stage.donation(&id).await.payment, Payment::Declined { .. }));
    deliver(&stage, "succeeded", SUCCEEDED, 1).await;
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Yes);
    assert_eq!(published(&stage), [DonationEventType::PaymentCapturedV1]);
}

#[tokio::test]
async fn a_whole_refund_is_stored_and_announced_once() {
    let stage = Stage::new();
    let id = collecting(&stage).await;
    deliver(&stage, "succeeded", SUCCEEDED, 1).await;
    for _ in 0..3 {
        assert!(deliver(&stage, "refunded", REFUNDED, 1).await.is_empty());
    }
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Returned);
    assert_eq!(
        published(&stage),
        [DonationEventType::PaymentCapturedV1, DonationEventType::PaymentReturnedV1]
    );
}

#[tokio::test]
async fn a_refund_ahead_of_the_news_of_its_capture_comes_back_until_that_has_come() {
    let stage = Stage::new();
    let id = collecting(&stage).await;
    assert_eq!(deliver(&stage, "refunded", REFUNDED, 1).await, ["m0"]);
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::NotKnownYet);
    assert!(deliver(&stage, "succeeded", SUCCEEDED, 1).await.is_empty());
    assert!(deliver(&stage, "refunded", REFUNDED, 1).await.is_empty());
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Returned);
    assert!(stage.world.parked().is_empty());
}

#[tokio::test]
async fn what_may_concern_money_and_fits_nothing_is_parked_for_a_person() {
    let stage = Stage::new();
    assert!(deliver(&stage, "nobody", SUCCEEDED, 1).await.is_empty());
    let id = collecting(&stage).await;
    stage.give(&id, captured("pi_anotherExample")[1..].to_vec()).await;
    let before = stage.donation(&id).await;
    assert!(deliver(&stage, "second", SUCCEEDED, 1).await.is_empty());
    assert_eq!(stage.donation(&id).await, before, "a second capture does not replace the first");
    assert!(
        deliver(&stage, "strange", r#"{"object":"event","type":"payment_intent.beamed_up"}"#, 1)
            .await
            .is_empty()
    );
    let missing = NotificationId::parse("stripe#evt_missing").unwrap();
    assert!(hand(&stage, &missing, 1).await.is_empty());
    let reasons: Vec<_> = stage.world.parked().into_iter().map(|parked| parked.reason).collect();
    let expected =
        ["that it names is not in the store", "a second capture", "not recognised", "is not in the store"];
    assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
    for (reason, expected) in reasons.iter().zip(expected) {
        assert!(reason.contains(expected), "{reason}");
        assert!(!reason.contains("ada@example.org"));
    }
}

#[tokio::test]
async fn a_fault_brings_the_notification_back_and_the_second_time_it_counts_once() {
    for (operation, fault) in [
        (Operation::LoadNotification, FaultChoice::Throttle),
        (Operation::LoadDonation, FaultChoice::UnknownNotApplied),
        (Operation::SaveDonation, FaultChoice::UnknownNotApplied),
        (Operation::SaveDonation, FaultChoice::UnknownApplied),
    ] {
        let stage = Stage::new();
        let id = collecting(&stage).await;
        stage.strike(operation, fault);
        assert_eq!(deliver(&stage, "succeeded", SUCCEEDED, 1).await, ["m0"], "{operation:?} {fault:?}");
        assert!(deliver(&stage, "succeeded", SUCCEEDED, 1).await.is_empty());
        let donation = stage.donation(&id).await;
        assert_eq!(donation.payment.money_taken(), MoneyTaken::Yes);
        assert!(
            donation.owed().capture_entry && donation.next_check.is_some(),
            "the completer announces it, if need be"
        );
    }
}
