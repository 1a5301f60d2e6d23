//! `PaymentProvider` when calls are turned away or lost: unknown is never no, and the key mends it.

use app::ports::{Fault, PaymentProvider};
use domain::ids::{ProviderKey, ProviderReference};
use domain::payment::PaymentOutcome;
use domain::takings::RefundOutcome;
use domain::time::Span;

use super::provider::{ProviderWorld, captured_reference, collection, find, reference_of};
use super::reversals::{captured, known, order};
use crate::fixtures::donations::id;
use crate::fixtures::{NOON, gbp};

/// What strikes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    /// The provider turns a request that moves money away, for there are too many.
    Throttle,
    /// A request that moves money is lost before it has its effect.
    LostBefore,
    /// The answer to a request that moves money is lost after its effect.
    LostAfter,
    /// The answer to a question is lost.
    LostQuestion,
}

/// Holds an adapter to this suite.
macro_rules! provider_faults {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, provider_faults:
            a_call_that_was_turned_away_took_no_money_and_may_be_made_again,
            a_call_that_was_lost_on_the_way_is_unknown_and_may_be_made_again,
            a_call_whose_answer_was_lost_is_unknown_and_takes_the_money_once,
            a_payment_whose_answer_was_lost_is_found,
            a_question_whose_answer_was_lost_proves_nothing,
            a_refund_that_was_turned_away_gave_nothing_back_and_may_be_asked_for_again,
            a_refund_whose_answer_was_lost_is_unknown_and_gives_the_money_back_once,
            a_payment_whose_calling_off_was_lost_is_unknown_and_is_called_off,
            a_question_about_what_followed_that_was_lost_proves_nothing,
        }
    };
}
pub(crate) use provider_faults;

pub(crate) async fn a_call_that_was_turned_away_took_no_money_and_may_be_made_again(
    world: &impl ProviderWorld,
) {
    let (provider, collection) = (world.provider(), collection(1, 1, "pm_card_visa"));
    world.strike(Strike::Throttle).await;
    let outcome = provider.collect(&collection).await.said.outcome;
    assert!(matches!(outcome, PaymentOutcome::NotExecuted { .. }), "{outcome:?}");
    assert_eq!(world.payments(&id(1)).await, 0);
    captured_reference(&provider.collect(&collection).await.said.outcome);
    assert_eq!(world.payments(&id(1)).await, 1);
}

pub(crate) async fn a_call_that_was_lost_on_the_way_is_unknown_and_may_be_made_again(
    world: &impl ProviderWorld,
) {
    let (provider, collection) = (world.provider(), collection(1, 1, "pm_card_visa"));
    world.strike(Strike::LostBefore).await;
    let outcome = provider.collect(&collection).await.said.outcome;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(world.payments(&id(1)).await, 0);
    assert_eq!(find(&provider, &id(1), NOON.minus(Span::hours(1))).await.unwrap(), None);
    captured_reference(&provider.collect(&collection).await.said.outcome);
    assert_eq!(world.payments(&id(1)).await, 1);
}

pub(crate) async fn a_call_whose_answer_was_lost_is_unknown_and_takes_the_money_once(
    world: &impl ProviderWorld,
) {
    let (provider, collection) = (world.provider(), collection(1, 1, "pm_card_visa"));
    world.strike(Strike::LostAfter).await;
    let outcome = provider.collect(&collection).await.said.outcome;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(world.payments(&id(1)).await, 1);
    captured_reference(&provider.collect(&collection).await.said.outcome);
    assert_eq!(world.payments(&id(1)).await, 1);
}

pub(crate) async fn a_payment_whose_answer_was_lost_is_found(world: &impl ProviderWorld) {
    let provider = world.provider();
    world.strike(Strike::LostAfter).await;
    provider.collect(&collection(1, 1, "pm_card_visa")).await;
    let found = find(&provider, &id(1), NOON.minus(Span::hours(1))).await.unwrap().unwrap();
    let again = provider.collect(&collection(1, 1, "pm_card_visa")).await.said.outcome;
    assert_eq!(found, again);
    captured_reference(&found);
}

pub(crate) async fn a_question_whose_answer_was_lost_proves_nothing(world: &impl ProviderWorld) {
    let provider = world.provider();
    let said = provider.collect(&collection(1, 1, "pm_card_visa")).await.said.outcome;
    let reference: ProviderReference = captured_reference(&said).clone();
    world.strike(Strike::LostQuestion).await;
    let outcome = provider.look_up(&reference).await.said;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
    world.strike(Strike::LostQuestion).await;
    let fault = find(&provider, &id(2), NOON).await.unwrap_err();
    assert!(matches!(fault, Fault::Transient { .. }), "{}", fault.chain());
    assert_eq!(provider.look_up(&reference).await.said, said);
}

pub(crate) async fn a_refund_that_was_turned_away_gave_nothing_back_and_may_be_asked_for_again(
    world: &impl ProviderWorld,
) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    let order = order(&payment, "1", gbp(1_000));
    world.strike(Strike::Throttle).await;
    let outcome = provider.refund(&order).await.said;
    assert!(matches!(outcome, RefundOutcome::NotExecuted { .. }), "{outcome:?}");
    assert_eq!(world.refunds().await, 0);
    known(provider.refund(&order).await.said);
    assert_eq!(world.refunds().await, 1);
}

pub(crate) async fn a_refund_whose_answer_was_lost_is_unknown_and_gives_the_money_back_once(
    world: &impl ProviderWorld,
) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    let order = order(&payment, "1", gbp(1_000));
    for (strike, made) in [(Strike::LostBefore, 0), (Strike::LostAfter, 1)] {
        world.strike(strike).await;
        let outcome = provider.refund(&order).await.said;
        assert!(matches!(outcome, RefundOutcome::Unknown { .. }), "{outcome:?}");
        assert_eq!(world.refunds().await, made);
        let found = provider.find_refund(&payment, &order.refund).await.said.unwrap();
        assert_eq!(found.is_some(), made == 1);
    }
    let found = provider.find_refund(&payment, &order.refund).await.said.unwrap().unwrap();
    assert_eq!(known(provider.refund(&order).await.said), found);
    assert_eq!(world.refunds().await, 1);
}

pub(crate) async fn a_payment_whose_calling_off_was_lost_is_unknown_and_is_called_off(
    world: &impl ProviderWorld,
) {
    let (provider, key) = (world.provider(), ProviderKey::of_cancel(&id(1), 1));
    let waiting = collection(1, 1, "pm_card_authenticationRequired");
    let payment = reference_of(&provider.collect(&waiting).await.said.outcome);
    world.strike(Strike::LostAfter).await;
    let outcome = provider.call_off(&payment, &key).await.said;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
    let cancelled = PaymentOutcome::Cancelled { reference: payment.clone() };
    assert_eq!(provider.look_up(&payment).await.said, cancelled);
    assert_eq!(provider.call_off(&payment, &key).await.said, cancelled);
}

pub(crate) async fn a_question_about_what_followed_that_was_lost_proves_nothing(world: &impl ProviderWorld) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    let order = order(&payment, "1", gbp(100));
    let refund = known(provider.refund(&order).await.said).reference;
    let dispute = world.dispute(&payment).await;
    world.strike(Strike::LostQuestion).await;
    let outcome = provider.look_up_refund(&refund).await.said;
    assert!(matches!(outcome, RefundOutcome::Unknown { .. }), "{outcome:?}");
    world.strike(Strike::LostQuestion).await;
    assert_transient(provider.find_refund(&payment, &order.refund).await.said);
    world.strike(Strike::LostQuestion).await;
    assert_transient(provider.look_up_dispute(&dispute).await.said);
    world.strike(Strike::LostQuestion).await;
    assert_transient(provider.donation_of(&payment).await.said);
    world.strike(Strike::LostQuestion).await;
    assert_transient(provider.movements(NOON, None).await.said);
    provider.movements(NOON, None).await.said.unwrap();
}

#[track_caller]
fn assert_transient<T>(answer: Result<T, Fault>) {
    match answer {
        Err(Fault::Transient { .. }) => {}
        Err(fault) => panic!("{}", fault.chain()),
        Ok(_) => panic!("the answer was not lost"),
    }
}
