//! `WorkList`: what is found is reported once, and stays until a person has closed it.
//!
//! The list of what is open may lag, so what must come about is waited for.

use app::ports::WorkList;
use contracts::stored::{WORK_OPEN, WorkItem, WorkKind};
use domain::ids::{Note, Operator};
use futures_util::future::join_all;

use crate::fixtures::{after_noon, reference};
use crate::running::{World, eventually, persistently};

/// A work-list, empty at first.
pub(crate) trait WorkListWorld: World {
    fn work_list(&self) -> impl WorkList;
}

/// Holds an adapter to this suite.
macro_rules! work_list {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, work_list:
            nothing_is_open_at_first,
            what_is_reported_is_read_as_it_was,
            reporting_again_changes_nothing,
            of_many_reports_at_once_one_is_new,
            open_items_come_oldest_first_and_no_more_than_asked_for,
            a_closed_item_is_gone_for_good,
            closing_what_is_not_there_is_told,
        }
    };
}
pub(crate) use work_list;

/// The item with this number, found as many minutes after noon.
pub(crate) fn item(number: u32) -> WorkItem {
    let kind = WorkKind::UnexplainedMovement;
    let reference = reference(number).to_string();
    WorkItem {
        id: WorkItem::id_of(kind, "stripe", &reference),
        kind,
        provider: "stripe".to_owned(),
        reference,
        minor: None,
        currency: None,
        donation_id: None,
        detail: None,
        opened_at: after_noon(60 * u64::from(number)).as_millis(),
        open: Some(WORK_OPEN.to_owned()),
        closed_by: None,
        closed_at: None,
        note: None,
    }
}

pub(crate) fn operator() -> Operator {
    Operator::parse("finance@charity.example").unwrap()
}

pub(crate) fn note() -> Note {
    Note::parse("A top-up of the account, agreed with the bank.").unwrap()
}

async fn until_open(list: &impl WorkList, expected: &[WorkItem]) {
    eventually(expected.to_vec(), async || list.open_items(100).await.unwrap()).await;
}

pub(crate) async fn nothing_is_open_at_first(world: &impl WorkListWorld) {
    assert_eq!(world.work_list().open_items(100).await.unwrap(), []);
}

pub(crate) async fn what_is_reported_is_read_as_it_was(world: &impl WorkListWorld) {
    let list = world.work_list();
    let full = WorkItem {
        minor: Some(9_223_372_036_854_775_807),
        currency: Some("GBP".to_owned()),
        donation_id: Some("mzxw6ytboi4dkmrtgq2tmnzyhe".to_owned()),
        detail: Some("issuing_authorization_hold".to_owned()),
        ..item(2)
    };
    let items = [item(1), full];
    for item in &items {
        assert!(list.open(item).await.unwrap());
    }
    until_open(&list, &items).await;
}

pub(crate) async fn reporting_again_changes_nothing(world: &impl WorkListWorld) {
    let list = world.work_list();
    list.open(&item(1)).await.unwrap();
    let later = WorkItem { opened_at: after_noon(999).as_millis(), minor: Some(1), ..item(1) };
    for again in [item(1), later] {
        assert!(!list.open(&again).await.unwrap());
    }
    until_open(&list, &[item(1)]).await;
}

/// Two writes of one item may meet, and DynamoDB then sends one of them away for now.
pub(crate) async fn of_many_reports_at_once_one_is_new(world: &impl WorkListWorld) {
    let (list, item) = (world.work_list(), item(1));
    let answers = join_all((0..16).map(|_| persistently(async || list.open(&item).await))).await;
    assert_eq!(answers.iter().filter(|is_new| **is_new).count(), 1);
    until_open(&list, &[item]).await;
}

pub(crate) async fn open_items_come_oldest_first_and_no_more_than_asked_for(world: &impl WorkListWorld) {
    let list = world.work_list();
    // An index that compared texts would put the first one last.
    let oldest = WorkItem { opened_at: 999_999_999_999, ..item(9) };
    let items = [oldest, item(1), item(2), item(3)];
    for item in items.iter().rev() {
        list.open(item).await.unwrap();
    }
    until_open(&list, &items).await;
    for limit in [0, 1, 3, 4, 5] {
        let expected = &items[..usize::from(limit).min(items.len())];
        assert_eq!(list.open_items(limit).await.unwrap(), expected, "limit {limit}");
    }
}

pub(crate) async fn a_closed_item_is_gone_for_good(world: &impl WorkListWorld) {
    let list = world.work_list();
    for number in [1, 2] {
        list.open(&item(number)).await.unwrap();
    }
    assert!(list.close(&item(1).id, &operator(), &note(), after_noon(500)).await.unwrap());
    until_open(&list, &[item(2)]).await;
    assert!(!list.close(&item(1).id, &operator(), &note(), after_noon(501)).await.unwrap());
    // It was looked at: finding it again is no news.
    assert!(!list.open(&item(1)).await.unwrap());
    until_open(&list, &[item(2)]).await;
}

pub(crate) async fn closing_what_is_not_there_is_told(world: &impl WorkListWorld) {
    let list = world.work_list();
    list.open(&item(1)).await.unwrap();
    assert!(!list.close(&item(2).id, &operator(), &note(), after_noon(500)).await.unwrap());
    until_open(&list, &[item(1)]).await;
}
