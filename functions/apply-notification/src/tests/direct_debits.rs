//! Direct debits: a bank says no, takes money back, and gives it back. What is known is not asked again.

use app::connectors::Connectors;
use domain::ids::Provider;
use domain::payment::DeclineReason;
use domain::takings::{DisputeNews, DisputeStatus, Standing, Withdrawal};

use super::*;

const CONFIRMED: &str =
    include_str!("../../../../contracts/providers/gocardless/notifications/payments.confirmed.json");
const FAILED: &str =
    include_str!("../../../../contracts/providers/gocardless/notifications/payments.failed.json");
const CHARGED_BACK: &str =
    include_str!("../../../../contracts/providers/gocardless/notifications/payments.charged_back.json");
const CANCELLED: &str = include_str!(
    "../../../../contracts/providers/gocardless/notifications/payments.chargeback_cancelled.json"
);
/// The payment of the recorded notifications.
const PAYMENT: &str = "PM0EXAMPLE0001";

/// What a notification is asked about: the payment, a taking back, whose it is.
fn asked(stage: &Stage) -> [usize; 3] {
    [Operation::LookUpPayment, Operation::LookUpDispute, Operation::LookUpDonation]
        .map(|operation| stage.count(operation))
}

/// Delivers the one event of a recorded body; gives the messages that come back, and what was asked for it.
async fn tell(stage: &Stage, body: &str) -> (Vec<String>, [usize; 3]) {
    let before = asked(stage);
    let batch: serde_json::Value = serde_json::from_str(body).unwrap();
    let event = &batch["events"][0];
    let id = NotificationId::parse(&format!("gocardless#{}", event["id"].as_str().unwrap())).unwrap();
    let kept = Notification { id: id.clone(), body: event.to_string(), received_at: START };
    Notifications::keep(&stage.world, &kept).await.unwrap();
    let world = &stage.world;
    let apply_notification =
        ApplyNotification::<Memory, EveryNotification, Memory, Memory, Memory, Memory, Memory> {
            notifications: world.clone(),
            reader: EveryNotification,
            donations: world.clone(),
            events: world.clone(),
            connectors: Connectors::new(vec![(Provider::of("gocardless"), world.clone())]),
            work: world.clone(),
            clock: world.clone(),
        };
    let message = json!({
        "id": "019a0000-0000-7000-8000-000000000001",
        "type": "webhook.received.v1",
        "provider": "gocardless",
        "notification_id": id.as_str(),
        "occurred_at": "2026-11-20T20:00:00.000Z",
    });
    let parking = Parking(world.clone());
    let back = returned(handle(&apply_notification, &parking, messages(stage, &[message])).await.unwrap());
    assert!(stage.world.parked().is_empty(), "{:?}", stage.world.parked());
    let after = asked(stage);
    (back, [0, 1, 2].map(|index| after[index] - before[index]))
}

fn payment() -> ProviderReference {
    ProviderReference::parse(PAYMENT).unwrap()
}

fn came() -> PaymentOutcome {
    PaymentOutcome::Captured { reference: payment(), amount: gbp(2_500), created_at: START }
}

/// A donation whose direct debit is at the provider, where it stands so.
async fn debited(stage: &Stage, outcome: PaymentOutcome) -> DonationId {
    stage.world.add_payment(ProviderPayment {
        reference: payment(),
        donation: DonationId::parse(ID).unwrap(),
        amount: gbp(2_500),
        created_at: START,
        outcome,
    });
    let id = stage.accept(ID, "MD0EXAMPLE0001").await;
    stage.give(&id, vec![Command::StartAttempt { at: START, key_life: KeyLife::DAY }]).await;
    id
}

/// The provider says of the `time`th taking back what became of it.
fn taken_back(stage: &Stage, time: u32, is_given_back: bool) {
    let moved = Withdrawal { amount: gbp(2_500), fee: None };
    stage.world.set_dispute(DisputeNews {
        reference: ProviderReference::of_taken_back(&payment(), time),
        payment: payment(),
        status: if is_given_back { DisputeStatus::Won } else { DisputeStatus::Lost },
        withdrawn: Some(moved),
        reinstated: is_given_back.then_some(moved),
    });
}

async fn standing(stage: &Stage, id: &DonationId) -> Standing {
    stage.donation(id).await.payment.takings().unwrap().standing()
}

fn none() -> Vec<String> {
    vec![]
}

#[tokio::test]
async fn a_declined_direct_debit_is_asked_for_once_and_whose_it_is_once() {
    let stage = Stage::new();
    let declined =
        PaymentOutcome::Declined { reference: Some(payment()), reason: DeclineReason::InsufficientFunds };
    let id = debited(&stage, declined).await;
    assert_eq!(tell(&stage, FAILED).await, (none(), [1, 0, 1]));
    assert!(matches!(stage.donation(&id).await.payment, Payment::Declined { .. }));
}

#[tokio::test]
async fn a_capture_that_is_known_is_not_asked_for_again() {
    let stage = Stage::new();
    debited(&stage, came()).await;
    assert_eq!(tell(&stage, CONFIRMED).await, (none(), [1, 0, 1]));
    assert_eq!(tell(&stage, CONFIRMED).await, (none(), [0, 0, 1]));
    assert_eq!(published(&stage), [DonationEventType::PaymentCapturedV1]);
}

#[tokio::test]
async fn what_a_bank_takes_back_is_lost_and_what_it_gives_back_is_won_however_often_each_is_told() {
    let stage = Stage::new();
    let id = debited(&stage, came()).await;
    tell(&stage, CONFIRMED).await;
    taken_back(&stage, 1, false);
    assert_eq!(tell(&stage, CHARGED_BACK).await, (none(), [0, 1, 1]));
    assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
    taken_back(&stage, 1, true);
    assert_eq!(tell(&stage, CANCELLED).await, (none(), [0, 2, 1]));
    for body in [CONFIRMED, CHARGED_BACK, CANCELLED] {
        assert_eq!(tell(&stage, body).await.0, none());
        assert_eq!(standing(&stage, &id).await, Standing::DisputeWon);
    }
    taken_back(&stage, 2, false);
    assert_eq!(tell(&stage, CHARGED_BACK).await, (none(), [0, 1, 1]));
    assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
    let captured = DonationEventType::PaymentCapturedV1;
    let reversed = DonationEventType::PaymentReversedV1;
    assert_eq!(published(&stage), [captured, reversed, reversed, reversed]);
}

#[tokio::test]
async fn a_late_failure_is_told_by_the_same_event_as_a_decline() {
    let stage = Stage::new();
    let id = debited(&stage, came()).await;
    taken_back(&stage, 1, false);
    assert_eq!(tell(&stage, FAILED).await, (none(), [1, 1, 1]), "nobody had heard of the capture");
    assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
    assert_eq!(tell(&stage, CONFIRMED).await.0, none());
    assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
}

#[tokio::test]
async fn the_return_told_before_the_taking_back_and_the_capture_ends_the_same() {
    let stage = Stage::new();
    let id = debited(&stage, came()).await;
    taken_back(&stage, 1, true);
    for body in [CANCELLED, CHARGED_BACK, CONFIRMED] {
        assert_eq!(tell(&stage, body).await.0, none());
        assert_eq!(standing(&stage, &id).await, Standing::DisputeWon);
    }
}

#[tokio::test]
async fn a_payment_that_is_collected_again_after_a_late_failure_is_won_back() {
    let stage = Stage::new();
    let id = debited(&stage, came()).await;
    taken_back(&stage, 1, false);
    tell(&stage, FAILED).await;
    taken_back(&stage, 1, true);
    assert_eq!(tell(&stage, CONFIRMED).await.0, none());
    assert_eq!(standing(&stage, &id).await, Standing::DisputeWon);
}

#[tokio::test]
async fn a_taking_back_that_does_not_show_yet_is_asked_about_again() {
    let stage = Stage::new();
    let id = debited(&stage, came()).await;
    assert_eq!(tell(&stage, CHARGED_BACK).await.0, ["m0"]);
    assert_eq!(standing(&stage, &id).await, Standing::Captured, "the capture was heard of all the same");
    taken_back(&stage, 1, false);
    assert_eq!(tell(&stage, CHARGED_BACK).await.0, none());
    assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
}
