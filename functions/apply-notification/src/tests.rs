mod direct_debits;

use adapters_memory::{FaultChoice, Memory, Operation, ProviderPayment};
use adapters_providers::EveryNotification;
use app::apply_notification::ORPHAN_AFTER;
use app::ports::Notification;
use contracts::events::DonationEventType;
use contracts::stored::WorkKind;
use domain::currency::Currency;
use domain::donation::Command;
use domain::ids::{DonationId, ProviderReference};
use domain::money::Money;
use domain::payment::{KeyLife, MoneyTaken, Payment, PaymentOutcome};
use serde_json::json;
use tests_stage::{Log, Parking, START, Stage, captured, connectors, messages, returned};

use super::*;

/// The donation that the recorded notifications name.
const ID: &str = "adaexampledonation22222222";
const SUCCEEDED: &str =
    include_str!("../../../contracts/providers/stripe/events/payment_intent.succeeded.json");
const PROCESSING: &str =
    include_str!("../../../contracts/providers/stripe/events/payment_intent.processing.json");
const FAILED: &str =
    include_str!("../../../contracts/providers/stripe/events/payment_intent.payment_failed.json");
const REFUNDED: &str =
    include_str!("../../../contracts/providers/stripe/events/refund.created.made_at_provider.json");

const PAYOUT_FAILED: &str = include_str!("../../../contracts/providers/stripe/events/payout.failed.json");
const DISPUTE_OPENED: &str =
    include_str!("../../../contracts/providers/stripe/events/charge.dispute.created.json");
const DISPUTE_WITHDRAWN: &str =
    include_str!("../../../contracts/providers/stripe/events/charge.dispute.funds_withdrawn.json");
const DISPUTE_LOST: &str =
    include_str!("../../../contracts/providers/stripe/events/charge.dispute.closed.lost.json");

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
    let apply_notification =
        ApplyNotification::<Memory, EveryNotification, Memory, Memory, Memory, Memory, Memory> {
            notifications: world.clone(),
            reader: EveryNotification,
            donations: world.clone(),
            events: world.clone(),
            connectors: connectors(stage),
            work: world.clone(),
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
    known_at_the_provider(stage);
    let id = stage.accept(ID, "pm_card_visa").await;
    stage.give(&id, vec![Command::StartAttempt { at: START, key_life: KeyLife::DAY }]).await;
    id
}

/// The payment of the recorded notifications, as the provider knows it.
fn known_at_the_provider(stage: &Stage) {
    let reference = ProviderReference::parse("pi_3Example00000000000001").unwrap();
    stage.world.add_payment(ProviderPayment {
        reference: reference.clone(),
        donation: DonationId::parse(ID).unwrap(),
        amount: gbp(2_500),
        created_at: START,
        outcome: PaymentOutcome::Captured { reference, amount: gbp(2_500), created_at: START },
    });
}

fn gbp(minor: u64) -> Money {
    Money::from_minor(minor, Currency::GBP).unwrap()
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
    assert_eq!(donation.payment.takings().unwrap().kept().reference.as_str(), "pi_3Example00000000000001");
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
        [DonationEventType::PaymentCapturedV1, DonationEventType::PaymentReversedV1]
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
async fn a_second_capture_is_booked_and_goes_back() {
    let stage = Stage::new();
    let id = collecting(&stage).await;
    stage.give(&id, captured("pi_anotherExample")[1..].to_vec()).await;
    let log = Log::begin();
    assert!(deliver(&stage, "second", SUCCEEDED, 2).await.is_empty());
    assert!(log.alarms().contains(&"second-capture".to_owned()), "an operator is told");
    let donation = stage.donation(&id).await;
    let takings = donation.payment.takings().unwrap();
    assert_eq!(takings.captures().len(), 2);
    let [refund] = takings.refunds() else { panic!("one of the two goes back") };
    assert_eq!((refund.amount, &refund.payment), (gbp(2_500), &takings.duplicates()[0].reference));
    assert!(published(&stage).contains(&DonationEventType::RefundRequestedV1));
}

#[tokio::test]
async fn money_without_a_donation_is_waited_for_and_then_reported_once() {
    let stage = Stage::new();
    assert_eq!(deliver(&stage, "nobody", SUCCEEDED, 1).await, ["m0"], "the donation may still come");
    assert!(stage.world.work_items().is_empty());
    stage.world.advance(ORPHAN_AFTER);
    for _ in 0..2 {
        assert!(deliver(&stage, "nobody", SUCCEEDED, 1).await.is_empty());
    }
    let [item] = &stage.world.work_items()[..] else { panic!("it is reported once") };
    assert_eq!(
        (item.kind, item.minor, item.donation_id.as_deref()),
        (WorkKind::OrphanPayment, Some(2_500), Some(ID))
    );
    assert!(stage.world.parked().is_empty());
}

#[tokio::test]
async fn a_payout_that_came_back_is_reported() {
    let stage = Stage::new();
    assert!(deliver(&stage, "payout", PAYOUT_FAILED, 1).await.is_empty());
    assert_eq!(stage.world.work_items()[0].kind, WorkKind::PayoutFailed);
}

#[tokio::test]
async fn a_dispute_moves_with_its_news_whatever_their_order() {
    let news = [DISPUTE_OPENED, DISPUTE_WITHDRAWN, DISPUTE_LOST];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let stage = Stage::new();
        let id = collecting(&stage).await;
        deliver(&stage, "succeeded", SUCCEEDED, 1).await;
        for index in order {
            assert!(deliver(&stage, &format!("dispute{index}"), news[index], 1).await.is_empty());
        }
        let donation = stage.donation(&id).await;
        assert_eq!(donation.payment.shown_name(), "dispute_lost", "{order:?}");
        assert_eq!(donation.payment.money_taken(), MoneyTaken::Returned);
        assert_eq!(donation.entries_owed().count(), 3, "{order:?}: captured, opened, lost");
        assert!(stage.world.parked().is_empty());
    }
}

#[tokio::test]
async fn without_the_provider_a_notification_that_needs_it_comes_back() {
    let stage = Stage::new();
    let id = collecting(&stage).await;
    deliver(&stage, "succeeded", SUCCEEDED, 1).await;
    stage.strike(Operation::LookUpDonation, FaultChoice::Throttle);
    assert_eq!(deliver(&stage, "refunded", REFUNDED, 1).await, ["m0"]);
    assert!(deliver(&stage, "refunded", REFUNDED, 1).await.is_empty());
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Returned);
}

#[tokio::test]
async fn a_refund_of_a_capture_that_nobody_has_told_us_about_waits_for_that_news() {
    let stage = Stage::new();
    let id = collecting(&stage).await;
    stage.give(&id, captured("pi_anotherExample")[1..].to_vec()).await;
    assert_eq!(deliver(&stage, "refunded", REFUNDED, 1).await, ["m0"]);
    assert!(deliver(&stage, "second", SUCCEEDED, 1).await.is_empty());
    assert!(deliver(&stage, "refunded", REFUNDED, 1).await.is_empty());
    let donation = stage.donation(&id).await;
    let refunds = donation.payment.takings().unwrap().refunds();
    assert!(
        refunds.iter().any(|refund| refund.payment.as_str() == "pi_3Example00000000000001"),
        "{refunds:?}"
    );
}

#[tokio::test]
async fn what_nobody_has_taught_us_is_parked_for_a_person() {
    let stage = Stage::new();
    let strange = r#"{"object":"event","type":"payment_intent.beamed_up"}"#;
    assert!(deliver(&stage, "strange", strange, 1).await.is_empty());
    let missing = NotificationId::parse("stripe#evt_missing").unwrap();
    assert!(hand(&stage, &missing, 1).await.is_empty());
    let reasons: Vec<_> = stage.world.parked().into_iter().map(|parked| parked.reason).collect();
    let expected = ["not recognised", "is not in the store"];
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
            donation.owed().entries && donation.next_check.is_some(),
            "the completer announces it, if need be"
        );
    }
}
