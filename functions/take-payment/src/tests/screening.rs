//! Card testers are stopped before the provider is called, and nobody else is.

use contracts::http::DonationStatus;
use domain::payment::DeclineReason;
use domain::screening::{MARK_BYTES, Source, WINDOW};

use super::*;

const DECLINED: &str = "pm_card_chargeDeclined";

fn source(number: u8) -> Source {
    Source::of([number; MARK_BYTES])
}

/// A donation from this source by this token, its number in its id.
async fn given(stage: &Stage, number: usize, from: Option<Source>, token: &str) -> DonationId {
    let digits =
        format!("{number:06}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>();
    stage.accept_from(&format!("mzxw6ytboi4dkmrtgq2t{digits}"), token, from).await
}

/// Donates and has the payment taken.
async fn donate(stage: &Stage, number: usize, from: Option<Source>, token: &str) -> Payment {
    let id = given(stage, number, from, token).await;
    assert!(announce(stage, &id, 1).await.is_empty());
    stage.donation(&id).await.payment
}

fn is_declined(payment: &Payment) -> bool {
    matches!(payment, Payment::Declined { reason: DeclineReason::Refused, .. })
}

#[tokio::test]
async fn a_source_that_tries_cards_is_refused_without_a_call_and_told_what_the_bank_would_tell() {
    let stage = Stage::new();
    for number in 0..50 {
        let payment = donate(&stage, number, Some(source(1)), &format!("{DECLINED}_card{number}")).await;
        assert!(is_declined(&payment), "{number}: {payment:?}");
    }
    assert_eq!(stage.count(Operation::CollectPayment), 10, "the eleventh and all others are not asked for");
    assert!(published(&stage).is_empty());

    let seen = |id: DonationId| {
        let stage = stage.clone();
        async move {
            let donation = stage.donation(&id).await;
            let mut seen = serde_json::to_value(DonationStatus::of(&donation, String::new())).unwrap();
            seen["donation_id"].take();
            seen
        }
    };
    let bank = given(&stage, 91, Some(source(2)), DECLINED).await;
    announce(&stage, &bank, 1).await;
    let us = given(&stage, 92, Some(source(1)), DECLINED).await;
    announce(&stage, &us, 1).await;
    assert_eq!(stage.count(Operation::CollectPayment), 11);
    assert!(stage.donation(&us).await.next_check.is_none(), "nothing is owed");
    assert_eq!(seen(bank).await, seen(us).await);
}

#[tokio::test]
async fn a_crowd_behind_one_address_is_never_refused() {
    let stage = Stage::new();
    for number in 0..300 {
        let token = if number % 33 == 0 { DECLINED } else { CARD };
        let payment = donate(&stage, number, Some(source(1)), &format!("{token}_card{number}")).await;
        assert_eq!(is_declined(&payment), number % 33 == 0, "{number}: {payment:?}");
    }
    assert_eq!(stage.count(Operation::CollectPayment), 300);
}

/// Most payments that are under way at once: ten environments with ten messages each.
const UNDER_WAY: usize = 100;

/// Ten thousand tries from five sources, nine in ten declined, and five thousand gifts from one, three in a hundred
/// declined: two tries to each gift, at most a hundred payments under way at once.
#[tokio::test]
async fn ten_thousand_tries_hardly_reach_the_provider_and_every_honest_gift_does() {
    let stage = Stage::new();
    let take_payment = std::rc::Rc::new(take_payment(&stage));
    let (mut tries, mut gifts) = (Vec::new(), Vec::new());
    for number in 0..15_000 {
        let is_gift = number % 3 == 2;
        let is_bad = if is_gift { number / 3 % 33 == 0 } else { number % 10 != 0 };
        let from = source(if is_gift { 99 } else { u8::try_from(number % 5).unwrap() });
        let token = format!("{}_card{number}", if is_bad { DECLINED } else { CARD });
        let id = given(&stage, number, Some(from), &token).await;
        if is_gift { gifts.push((id, is_bad)) } else { tries.push(id) }
    }
    let mut all = Vec::new();
    for (pair, (gift, _)) in tries.chunks(2).zip(&gifts) {
        all.extend_from_slice(pair);
        all.push(gift.clone());
    }
    for together in all.chunks(UNDER_WAY) {
        let tasks = tokio::task::LocalSet::new();
        for id in together {
            let (id, take_payment) = (id.clone(), std::rc::Rc::clone(&take_payment));
            tasks.spawn_local(async move { take_payment.run(&id).await.unwrap() });
        }
        tasks.await;
        stage.world.advance(Span::millis(1_000));
    }
    let paid: std::collections::BTreeSet<_> =
        stage.world.provider_payments().into_iter().map(|payment| payment.donation).collect();
    let calls = tries.iter().filter(|id| paid.contains(*id)).count();
    // Ten declines and a good card or two for each source, and what is under way before the tenth is counted.
    assert!((50..=5 * 12 + UNDER_WAY).contains(&calls), "{calls} of 10,000 tries reached the provider");
    for (id, is_bad) in &gifts {
        let payment = stage.donation(id).await.payment;
        assert_eq!(matches!(payment, Payment::Captured { .. }), !is_bad, "{id}");
    }
}

#[tokio::test]
async fn one_card_under_ever_new_tokens_is_one_card() {
    let stage = Stage::new();
    for number in 0..9 {
        donate(&stage, number, Some(source(1)), &format!("{DECLINED}_card1_token{number}")).await;
    }
    let [tally] = &tallies(&stage, "source#")[..] else { panic!("one source in one window") };
    assert_eq!((tally.declines, tally.cards.len()), (9, 1));
}

#[tokio::test]
async fn a_card_that_was_declined_again_and_again_is_refused_from_anywhere() {
    let stage = Stage::new();
    for number in 0..8 {
        let from = source(u8::try_from(number).unwrap());
        assert!(is_declined(&donate(&stage, number, Some(from), DECLINED).await));
    }
    assert_eq!(stage.count(Operation::CollectPayment), 5);
}

#[tokio::test]
async fn the_refused_are_welcome_again_when_their_window_has_faded() {
    let stage = Stage::new();
    for number in 0..20 {
        donate(&stage, number, Some(source(1)), &format!("{DECLINED}_card{number}")).await;
    }
    stage.world.advance(WINDOW);
    stage.world.advance(WINDOW);
    let payment = donate(&stage, 21, Some(source(1)), CARD).await;
    assert!(matches!(payment, Payment::Captured { .. }));
}

#[tokio::test]
async fn on_a_bad_day_strangers_confirm_with_their_bank_and_the_flag_outlives_a_lost_answer() {
    let stage = Stage::new();
    for number in 0..100 {
        let from = source(u8::try_from(number).unwrap());
        let token = if number % 3 == 0 { CARD } else { DECLINED };
        donate(&stage, number, Some(from), &format!("{token}_card{number}")).await;
    }
    let stranger = given(&stage, 100, Some(source(200)), CARD).await;
    stage.strike(Operation::CollectPayment, FaultChoice::UnknownNotApplied);
    announce(&stage, &stranger, 1).await;
    assert!(stage.donation(&stranger).await.step_up, "stored with the attempt");
    announce(&stage, &stranger, 1).await;
    let collections = stage.world.collections();
    let asked: Vec<_> = collections.iter().filter(|asked| asked.donation == stranger).collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].step_up, "the repetition under the same key is the same request");

    for number in 101..104 {
        donate(&stage, number, Some(source(201)), CARD).await;
    }
    let proven = given(&stage, 104, Some(source(201)), CARD).await;
    announce(&stage, &proven, 1).await;
    assert!(!stage.donation(&proven).await.step_up);
}

#[tokio::test]
async fn a_refusal_is_stored_whole_or_not_at_all() {
    for fault in [FaultChoice::Throttle, FaultChoice::UnknownNotApplied, FaultChoice::UnknownApplied] {
        let stage = Stage::new();
        for number in 0..10 {
            donate(&stage, number, Some(source(1)), &format!("{DECLINED}_card{number}")).await;
        }
        let id = given(&stage, 10, Some(source(1)), DECLINED).await;
        stage.strike(Operation::SaveDonation, fault);
        assert_eq!(announce(&stage, &id, 1).await, ["m0"], "{fault:?}");
        let between = stage.donation(&id).await.payment;
        assert!(matches!(between, Payment::Accepted | Payment::Declined { .. }), "{fault:?}: {between:?}");
        assert!(announce(&stage, &id, 1).await.is_empty());
        assert!(is_declined(&stage.donation(&id).await.payment));
        assert_eq!(stage.count(Operation::CollectPayment), 10, "{fault:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_screened_goes_on_within_the_allowance_and_then_waits_and_is_never_declined() {
    let stage = Stage::new();
    let take_payment = take_payment(&stage);
    let mut payments = Vec::new();
    for number in 0..4 {
        let id = given(&stage, number, Some(source(1)), &format!("{CARD}_card{number}")).await;
        stage.strike(Operation::ReadSightings, FaultChoice::Throttle);
        assert!(announce_to(&take_payment, &stage, &id, 1).await.is_empty());
        payments.push(id);
    }
    for (number, id) in payments.iter().enumerate() {
        let donation = stage.donation(id).await;
        match number {
            0 | 1 => assert!(matches!(donation.payment, Payment::Captured { .. }), "within the allowance"),
            _ => {
                assert_eq!(donation.payment, Payment::Accepted, "put off");
                assert!(donation.next_check.is_some(), "and still owed");
            }
        }
    }
    stage.world.advance(Span::minutes(1));
    for id in &payments[2..] {
        assert!(announce_to(&take_payment, &stage, id, 1).await.is_empty());
        assert!(matches!(stage.donation(id).await.payment, Payment::Captured { .. }));
    }
}

#[tokio::test]
async fn a_source_that_was_refused_a_moment_ago_is_refused_without_a_look_and_whatever_the_store_says() {
    let stage = Stage::new();
    let take_payment = take_payment(&stage);
    let attempt = async |number: usize| {
        let id = given(&stage, number, Some(source(1)), &format!("{DECLINED}_card{number}")).await;
        announce_to(&take_payment, &stage, &id, 1).await;
        stage.donation(&id).await.payment
    };
    for number in 0..11 {
        attempt(number).await;
    }
    assert_eq!((stage.count(Operation::ReadSightings), stage.count(Operation::CollectPayment)), (11, 10));
    for number in 11..50 {
        assert!(is_declined(&attempt(number).await));
    }
    assert_eq!((stage.count(Operation::ReadSightings), stage.count(Operation::CollectPayment)), (11, 10));
    stage.world.advance(Span::minutes(1));
    assert!(is_declined(&attempt(50).await));
    assert_eq!((stage.count(Operation::ReadSightings), stage.count(Operation::CollectPayment)), (12, 10));
}

#[tokio::test]
async fn endings_that_cannot_be_counted_spend_the_allowance_too() {
    let stage = Stage::new();
    let take_payment = take_payment(&stage);
    for number in 0..3 {
        let id = given(&stage, number, Some(source(1)), &format!("{CARD}_card{number}")).await;
        stage.strike(Operation::NoteEnding, FaultChoice::UnknownNotApplied);
        announce_to(&take_payment, &stage, &id, 1).await;
        let is_begun = stage.donation(&id).await.payment != Payment::Accepted;
        assert_eq!(is_begun, number < 2, "{number}");
    }
}

#[tokio::test]
async fn an_ending_is_counted_once_however_often_it_is_announced() {
    let stage = Stage::new();
    let id = given(&stage, 1, Some(source(1)), CARD).await;
    for _ in 0..3 {
        announce(&stage, &id, 1).await;
    }
    let [everybody] = &tallies(&stage, "everybody#")[..] else { panic!("one window") };
    assert_eq!((everybody.captures, everybody.declines), (1, 0));
}

#[test]
fn a_mode_is_named_or_it_is_none() {
    assert_eq!(ScreeningMode::parse("enforce"), Ok(ScreeningMode::Enforce));
    assert_eq!(ScreeningMode::parse("observe"), Ok(ScreeningMode::Observe));
    assert!(ScreeningMode::parse("Enforce").is_err() && ScreeningMode::parse("").is_err());
}

#[tokio::test]
async fn observed_only_everything_is_begun_as_if_nobody_looked() {
    let stage = Stage::new();
    let mut take_payment = take_payment(&stage);
    take_payment.screening.mode = ScreeningMode::Observe;
    for number in 0..15 {
        let id = given(&stage, number, Some(source(1)), &format!("{DECLINED}_card{number}")).await;
        announce_to(&take_payment, &stage, &id, 1).await;
    }
    assert_eq!(stage.count(Operation::CollectPayment), 15);
}

#[tokio::test]
async fn a_donation_of_unknown_source_is_taken() {
    let stage = Stage::new();
    assert!(matches!(donate(&stage, 1, None, CARD).await, Payment::Captured { .. }));
    assert!(tallies(&stage, "source#").is_empty());
}

fn tallies(stage: &Stage, kind: &str) -> Vec<contracts::stored::TallyItem> {
    stage.world.tally_items().into_iter().filter(|tally| tally.id.starts_with(kind)).collect()
}
