//! `PaymentProvider` when calls are turned away or lost: unknown is never no, and the key mends it.

use app::ports::{Fault, PaymentProvider};
use domain::ids::ProviderReference;
use domain::payment::PaymentOutcome;
use domain::time::Span;

use super::provider::{ProviderWorld, captured_reference, collection};
use crate::fixtures::NOON;
use crate::fixtures::donations::id;

/// What strikes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    /// The provider turns a request to collect away, for there are too many.
    Throttle,
    /// A request to collect is lost before it has its effect.
    LostBefore,
    /// The answer to a request to collect is lost after its effect.
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
        }
    };
}
pub(crate) use provider_faults;

pub(crate) async fn a_call_that_was_turned_away_took_no_money_and_may_be_made_again(
    world: &impl ProviderWorld,
) {
    let (provider, collection) = (world.provider(), collection(1, 1, "pm_card_visa"));
    world.strike(Strike::Throttle).await;
    let outcome = provider.collect(&collection).await;
    assert!(matches!(outcome, PaymentOutcome::NotExecuted { .. }), "{outcome:?}");
    assert_eq!(world.payments(&id(1)).await, 0);
    captured_reference(&provider.collect(&collection).await);
    assert_eq!(world.payments(&id(1)).await, 1);
}

pub(crate) async fn a_call_that_was_lost_on_the_way_is_unknown_and_may_be_made_again(
    world: &impl ProviderWorld,
) {
    let (provider, collection) = (world.provider(), collection(1, 1, "pm_card_visa"));
    world.strike(Strike::LostBefore).await;
    let outcome = provider.collect(&collection).await;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(world.payments(&id(1)).await, 0);
    assert_eq!(provider.find(&id(1), NOON.minus(Span::hours(1))).await.unwrap(), None);
    captured_reference(&provider.collect(&collection).await);
    assert_eq!(world.payments(&id(1)).await, 1);
}

pub(crate) async fn a_call_whose_answer_was_lost_is_unknown_and_takes_the_money_once(
    world: &impl ProviderWorld,
) {
    let (provider, collection) = (world.provider(), collection(1, 1, "pm_card_visa"));
    world.strike(Strike::LostAfter).await;
    let outcome = provider.collect(&collection).await;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(world.payments(&id(1)).await, 1);
    captured_reference(&provider.collect(&collection).await);
    assert_eq!(world.payments(&id(1)).await, 1);
}

pub(crate) async fn a_payment_whose_answer_was_lost_is_found(world: &impl ProviderWorld) {
    let provider = world.provider();
    world.strike(Strike::LostAfter).await;
    provider.collect(&collection(1, 1, "pm_card_visa")).await;
    let found = provider.find(&id(1), NOON.minus(Span::hours(1))).await.unwrap().unwrap();
    let again = provider.collect(&collection(1, 1, "pm_card_visa")).await;
    assert_eq!(found, again);
    captured_reference(&found);
}

pub(crate) async fn a_question_whose_answer_was_lost_proves_nothing(world: &impl ProviderWorld) {
    let provider = world.provider();
    let said = provider.collect(&collection(1, 1, "pm_card_visa")).await;
    let reference: ProviderReference = captured_reference(&said).clone();
    world.strike(Strike::LostQuestion).await;
    let outcome = provider.look_up(&reference).await;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
    world.strike(Strike::LostQuestion).await;
    let fault = provider.find(&id(2), NOON).await.unwrap_err();
    assert!(matches!(fault, Fault::Transient { .. }), "{}", fault.chain());
    assert_eq!(provider.look_up(&reference).await, said);
}
