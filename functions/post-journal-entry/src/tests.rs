use adapters_memory::{FaultChoice, Memory, Operation};
use app::ports::{Journal, Posted};
use contracts::events::DonationEventType;
use contracts::stored::PostedEntry;
use domain::donation::Donation;
use domain::journal::{JournalEntry, Posting, Side};
use tests_stage::{Parking, START, Stage, captured, message, messages, refunded, returned};

use super::*;

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";

async fn announce(stage: &Stage, id: &DonationId, times: usize) -> Vec<String> {
    let world = &stage.world;
    let post_journal_entry = PostJournalEntry::<Memory, Memory, Memory, Memory> {
        donations: world.clone(),
        journal: world.clone(),
        calendar: world.clone(),
        clock: world.clone(),
    };
    let batch = vec![message(DonationEventType::PaymentCapturedV1, id); times];
    returned(handle(&post_journal_entry, &Parking(world.clone()), messages(stage, &batch)).await.unwrap())
}

async fn a_captured_donation(stage: &Stage) -> DonationId {
    let id = stage.accept(ID, "pm_card_visa").await;
    stage.give(&id, captured("pi_1Example")).await;
    id
}

fn entry_of(donation: &Donation) -> JournalEntry {
    JournalEntry::all_of(donation).remove(0)
}

#[tokio::test]
async fn ten_announcements_at_once_post_one_entry_and_note_it() {
    let stage = Stage::new();
    let id = a_captured_donation(&stage).await;
    announce(&stage, &id, 10).await;
    assert!(announce(&stage, &id, 1).await.is_empty());
    let [item] = &stage.world.entry_items()[..] else { panic!("one entry is posted") };
    let posted = PostedEntry::try_from(item.clone()).unwrap();
    let donation = stage.donation(&id).await;
    assert_eq!(posted.entry, entry_of(&donation));
    assert_eq!(donation.entries, [posted.entry.id().clone()]);
    assert!(!donation.owed().entries);
}

#[tokio::test]
async fn an_entry_that_is_posted_though_nobody_heard_is_noted_by_the_next_run() {
    for (operation, fault) in [
        (Operation::PostEntry, FaultChoice::UnknownApplied),
        (Operation::PostEntry, FaultChoice::UnknownNotApplied),
        (Operation::PostEntry, FaultChoice::Throttle),
        (Operation::SaveDonation, FaultChoice::UnknownApplied),
        (Operation::SaveDonation, FaultChoice::UnknownNotApplied),
    ] {
        let stage = Stage::new();
        let id = a_captured_donation(&stage).await;
        stage.strike(operation, fault);
        assert_eq!(announce(&stage, &id, 1).await, ["m0"], "{operation:?} {fault:?}");
        stage.world.advance(domain::time::Span::hours(30));
        assert!(announce(&stage, &id, 1).await.is_empty(), "{operation:?} {fault:?}");
        assert_eq!(stage.world.entry_items().len(), 1, "another day's repetition is no second entry");
        assert_eq!(stage.donation(&id).await.entries.len(), 1, "{operation:?} {fault:?}");
    }
}

#[tokio::test]
async fn a_refund_is_a_second_entry_and_the_books_are_even_again() {
    let stage = Stage::new();
    let id = a_captured_donation(&stage).await;
    stage.give(&id, vec![refunded("pi_1Example")]).await;
    assert!(announce(&stage, &id, 2).await.is_empty());
    let items = stage.world.entry_items();
    let kinds: std::collections::BTreeSet<_> = items.iter().map(|item| item.kind.as_str()).collect();
    assert_eq!((items.len(), kinds), (2, ["capture", "refund"].into()));
    let clearing =
        items.iter().flat_map(|item| &item.lines).filter(|line| line.account.starts_with("Assets"));
    let balance: i128 = clearing
        .map(|line| if line.side == "debit" { i128::from(line.minor) } else { -i128::from(line.minor) })
        .sum();
    assert_eq!(balance, 0);
    assert!(!stage.donation(&id).await.owed().entries);
}

#[tokio::test]
async fn nothing_is_booked_before_money_was_taken() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    assert!(announce(&stage, &id, 1).await.is_empty());
    assert!(stage.world.entry_items().is_empty());
}

#[tokio::test]
async fn an_entry_of_the_same_id_with_other_contents_is_left_alone_and_shown_to_a_person() {
    let stage = Stage::new();
    let id = a_captured_donation(&stage).await;
    let entry = entry_of(&stage.donation(&id).await);
    let turned = |posting: &Posting| Posting {
        side: if posting.side == Side::Debit { Side::Credit } else { Side::Debit },
        ..*posting
    };
    let postings = entry.postings().iter().map(turned).collect();
    let other = JournalEntry::build(entry.subject().clone(), postings).unwrap();
    assert_eq!(other.id(), entry.id());
    let date = || "2026-11-20".to_owned();
    let other = PostedEntry { entry: other, posted_at: START, business_date: date(), value_date: date() };
    assert_eq!(stage.world.post(&other).await.unwrap(), Posted::New);

    assert!(announce(&stage, &id, 1).await.is_empty());
    assert_eq!(stage.world.parked().len(), 1);
    let [item] = &stage.world.entry_items()[..] else { panic!("the journal is append only") };
    assert_eq!(PostedEntry::try_from(item.clone()).unwrap(), other);
    assert!(stage.donation(&id).await.entries.is_empty());
}
