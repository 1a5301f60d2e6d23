use adapters_memory::{FaultChoice, Memory, Operation};
use contracts::events::DonationEventType;
use domain::currency::Currency;
use domain::donation::{Command, RefundRequest};
use domain::ids::{IdempotencyKey, Operator, RefundId};
use domain::money::Money;
use domain::takings::{Refund, RefundNews, RefundReason, RefundState, RefundStatus, Standing};
use domain::time::Span;
use tests_stage::{Parking, START, Stage, captured, connectors, message, messages, returned};

use super::*;

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";
const CARD: &str = "pm_card_visa";

fn refund_id(id: &DonationId) -> RefundId {
    RefundId::derive(id, &IdempotencyKey::parse("a-key-of-a-refund").unwrap())
}

/// A captured donation of 25.00 GBP of which so many minor units are asked back.
async fn asked_back(stage: &Stage, minor: Option<u64>) -> DonationId {
    let id = stage.accept(ID, CARD).await;
    take(stage, &id).await;
    let gift = stage.donation(&id).await.gift.amount;
    let request = RefundRequest {
        id: refund_id(&id),
        payment: None,
        amount: minor.map(|minor| Money::from_minor(minor, gift.currency()).unwrap()),
        reason: RefundReason::RequestedByDonor,
        asked_by: Operator::parse("finance@charity.example").unwrap(),
    };
    stage.give(&id, vec![Command::RequestRefund { request, at: START }]).await;
    id
}

/// Has the provider take the money, as `take-payment` would.
async fn take(stage: &Stage, id: &DonationId) {
    use app::ports::{Collection, PaymentProvider};
    let donation = stage.donation(id).await;
    let collection = Collection {
        donation: id.clone(),
        appeal: donation.gift.appeal.clone(),
        amount: donation.gift.amount,
        token: donation.instrument.token.clone(),
        key: domain::ids::ProviderKey::of_attempt(id, 1),
        return_url: String::new(),
        step_up: false,
    };
    stage.world.collect(&collection).await;
    let reference = stage.world.provider_payments()[0].reference.to_string();
    stage.give(id, captured(&reference)).await;
}

async fn announce(stage: &Stage, id: &DonationId) -> Vec<String> {
    let world = &stage.world;
    let refund_payment = RefundPayment::<Memory, Memory, Memory, Memory, Memory> {
        donations: world.clone(),
        events: world.clone(),
        connectors: connectors(stage),
        work: world.clone(),
        clock: world.clone(),
    };
    let batch = vec![message(DonationEventType::RefundRequestedV1, id)];
    returned(handle(&refund_payment, &Parking(world.clone()), messages(stage, &batch)).await.unwrap())
}

async fn refund(stage: &Stage, id: &DonationId) -> Refund {
    let donation = stage.donation(id).await;
    donation.payment.takings().unwrap().refund(&refund_id(id)).unwrap().clone()
}

#[tokio::test]
async fn a_refund_is_made_once_and_announced() {
    let stage = Stage::new();
    let id = asked_back(&stage, None).await;
    assert!(announce(&stage, &id).await.is_empty());
    assert!(announce(&stage, &id).await.is_empty());
    assert_eq!(stage.count(Operation::Refund), 1);
    assert_eq!(stage.donation(&id).await.payment.takings().unwrap().standing(), Standing::Refunded);
    let events: Vec<_> = stage.world.take_events().into_iter().map(|event| event.kind).collect();
    assert_eq!(events, [DonationEventType::PaymentReversedV1]);
}

#[tokio::test]
async fn a_refund_in_part_leaves_the_rest() {
    let stage = Stage::new();
    let id = asked_back(&stage, Some(400)).await;
    assert!(announce(&stage, &id).await.is_empty());
    assert_eq!(stage.world.provider_refunds()[0].amount.minor(), 400);
    assert_eq!(stage.donation(&id).await.payment.takings().unwrap().standing(), Standing::PartiallyRefunded);
}

/// An order says what has gone back of the payment, this refund included: a provider may refuse another sum.
#[tokio::test]
async fn an_order_adds_up_the_refunds_of_its_payment_that_went_through() {
    let stage = Stage::new();
    let id = asked_back(&stage, Some(400)).await;
    announce(&stage, &id).await;
    let ask = async |key: &str, minor: u64| {
        let request = RefundRequest {
            id: RefundId::derive(&id, &IdempotencyKey::parse(key).unwrap()),
            payment: None,
            amount: Some(Money::from_minor(minor, Currency::GBP).unwrap()),
            reason: RefundReason::RequestedByDonor,
            asked_by: Operator::parse("finance@charity.example").unwrap(),
        };
        stage.give(&id, vec![Command::RequestRefund { request, at: START }]).await;
        assert!(announce(&stage, &id).await.is_empty());
    };
    ask("the-second-refund", 300).await;
    let first = stage.world.provider_refunds()[0].clone();
    let came_back = RefundNews { status: RefundStatus::Failed, ..first };
    stage.give(&id, vec![Command::RecordRefund { news: came_back, at: START }]).await;
    ask("the-third-refund", 200).await;
    let orders = stage.world.refund_orders();
    let sums: Vec<_> = orders.iter().map(|order| (order.amount.minor(), order.total.minor())).collect();
    assert_eq!(sums, [(400, 400), (300, 700), (200, 500)]);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_under_the_same_key() {
    let stage = Stage::new();
    let id = asked_back(&stage, None).await;
    stage.strike(Operation::Refund, FaultChoice::UnknownApplied);
    assert!(announce(&stage, &id).await.is_empty(), "the completer takes it up, not the queue");
    assert_eq!(refund(&stage, &id).await.state, RefundState::Requested);
    assert!(announce(&stage, &id).await.is_empty());
    assert!(refund(&stage, &id).await.has_succeeded());
    assert_eq!(stage.world.provider_refunds().len(), 1, "the money went back once");
}

#[tokio::test]
async fn an_old_key_is_never_used_again() {
    let stage = Stage::new();
    let id = asked_back(&stage, None).await;
    stage.strike(Operation::Refund, FaultChoice::UnknownApplied);
    announce(&stage, &id).await;
    stage.world.advance(Span::hours(23));
    announce(&stage, &id).await;
    assert_eq!(stage.count(Operation::Refund), 1);
    assert!(refund(&stage, &id).await.has_succeeded(), "the provider's list told");
}

#[tokio::test]
async fn absence_proves_nothing_before_its_time() {
    let stage = Stage::new();
    let id = asked_back(&stage, None).await;
    stage.strike(Operation::Refund, FaultChoice::UnknownNotApplied);
    announce(&stage, &id).await;
    stage.world.advance(Span::hours(23));
    announce(&stage, &id).await;
    assert_eq!(refund(&stage, &id).await.attempt.unwrap().number, 1);
    stage.world.advance(Span::hours(3));
    announce(&stage, &id).await;
    assert_eq!(refund(&stage, &id).await.attempt.unwrap().number, 2);
    announce(&stage, &id).await;
    assert!(refund(&stage, &id).await.has_succeeded());
}

/// A donation whose refund the provider will never make: somebody has given all of it back already.
async fn given_back_already(stage: &Stage) -> DonationId {
    let id = asked_back(stage, None).await;
    let payment = stage.world.provider_payments()[0].clone();
    stage.world.set_refund(domain::takings::RefundNews {
        id: None,
        reference: domain::ids::ProviderReference::parse("re_dashboard").unwrap(),
        payment: payment.reference,
        amount: payment.amount,
        status: RefundStatus::Succeeded,
    });
    id
}

#[tokio::test]
async fn a_refund_that_the_provider_will_never_make_is_reported() {
    let stage = Stage::new();
    let id = given_back_already(&stage).await;
    assert!(announce(&stage, &id).await.is_empty());
    assert!(refund(&stage, &id).await.has_failed());
    let work = stage.world.work_items();
    assert_eq!(work.len(), 1);
    assert_eq!(work[0].kind, contracts::stored::WorkKind::RefundFailed);
    assert_eq!(work[0].donation_id.as_deref(), Some(id.as_str()));
}

#[tokio::test]
async fn without_a_stored_attempt_nobody_is_asked() {
    let stage = Stage::new();
    let id = asked_back(&stage, None).await;
    stage.strike(Operation::SaveDonation, FaultChoice::Throttle);
    assert_eq!(announce(&stage, &id).await, ["m0"]);
    assert_eq!(stage.count(Operation::Refund), 0);
}

/// The simulation found it (seed 105887): whoever came after found the refund failed already, and told nobody.
#[tokio::test]
async fn a_refund_that_failed_is_reported_by_the_run_after_one_that_did_not_see_it_stored() {
    let stage = Stage::new();
    let id = given_back_already(&stage).await;
    stage.strike(Operation::SaveDonation, FaultChoice::None);
    stage.strike(Operation::SaveDonation, FaultChoice::UnknownApplied);
    assert_eq!(announce(&stage, &id).await, ["m0"]);
    assert!(refund(&stage, &id).await.has_failed() && stage.world.work_items().is_empty());
    assert!(announce(&stage, &id).await.is_empty());
    assert!(announce(&stage, &id).await.is_empty());
    assert_eq!(stage.world.work_items().len(), 1);
}
