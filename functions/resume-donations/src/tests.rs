use std::pin::pin;

use adapters_memory::{FaultChoice, Memory, Operation};
use app::ports::Clock;
use contracts::events::DonationEventType;
use domain::donation::Command;
use domain::ids::{ClaimId, MailId, ProviderReference};
use domain::payment::{KeyLife, PaymentOutcome};
use domain::time::{Span, Timestamp};
use tests_stage::{START, Stage, captured, event, refunded};

use super::*;

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";

async fn run(stage: &Stage) -> Result<Run, Error> {
    let world = &stage.world;
    let resume_donations = ResumeDonations::<Memory, Memory, Memory> {
        donations: world.clone(),
        events: world.clone(),
        clock: world.clone(),
    };
    handle(&resume_donations, event(stage, Value::Null)).await
}

fn announced(stage: &Stage) -> Vec<(DonationEventType, String)> {
    let events = stage.world.take_events();
    events.into_iter().map(|event| (event.kind, event.donation_id)).collect()
}

#[tokio::test]
async fn what_is_due_is_announced_by_what_it_lacks() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    stage.world.advance(Span::seconds(60));
    assert_eq!(run(&stage).await.unwrap(), Run { announced: 1, ..Run::default() });
    assert_eq!(announced(&stage), [(DonationEventType::DonationAcceptedV1, ID.to_owned())]);

    stage.give(&id, captured("pi_1Example")).await;
    stage.world.advance(Span::hours(2));
    assert_eq!(run(&stage).await.unwrap(), Run { announced: 1, ..Run::default() });
    assert_eq!(announced(&stage), [(DonationEventType::PaymentCapturedV1, ID.to_owned())]);

    let kinds = async || {
        stage.world.advance(Span::hours(2));
        run(&stage).await.unwrap();
        announced(&stage).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>()
    };
    stage.give(&id, vec![refunded("pi_1Example")]).await;
    assert_eq!(kinds().await, [DonationEventType::PaymentCapturedV1], "it brings about every entry");
    let claim = ClaimId::parse("claim-of-a-test").unwrap();
    let mail = MailId::parse("mail-of-a-test").unwrap();
    let sent = vec![
        Command::ClaimReceipt { claim: claim.clone(), at: START },
        Command::RecordReceiptSent { claim, mail, at: START },
    ];
    stage.give(&id, sent).await;
    assert_eq!(kinds().await, [DonationEventType::PaymentReversedV1]);
}

#[tokio::test]
async fn nothing_is_announced_before_its_time_or_after_its_end() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    stage.world.advance(Span::millis(59_999));
    assert_eq!(run(&stage).await.unwrap(), Run::default(), "not due yet");

    stage.give(&id, captured("pi_1Example")).await;
    let entry = stage.donation(&id).await.entries_owed().next().unwrap().id().clone();
    let claim = ClaimId::parse("claim-of-a-test").unwrap();
    let mail = MailId::parse("mail-of-a-test").unwrap();
    let settle = vec![
        Command::RecordEntry { entry },
        Command::ClaimReceipt { claim: claim.clone(), at: START },
        Command::RecordReceiptSent { claim, mail, at: START },
    ];
    stage.give(&id, settle).await;
    stage.world.advance(Span::hours(1_000));
    assert_eq!(run(&stage).await.unwrap(), Run::default(), "settled");
    assert!(announced(&stage).is_empty());
}

/// Minutes from each of so many looks to the next.
async fn waits(stage: &Stage, id: &DonationId, looks: usize) -> Vec<u64> {
    let mut waits = Vec::new();
    for _ in 0..looks {
        let due = stage.donation(id).await.next_check.unwrap().at;
        let now = Clock::now(&stage.world);
        stage.world.advance(due.since(now));
        assert_eq!(run(stage).await.unwrap().announced, 1);
        waits.push(minutes(stage.donation(id).await.next_check.unwrap().at, due));
    }
    waits
}

#[tokio::test]
async fn looks_grow_apart_to_an_hour_and_never_end_while_something_is_owed() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    let unknown = PaymentOutcome::Unknown { reason: "no answer" };
    let start = Command::StartAttempt { at: START, key_life: KeyLife::DAY };
    stage.give(&id, vec![start, Command::RecordOutcome { outcome: unknown, at: START }]).await;
    let waits = waits(&stage, &id, 40).await;
    assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
    assert!(waits[8..].iter().all(|wait| *wait == 60), "{waits:?}");
}

#[tokio::test]
async fn a_donor_whose_payment_could_not_be_called_for_waits_minutes_and_not_an_hour() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    assert_eq!(waits(&stage, &id, 5).await, [1, 2, 4, 4, 4], "nobody has begun it");
    stage.give(&id, vec![Command::StartAttempt { at: START, key_life: KeyLife::DAY }]).await;
    assert_eq!(waits(&stage, &id, 3).await, [4, 4, 4], "its call had no turn, or was turned away");
}

/// What a run measures.
async fn measured(stage: &Stage) -> Vec<(Metric, u64)> {
    let run = pin!(run(stage));
    let (_, measured) = within(Scope::new(TraceContext::begin("a test")), run).await;
    measured.into_iter().map(|one| (one.metric, one.value)).collect()
}

/// So many donations that wait for nobody, the oldest of which was accepted so long ago.
fn unsettled(count: u64, seconds: u64) -> [(Metric, u64); 2] {
    [(Metric::UnsettledDonations, count), (Metric::OldestUnsettledSeconds, seconds)]
}

#[tokio::test]
async fn what_is_unsettled_is_measured_as_long_as_nobody_is_waited_for() {
    let stage = Stage::new();
    assert_eq!(measured(&stage).await, unsettled(0, 0));
    let id = stage.accept(ID, "pm_card_visa").await;
    stage.world.advance(Span::seconds(60));
    assert_eq!(measured(&stage).await, unsettled(1, 60));
    assert_eq!(measured(&stage).await, unsettled(0, 0), "it is not due again so soon");
    let reference = ProviderReference::parse("pi_1Example").unwrap();
    let bank = Command::RecordOutcome { outcome: PaymentOutcome::Processing { reference }, at: START };
    stage.give(&id, vec![Command::StartAttempt { at: START, key_life: KeyLife::DAY }, bank]).await;
    stage.world.advance(Span::hours(2));
    assert_eq!(measured(&stage).await, unsettled(0, 0), "it waits for a bank");
    stage.give(&id, captured("pi_1Example").split_off(1)).await;
    stage.world.advance(Span::hours(2));
    assert_eq!(measured(&stage).await, unsettled(1, 4 * 3_600 + 60), "entry and receipt are owed");
}

#[tokio::test]
async fn a_donation_that_lacks_nothing_but_its_entry_or_its_receipt_is_unsettled() {
    let (claim, mail) =
        (ClaimId::parse("claim-of-a-test").unwrap(), MailId::parse("mail-of-a-test").unwrap());
    let sent = vec![
        Command::ClaimReceipt { claim: claim.clone(), at: START },
        Command::RecordReceiptSent { claim, mail, at: START },
    ];
    for is_sent in [true, false] {
        let stage = Stage::new();
        let id = stage.accept(ID, "pm_card_visa").await;
        stage.give(&id, captured("pi_1Example")).await;
        let entries =
            stage.donation(&id).await.entries_owed().map(|entry| entry.id().clone()).collect::<Vec<_>>();
        let posted = entries.into_iter().map(|entry| Command::RecordEntry { entry }).collect();
        stage.give(&id, if is_sent { sent.clone() } else { posted }).await;
        let owed = stage.donation(&id).await.owed();
        assert_eq!((owed.entries, owed.receipt), (is_sent, !is_sent));
        stage.world.advance(Span::seconds(60));
        assert_eq!(measured(&stage).await, unsettled(1, 60));
    }
}

fn minutes(later: Timestamp, earlier: Timestamp) -> u64 {
    later.since(earlier).as_millis() / 60_000
}

#[tokio::test]
async fn an_announcement_that_fails_is_made_by_the_next_run() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    let before = stage.donation(&id).await.next_check;
    stage.world.advance(Span::seconds(60));
    stage.strike(Operation::PublishEvent, FaultChoice::Throttle);
    assert_eq!(run(&stage).await.unwrap(), Run { faults: 1, ..Run::default() });
    assert_eq!(stage.donation(&id).await.next_check, before, "it is not put off");
    assert_eq!(run(&stage).await.unwrap(), Run { announced: 1, ..Run::default() });
}

#[tokio::test]
async fn one_unreadable_shard_does_not_keep_the_others_waiting() {
    let stage = Stage::new();
    let other = DonationId::parse(ID).unwrap().shard(OWED_SHARDS) != 0;
    assert!(other, "the shard that fails first must not be the donation's");
    stage.accept(ID, "pm_card_visa").await;
    stage.world.advance(Span::seconds(60));
    stage.strike(Operation::ReadOwed, FaultChoice::Throttle);
    assert_eq!(run(&stage).await.unwrap(), Run { announced: 1, faults: 1, ..Run::default() });
}

#[tokio::test]
async fn a_run_that_can_read_nothing_fails_so_that_somebody_hears_of_it() {
    let stage = Stage::new();
    for _ in 0..OWED_SHARDS {
        stage.strike(Operation::ReadOwed, FaultChoice::UnknownNotApplied);
    }
    assert!(run(&stage).await.is_err());
}

#[tokio::test]
async fn nothing_begins_that_could_not_end_before_the_deadline() {
    let stage = Stage::new();
    stage.accept(ID, "pm_card_visa").await;
    stage.world.advance(Span::seconds(60));
    let world = &stage.world;
    let resume_donations = ResumeDonations::<Memory, Memory, Memory> {
        donations: world.clone(),
        events: world.clone(),
        clock: world.clone(),
    };
    let late = event(&stage, Value::Null);
    stage.world.advance(Span::seconds(26));
    let run = handle(&resume_donations, late).await.unwrap();
    assert_eq!(run, Run { left: 1, ..Run::default() });
    assert!(announced(&stage).is_empty());
}

#[tokio::test]
async fn an_index_that_lags_behind_causes_no_second_announcement() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    let world = &stage.world;
    let resume_donations = ResumeDonations::<Memory, Memory, Memory> {
        donations: world.clone(),
        events: world.clone(),
        clock: world.clone(),
    };
    world.advance(Span::seconds(60));
    let first = resume_donations.resume(&id).await.unwrap();
    assert_eq!(first, Resumption::Announced { unsettled_since: Some(START) });
    assert_eq!(resume_donations.resume(&id).await.unwrap(), Resumption::Nothing, "another run was quicker");
    assert_eq!(announced(&stage).len(), 1);
}
