//! `PaymentProvider` after the payment: calling off, refunds, disputes, and the account of the balance.

use std::collections::BTreeSet;

use app::ports::{PaymentProvider, RefundOrder};
use domain::ids::{Appeal, IdempotencyKey, ProviderKey, ProviderReference, RefundId};
use domain::journal::{Movement, MovementCause};
use domain::money::Money;
use domain::payment::PaymentOutcome;
use domain::takings::{DisputeStatus, RefundNews, RefundOutcome, RefundReason, RefundStatus};
use domain::time::Span;
use futures_util::future::join_all;

use super::provider::{ProviderWorld, captured_reference, collection, find, reference_of};
use crate::fixtures::donations::id;
use crate::fixtures::{NOON, gbp, reference};

/// Holds an adapter to this suite.
macro_rules! reversals {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, reversals:
            a_payment_that_waits_for_the_donor_is_called_off_for_good,
            a_payment_that_took_money_is_not_called_off,
            calling_off_no_payment_proves_nothing,
            a_refund_is_told_with_our_id_and_its_amount,
            the_same_key_is_the_same_refund,
            many_refunds_with_one_key_at_once_give_the_money_back_once,
            refunds_go_back_in_parts_and_no_further_than_what_was_taken,
            a_refund_is_looked_up_as_it_was_answered,
            a_refund_is_found_by_our_id_and_by_no_other,
            a_refund_that_came_back_is_told,
            a_dispute_is_told_with_what_was_taken_and_what_was_put_back,
            a_payment_names_its_donation,
            a_balance_that_never_moved_has_no_movements,
            every_movement_is_on_one_page_newest_first,
            movements_that_are_older_than_asked_for_are_left_out,
        }
    };
}
pub(crate) use reversals;

/// A captured payment of 25.00 GBP for the donation with this number.
pub(crate) async fn captured(world: &impl ProviderWorld, number: u32) -> ProviderReference {
    let collection = collection(number, 1, "pm_card_visa");
    let outcome = world.provider().collect(&collection).await.said.outcome;
    world.account_for(&collection, &outcome);
    captured_reference(&outcome).clone()
}

/// A refund of donation 1, which is named by its key.
pub(crate) fn order(payment: &ProviderReference, key: &str, amount: Money) -> RefundOrder {
    let refund = RefundId::derive(&id(1), &IdempotencyKey::parse(&format!("invented-refund-{key}")).unwrap());
    RefundOrder {
        key: ProviderKey::of_refund(&refund, 1),
        refund,
        donation: id(1),
        payment: payment.clone(),
        amount,
        total: amount,
        reason: RefundReason::RequestedByDonor,
    }
}

/// What the provider says of a refund that it knows.
#[track_caller]
pub(crate) fn known(outcome: RefundOutcome) -> RefundNews {
    match outcome {
        RefundOutcome::Known(news) => news,
        other => panic!("not known: {other:?}"),
    }
}

pub(crate) async fn a_payment_that_waits_for_the_donor_is_called_off_for_good(world: &impl ProviderWorld) {
    let provider = world.provider();
    let waiting = collection(1, 1, "pm_card_authenticationRequired");
    let payment = reference_of(&provider.collect(&waiting).await.said.outcome);
    let cancelled = PaymentOutcome::Cancelled { reference: payment.clone() };
    let key = ProviderKey::of_cancel(&id(1), 1);
    for _ in 0..2 {
        assert_eq!(provider.call_off(&payment, &key).await.said, cancelled);
    }
    assert_eq!(provider.look_up(&payment).await.said, cancelled);
    assert_eq!(find(&provider, &id(1), NOON.minus(Span::hours(1))).await.unwrap(), Some(cancelled));
}

pub(crate) async fn a_payment_that_took_money_is_not_called_off(world: &impl ProviderWorld) {
    let provider = world.provider();
    let payment = captured(world, 1).await;
    let outcome = provider.call_off(&payment, &ProviderKey::of_cancel(&id(1), 1)).await.said;
    assert_eq!(captured_reference(&outcome), &payment);
    assert_eq!(captured_reference(&provider.look_up(&payment).await.said), &payment);
}

pub(crate) async fn calling_off_no_payment_proves_nothing(world: &impl ProviderWorld) {
    let outcome = world.provider().call_off(&reference(99), &ProviderKey::of_cancel(&id(1), 1)).await.said;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
}

pub(crate) async fn a_refund_is_told_with_our_id_and_its_amount(world: &impl ProviderWorld) {
    let payment = captured(world, 1).await;
    let order = order(&payment, "1", gbp(2_500));
    let news = known(world.provider().refund(&order).await.said);
    assert_eq!((news.id, news.payment, news.amount), (Some(order.refund), payment, gbp(2_500)));
    assert_eq!((news.status, world.refunds().await), (RefundStatus::Succeeded, 1));
}

pub(crate) async fn the_same_key_is_the_same_refund(world: &impl ProviderWorld) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    let order = order(&payment, "1", gbp(1_000));
    let first = provider.refund(&order).await.said;
    world.advance(Span::hours(21));
    assert_eq!(provider.refund(&order).await.said, first);
    assert_eq!(world.refunds().await, 1);
}

/// A provider may turn a call away while another of the same key is under way, and that is all it may do.
pub(crate) async fn many_refunds_with_one_key_at_once_give_the_money_back_once(world: &impl ProviderWorld) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    let order = order(&payment, "1", gbp(1_000));
    let outcomes = join_all((0..16).map(async |_| provider.refund(&order).await.said)).await;
    assert_eq!(world.refunds().await, 1);
    let settled = provider.refund(&order).await.said;
    let turned_away = |outcome: &&RefundOutcome| matches!(outcome, RefundOutcome::NotExecuted { .. });
    let answered: Vec<_> = outcomes.iter().filter(|outcome| !turned_away(outcome)).collect();
    assert!(!answered.is_empty());
    assert!(answered.iter().all(|outcome| **outcome == settled), "{outcomes:?}");
}

pub(crate) async fn refunds_go_back_in_parts_and_no_further_than_what_was_taken(world: &impl ProviderWorld) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    for (key, minor) in [("1", 1_000), ("2", 1_500)] {
        known(provider.refund(&order(&payment, key, gbp(minor))).await.said);
    }
    let outcome = provider.refund(&order(&payment, "3", gbp(1))).await.said;
    assert!(matches!(outcome, RefundOutcome::Rejected { .. }), "{outcome:?}");
    assert_eq!(world.refunds().await, 2);
    let outcome = provider.refund(&order(&reference(99), "4", gbp(1))).await.said;
    assert!(matches!(outcome, RefundOutcome::Rejected { .. }), "{outcome:?}");
}

pub(crate) async fn a_refund_is_looked_up_as_it_was_answered(world: &impl ProviderWorld) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    let said = known(provider.refund(&order(&payment, "1", gbp(1_000))).await.said);
    assert_eq!(known(provider.look_up_refund(&said.reference).await.said), said);
    let none = ProviderReference::parse("re_3Invented00000099").unwrap();
    let outcome = provider.look_up_refund(&none).await.said;
    assert!(matches!(outcome, RefundOutcome::Rejected { .. }), "{outcome:?}");
}

pub(crate) async fn a_refund_is_found_by_our_id_and_by_no_other(world: &impl ProviderWorld) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    let other = captured(world, 2).await;
    let [first, second, never] = ["1", "2", "3"].map(|key| order(&payment, key, gbp(100)));
    let said = known(provider.refund(&first).await.said);
    known(provider.refund(&second).await.said);
    assert_eq!(provider.find_refund(&payment, &first.refund).await.said.unwrap(), Some(said));
    assert_eq!(provider.find_refund(&payment, &never.refund).await.said.unwrap(), None);
    assert_eq!(provider.find_refund(&other, &first.refund).await.said.unwrap(), None);
}

pub(crate) async fn a_refund_that_came_back_is_told(world: &impl ProviderWorld) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    let order = order(&payment, "1", gbp(2_500));
    let news = known(provider.refund(&order).await.said);
    world.fail(&news.reference).await;
    let failed = RefundNews { status: RefundStatus::Failed, ..news };
    assert_eq!(known(provider.look_up_refund(&failed.reference).await.said), failed);
    assert_eq!(provider.find_refund(&payment, &order.refund).await.said.unwrap(), Some(failed));
}

pub(crate) async fn a_dispute_is_told_with_what_was_taken_and_what_was_put_back(world: &impl ProviderWorld) {
    let (provider, payment) = (world.provider(), captured(world, 1).await);
    let dispute = world.dispute(&payment).await;
    let open = provider.look_up_dispute(&dispute).await.said.unwrap().unwrap();
    assert_eq!((&open.reference, &open.payment, open.status), (&dispute, &payment, DisputeStatus::Open));
    let withdrawn = open.withdrawn.unwrap();
    assert_eq!((withdrawn.amount, withdrawn.fee, open.reinstated), (gbp(2_500), Some(gbp(2_000)), None));
    world.win(&dispute).await;
    let won = provider.look_up_dispute(&dispute).await.said.unwrap().unwrap();
    assert_eq!((won.status, won.withdrawn), (DisputeStatus::Won, Some(withdrawn)));
    // The fee is not given back.
    let reinstated = won.reinstated.unwrap();
    assert_eq!((reinstated.amount, reinstated.fee), (gbp(2_500), None));
    let none = ProviderReference::parse("du_3Invented00000099").unwrap();
    assert_eq!(provider.look_up_dispute(&none).await.said.unwrap(), None);
}

pub(crate) async fn a_payment_names_its_donation(world: &impl ProviderWorld) {
    let provider = world.provider();
    let (first, second) = (captured(world, 1).await, captured(world, 2).await);
    assert_eq!(provider.donation_of(&first).await.said.unwrap(), Some(id(1)));
    assert_eq!(provider.donation_of(&second).await.said.unwrap(), Some(id(2)));
    assert_eq!(provider.donation_of(&reference(99)).await.said.unwrap(), None);
}

pub(crate) async fn a_balance_that_never_moved_has_no_movements(world: &impl ProviderWorld) {
    let page = world.provider().movements(NOON.minus(Span::hours(48)), None).await.said.unwrap();
    assert_eq!((page.movements, page.next), (vec![], None));
}

/// More than a page of Stripe's, which has a hundred.
const MORE_THAN_A_PAGE: u32 = 105;

pub(crate) async fn every_movement_is_on_one_page_newest_first(world: &impl ProviderWorld) {
    let mut payments = BTreeSet::new();
    for number in 1..=MORE_THAN_A_PAGE {
        payments.insert(captured(world, number).await);
        world.advance(Span::seconds(1));
    }
    let (movements, pages) = movements(world).await;
    assert!(pages > 1, "everything is on one page");
    assert!(movements.is_sorted_by(|newer, older| newer.occurred_at > older.occurred_at));
    let listed = movements.iter().map(|movement| match &movement.cause {
        MovementCause::Charge { payment, amount } => {
            assert_eq!(*amount, gbp(2_500));
            assert_eq!(movement.appeal, Appeal::parse("winter-example").ok());
            payment.clone()
        }
        other => panic!("{other:?}"),
    });
    let listed: Vec<_> = listed.collect();
    assert_eq!(listed.len(), payments.len());
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), payments);
    let donations: BTreeSet<_> = movements.iter().filter_map(|movement| movement.donation.clone()).collect();
    assert_eq!(donations, (1..=MORE_THAN_A_PAGE).map(id).collect());
}

/// Every movement since before noon, and on how many pages they are.
async fn movements(world: &impl ProviderWorld) -> (Vec<Movement>, usize) {
    let (provider, since) = (world.provider(), NOON.minus(Span::hours(1)));
    let (mut movements, mut after, mut pages) = (vec![], None::<String>, 0);
    loop {
        let page = provider.movements(since, after.as_deref()).await.said.unwrap();
        movements.extend(page.movements);
        pages += 1;
        after = page.next;
        if after.is_none() {
            return (movements, pages);
        }
        assert!(pages < 100, "the list does not end");
    }
}

pub(crate) async fn movements_that_are_older_than_asked_for_are_left_out(world: &impl ProviderWorld) {
    let provider = world.provider();
    let older = captured(world, 1).await;
    world.advance(Span::hours(1));
    let newer = captured(world, 2).await;
    let listed = async |since| {
        let page = provider.movements(since, None).await.said.unwrap();
        let payments = page.movements.into_iter().filter_map(|movement| match movement.cause {
            MovementCause::Charge { payment, .. } => Some(payment),
            _ => None,
        });
        payments.collect::<Vec<_>>()
    };
    assert_eq!(listed(NOON).await, [newer.clone(), older]);
    assert_eq!(listed(NOON.plus(Span::minutes(1))).await, [newer]);
    assert_eq!(listed(NOON.plus(Span::hours(2))).await, []);
}
