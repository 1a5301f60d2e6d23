//! Payments whose keys have grown old, looked for in a list that one environment reads once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use adapters_memory::ProviderPayment;
use domain::ids::ProviderReference;
use domain::payment::DeclineReason;

use super::metered::collection;
use super::*;

/// Letters for the ids of donations.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
/// Pages of the list when [`OTHERS`] payments stand in it.
const PAGES: usize = 11;
const OTHERS: usize = 1_050;

/// The id of a donation of the tests; no other has it.
fn id_of(number: usize) -> String {
    let letter = |place: usize| char::from(LETTERS[(number >> (4 * place)) & 15]);
    format!("{}{}", "donationofatest22222222", (0..3).map(letter).collect::<String>())
}

/// A stage on which so many others gave before.
async fn crowded() -> Stage {
    let stage = Stage::new();
    for number in 0..OTHERS {
        app::ports::PaymentProvider::collect(&stage.world, &collection(number)).await;
    }
    stage
}

/// Accepts a donation whose payment has an outcome that nobody knows.
async fn unknown(stage: &Stage, number: usize, fault: FaultChoice) -> DonationId {
    let id = stage.accept(&id_of(number), CARD).await;
    stage.strike(Operation::CollectPayment, fault);
    announce(stage, &id, 1).await;
    assert!(matches!(stage.donation(&id).await.payment, Payment::Unknown { .. }));
    id
}

/// Lets each page of the list take so long, and counts the pages.
fn slow_pages(stage: &Stage, each: Span) -> Arc<AtomicUsize> {
    let pages = Arc::new(AtomicUsize::new(0));
    let (world, counted) = (stage.world.clone(), Arc::clone(&pages));
    stage.world.on_call(move |call| {
        if call.operation == Operation::ListPayments {
            world.advance(each);
            counted.fetch_add(1, Ordering::Relaxed);
        }
        FaultChoice::None
    });
    pages
}

#[tokio::test]
async fn after_a_lost_day_everybody_is_looked_for_in_one_reading_of_the_list() {
    let stage = crowded().await;
    let mut ids = Vec::new();
    for number in 0..40 {
        let was_taken = number % 2 == 0;
        let fault = if was_taken { FaultChoice::UnknownApplied } else { FaultChoice::UnknownNotApplied };
        ids.push((unknown(&stage, number, fault).await, was_taken));
    }
    stage.world.advance(Span::hours(26));
    let environment = take_payment(&stage);
    for (id, was_taken) in &ids {
        assert!(announce_to(&environment, &stage, id, 1).await.is_empty());
        let payment = stage.donation(id).await.payment;
        assert_eq!(payment.money_taken(), MoneyTaken::Yes);
        assert_eq!(payment.attempt().unwrap().number, if *was_taken { 1 } else { 2 });
    }
    assert_eq!(stage.world.provider_payments().len(), OTHERS + ids.len(), "one payment each");
    assert_eq!(stage.count(Operation::ListPayments), PAGES);
}

#[tokio::test]
async fn a_list_that_one_message_has_no_time_for_is_read_on_by_the_next() {
    let stage = crowded().await;
    let id = unknown(&stage, 0, FaultChoice::UnknownNotApplied).await;
    stage.world.advance(Span::hours(26));
    let environment = take_payment(&stage);
    let pages = slow_pages(&stage, Span::seconds(1));
    let mut messages = 0;
    while stage.donation(&id).await.payment.attempt().unwrap().number == 1 {
        let payment = stage.donation(&id).await.payment;
        assert!(matches!(payment, Payment::Unknown { .. }), "nothing is known before the end: {payment:?}");
        assert!(announce_to(&environment, &stage, &id, 1).await.is_empty());
        messages += 1;
        if let Some(check) = stage.donation(&id).await.next_check.filter(|_| messages < 4) {
            let now = app::ports::Clock::now(&stage.world);
            let soon = now..=now.plus(Span::minutes(1));
            assert!(soon.contains(&check.at), "the completer comes again within a minute");
        }
        assert!(messages <= PAGES, "the reading does not come to its end");
    }
    assert_eq!(messages, PAGES.div_ceil(2), "each reads for two seconds and no longer");
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Yes);
    assert_eq!(pages.load(Ordering::Relaxed), PAGES, "no page was read twice");
}

#[tokio::test]
async fn money_that_was_taken_counts_before_the_list_is_at_its_end() {
    let stage = crowded().await;
    let id = unknown(&stage, 0, FaultChoice::UnknownApplied).await;
    stage.world.advance(Span::hours(23));
    let pages = slow_pages(&stage, Span::seconds(3));
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Yes);
    assert_eq!(pages.load(Ordering::Relaxed), 1, "the newest payments come first");
}

#[tokio::test]
async fn a_list_proves_absence_only_for_the_moment_when_it_was_begun() {
    let stage = Stage::new();
    let id = unknown(&stage, 0, FaultChoice::UnknownNotApplied).await;
    let environment = take_payment(&stage);
    let attempt = async || stage.donation(&id).await.payment.attempt().unwrap().number;
    stage.world.advance(Span::minutes(24 * 60 + 58));
    announce_to(&environment, &stage, &id, 1).await;
    stage.world.advance(Span::minutes(4));
    announce_to(&environment, &stage, &id, 1).await;
    assert_eq!((attempt().await, stage.count(Operation::ListPayments)), (1, 1), "two minutes too early");
    stage.world.advance(Span::minutes(1));
    announce_to(&environment, &stage, &id, 1).await;
    assert_eq!((attempt().await, stage.count(Operation::ListPayments)), (2, 2), "read anew");
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Yes);
}

#[tokio::test]
async fn a_page_that_could_not_be_read_is_asked_for_again_and_no_other() {
    let stage = crowded().await;
    let id = unknown(&stage, 0, FaultChoice::UnknownNotApplied).await;
    stage.world.advance(Span::hours(26));
    let environment = take_payment(&stage);
    for _ in 0..3 {
        stage.strike(Operation::ListPayments, FaultChoice::None);
    }
    stage.strike(Operation::ListPayments, FaultChoice::UnknownNotApplied);
    assert!(announce_to(&environment, &stage, &id, 1).await.is_empty());
    assert!(matches!(stage.donation(&id).await.payment, Payment::Unknown { .. }));
    assert!(announce_to(&environment, &stage, &id, 1).await.is_empty());
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Yes);
    assert_eq!(stage.count(Operation::ListPayments), PAGES + 1);
}

#[tokio::test]
async fn those_who_gave_in_one_hour_share_a_reading_whoever_is_looked_for_first() {
    let stage = crowded().await;
    let mut ids = Vec::new();
    for number in 0..8 {
        stage.world.advance(Span::minutes(1));
        ids.push(unknown(&stage, number, FaultChoice::UnknownNotApplied).await);
    }
    stage.world.advance(Span::hours(26));
    let environment = take_payment(&stage);
    for id in ids.iter().rev() {
        announce_to(&environment, &stage, id, 1).await;
        assert_eq!(stage.donation(id).await.payment.money_taken(), MoneyTaken::Yes);
    }
    assert_eq!(stage.count(Operation::ListPayments), PAGES);
}

#[tokio::test]
async fn a_donation_that_could_not_be_looked_for_is_looked_for_again_within_minutes_however_old_it_is() {
    let stage = Stage::new();
    let id = unknown(&stage, 0, FaultChoice::UnknownNotApplied).await;
    stage.world.advance(Span::hours(26));
    stage.strike(Operation::ListPayments, FaultChoice::UnknownNotApplied);
    announce(&stage, &id, 1).await;
    let check = stage.donation(&id).await.next_check.unwrap();
    let now = app::ports::Clock::now(&stage.world);
    assert!((now..=now.plus(Span::minutes(4))).contains(&check.at), "{check:?} is too late after {now:?}");
}

#[tokio::test]
async fn of_several_payments_of_one_donation_the_one_that_says_most_counts_wherever_it_stands() {
    let reference = |name: &str| ProviderReference::parse(name).unwrap();
    let declined = |_: &str| PaymentOutcome::Declined { reference: None, reason: DeclineReason::Refused };
    let processing = |name: &str| PaymentOutcome::Processing { reference: reference(name) };
    for (more, less) in [("pi_1", "pi_2"), ("pi_2", "pi_1")] {
        let stage = Stage::new();
        let id = unknown(&stage, 0, FaultChoice::UnknownNotApplied).await;
        let donation = stage.donation(&id).await;
        for (name, outcome) in [(more, processing(more)), (less, declined(less))] {
            stage.world.add_payment(ProviderPayment {
                reference: reference(name),
                donation: id.clone(),
                amount: donation.gift.amount,
                created_at: donation.accepted_at,
                outcome,
            });
        }
        stage.world.advance(Span::hours(23));
        announce(&stage, &id, 1).await;
        let payment = stage.donation(&id).await.payment;
        assert!(matches!(payment, Payment::Processing { .. }), "{payment:?}");
    }
}

#[tokio::test]
async fn of_payments_that_say_the_same_the_newest_counts() {
    let stage = Stage::new();
    let id = unknown(&stage, 0, FaultChoice::UnknownNotApplied).await;
    let donation = stage.donation(&id).await;
    for (name, minute) in [("pi_2", 1), ("pi_1", 0)] {
        let reference = ProviderReference::parse(name).unwrap();
        stage.world.add_payment(ProviderPayment {
            reference: reference.clone(),
            donation: id.clone(),
            amount: donation.gift.amount,
            created_at: donation.accepted_at.plus(Span::minutes(minute)),
            outcome: PaymentOutcome::Processing { reference },
        });
    }
    stage.world.advance(Span::hours(23));
    announce(&stage, &id, 1).await;
    let payment = stage.donation(&id).await.payment;
    assert!(
        matches!(&payment, Payment::Processing { reference, .. } if reference.as_str() == "pi_2"),
        "{payment:?}"
    );
}

#[tokio::test]
async fn a_list_is_read_back_to_an_hour_or_two_before_the_attempt_and_no_further() {
    let stage = crowded().await;
    stage.world.advance(Span::hours(3));
    let id = unknown(&stage, 0, FaultChoice::UnknownNotApplied).await;
    stage.world.advance(Span::hours(26));
    announce(&stage, &id, 1).await;
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Yes);
    assert_eq!(stage.count(Operation::ListPayments), 1, "who gave hours before is on none of its pages");
}

/// Somebody who asks for an earlier time is not answered from a list that does not reach back so far.
#[tokio::test]
async fn a_list_is_read_anew_for_those_who_gave_before_it_begins() {
    let stage = Stage::new();
    let early = unknown(&stage, 0, FaultChoice::UnknownApplied).await;
    stage.world.advance(Span::hours(3));
    let late = unknown(&stage, 1, FaultChoice::UnknownApplied).await;
    stage.world.advance(Span::hours(40));
    let environment = take_payment(&stage);
    for id in [&late, &early] {
        announce_to(&environment, &stage, id, 1).await;
        assert_eq!(stage.donation(id).await.payment.money_taken(), MoneyTaken::Yes);
    }
    assert_eq!(stage.world.provider_payments().len(), 2, "nobody was asked to pay twice");
}
