use super::{NOW, SECOND, attributes, message, model, receive, receive_one};
use crate::{Model, Outgoing, Refusal, What, queue::IN_FLIGHT_MAX};

#[test]
fn a_message_arrives_as_it_was_sent() {
    let mut model = model();
    let outgoing = Outgoing { attributes: attributes(&[("type", "donation.accepted.v1")]), ..message("{}") };
    let sent = model.send("payments", outgoing.clone(), NOW).unwrap();
    let received = receive_one(&mut model, NOW + 5);
    assert_eq!(received.message.id, sent.id);
    assert_eq!(received.message.body, "{}");
    assert_eq!(received.message.attributes, outgoing.attributes);
    assert_eq!(received.message.body_md5, sent.body_md5);
    let system = received.system_attributes();
    assert_eq!(system["SentTimestamp"], NOW.to_string());
    assert_eq!(system["ApproximateFirstReceiveTimestamp"], (NOW + 5).to_string());
    assert_eq!(system["ApproximateReceiveCount"], "1");
    assert_eq!(system["SenderId"], "AIDAEXAMPLE");
    assert!(!system.contains_key("DeadLetterQueueSourceArn"));
}

#[test]
fn an_unknown_queue_is_refused() {
    let mut model = model();
    let unknown = Refusal::UnknownQueue("ledger".to_owned());
    assert_eq!(model.send("ledger", message("x"), NOW), Err(unknown.clone()));
    assert_eq!(model.receive("ledger", 1, None, NOW), Err(unknown.clone()));
    assert_eq!(model.delete("ledger", "x"), Err(unknown));
}

#[test]
fn a_received_message_is_hidden_until_its_visibility_timeout_ends() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let first = receive_one(&mut model, NOW);
    assert!(receive(&mut model, NOW + 30 * SECOND - 1).is_empty());
    let second = receive_one(&mut model, NOW + 30 * SECOND);
    assert_eq!(second.receives, 2);
    assert_eq!(second.first_received_at, NOW);
    assert_ne!(first.receipt, second.receipt);
}

#[test]
fn a_receive_may_name_its_own_visibility_timeout() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    model.receive("payments", 1, Some(0), NOW).unwrap();
    assert_eq!(receive_one(&mut model, NOW).receives, 2, "0 hides nothing");
    let over = model.receive("payments", 1, Some(43_201), NOW);
    assert!(matches!(over, Err(Refusal::OutOfRange { parameter: "VisibilityTimeout", .. })));
}

#[test]
fn one_receive_hands_out_a_message_once_even_when_it_hides_nothing() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    assert_eq!(model.receive("payments", 10, Some(0), NOW).unwrap().len(), 1);
}

#[test]
fn at_most_ten_messages_come_at_once() {
    let mut model = model();
    for n in 0..12 {
        model.send("payments", message(&n.to_string()), NOW + n).unwrap();
    }
    assert_eq!(receive(&mut model, NOW + SECOND).len(), 10);
    assert_eq!(receive(&mut model, NOW + SECOND).len(), 2);
    for max in [0, 11] {
        let refused = model.receive("payments", max, None, NOW);
        assert!(matches!(refused, Err(Refusal::OutOfRange { parameter: "MaxNumberOfMessages", .. })));
    }
}

#[test]
fn a_delayed_message_comes_when_its_delay_ends() {
    let mut model = model();
    model.send("payments", Outgoing { delay_seconds: Some(10), ..message("x") }, NOW).unwrap();
    assert!(receive(&mut model, NOW + 10 * SECOND - 1).is_empty());
    let depth = model.depth("payments", NOW).unwrap();
    assert_eq!((depth.visible, depth.in_flight, depth.delayed), (0, 0, 1));
    assert_eq!(model.next_visible_at("payments", NOW), Ok(Some(NOW + 10 * SECOND)));
    receive_one(&mut model, NOW + 10 * SECOND);
}

#[test]
fn a_deleted_message_never_comes_again() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let received = receive_one(&mut model, NOW);
    model.delete("payments", &received.receipt).unwrap();
    assert!(receive(&mut model, NOW + 3600 * SECOND).is_empty());
    model.delete("payments", &received.receipt).unwrap();
}

#[test]
fn a_message_whose_visibility_timeout_ended_can_still_be_deleted() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let received = receive_one(&mut model, NOW);
    let later = NOW + 3600 * SECOND;
    assert_eq!(model.depth("payments", later).unwrap().visible, 1);
    model.delete("payments", &received.receipt).unwrap();
    assert_eq!(model.depth("payments", later).unwrap().visible, 0);
}

#[test]
fn a_stale_receipt_handle_deletes_nothing_and_is_accepted() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let stale = receive_one(&mut model, NOW);
    let latest = receive_one(&mut model, NOW + 30 * SECOND);
    model.delete("payments", &stale.receipt).unwrap();
    assert_eq!(model.depth("payments", NOW + 30 * SECOND).unwrap().in_flight, 1);
    model.delete("payments", &latest.receipt).unwrap();
    assert_eq!(model.depth("payments", NOW + 30 * SECOND).unwrap().in_flight, 0);
}

#[test]
fn a_made_up_receipt_handle_is_refused() {
    let mut model = model();
    assert_eq!(model.delete("payments", "made-up"), Err(Refusal::BadReceipt));
    assert_eq!(model.change_visibility("payments", "made-up", 0, NOW), Err(Refusal::BadReceipt));
}

#[test]
fn a_receiver_may_hide_its_message_for_longer_or_let_it_go() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let received = receive_one(&mut model, NOW);
    model.change_visibility("payments", &received.receipt, 60, NOW + 20 * SECOND).unwrap();
    assert!(receive(&mut model, NOW + 79 * SECOND).is_empty());
    model.change_visibility("payments", &received.receipt, 0, NOW + 79 * SECOND).unwrap();
    assert_eq!(receive_one(&mut model, NOW + 79 * SECOND).receives, 2);
}

#[test]
fn visibility_is_changed_only_by_the_latest_receiver_and_in_flight() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let first = receive_one(&mut model, NOW);
    let later = NOW + 30 * SECOND;
    assert_eq!(model.change_visibility("payments", &first.receipt, 5, later), Err(Refusal::NotInFlight));
    let second = receive_one(&mut model, later);
    assert_eq!(model.change_visibility("payments", &first.receipt, 5, later), Err(Refusal::StaleReceipt));
    model.delete("payments", &second.receipt).unwrap();
    assert_eq!(model.change_visibility("payments", &second.receipt, 5, later), Err(Refusal::StaleReceipt));
}

#[test]
fn nothing_stays_hidden_for_more_than_twelve_hours() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let received = receive_one(&mut model, NOW);
    model.change_visibility("payments", &received.receipt, 43_200, NOW).unwrap();
    let over = model.change_visibility("payments", &received.receipt, 43_200, NOW + SECOND);
    assert_eq!(over, Err(Refusal::HiddenTooLong));
}

#[test]
fn a_message_is_gone_when_its_retention_ends_in_flight_or_not() {
    let mut model = model();
    model.send("payments", message("old"), NOW).unwrap();
    model.send("payments", message("young"), NOW + 1).unwrap();
    let end = NOW + 345_600 * SECOND;
    let received = model.receive("payments", 10, Some(43_200), end - 1).unwrap();
    assert_eq!(received.len(), 2);
    assert_eq!(model.depth("payments", end).unwrap().in_flight, 1);
    let expired: Vec<_> = model.take_changes().into_iter().filter(|c| c.what == What::Expired).collect();
    assert_eq!(expired.len(), 1);
    assert_eq!(expired[0].entry.message.body, "old");
}

#[test]
fn a_purge_takes_all_and_waits_a_minute_for_the_next() {
    let mut model = model();
    model.send("payments", message("a"), NOW).unwrap();
    receive_one(&mut model, NOW);
    model.send("payments", message("b"), NOW).unwrap();
    assert_eq!(model.purge("payments", NOW), Ok(2));
    assert_eq!(model.depth("payments", NOW).unwrap(), crate::Depth::default());
    let again = model.purge("payments", NOW + 60 * SECOND - 1);
    assert_eq!(again, Err(Refusal::PurgeInProgress("payments".to_owned())));
    assert_eq!(model.purge("payments", NOW + 60 * SECOND), Ok(0));
}

#[test]
fn every_entry_of_a_batch_has_its_own_answer() {
    let mut model = model();
    let entries = vec![("a".to_owned(), message("x")), ("b".to_owned(), message(""))];
    let answers = model.send_batch("payments", entries, NOW).unwrap();
    assert!(answers[0].1.is_ok());
    assert_eq!(answers[1], ("b".to_owned(), Err(Refusal::EmptyBody)));
    assert_eq!(receive(&mut model, NOW).len(), 1);
}

#[test]
fn a_batch_that_breaks_a_rule_sends_nothing() {
    let entry = |id: &str, bytes: usize| (id.to_owned(), message(&"x".repeat(bytes)));
    let mut model = model();
    let mut send = |entries: Vec<(String, Outgoing)>| model.send_batch("payments", entries, NOW).unwrap_err();
    assert_eq!(send(Vec::new()), Refusal::EmptyBatch);
    assert_eq!(send((0..11).map(|n| entry(&n.to_string(), 1)).collect()), Refusal::TooManyEntries(11));
    assert_eq!(send(vec![entry("a", 1), entry("a", 1)]), Refusal::RepeatedEntryId("a".to_owned()));
    for id in ["", "a b", "é", &"x".repeat(81)] {
        assert_eq!(send(vec![entry(id, 1)]), Refusal::BadEntryId);
    }
    let long = send(vec![entry("a", 600_000), entry("b", 600_000)]);
    assert_eq!(long, Refusal::BatchTooLong { bytes: 1_200_000, max: 1_048_576 });
    assert_eq!(model.depth("payments", NOW).unwrap().visible, 0);
}

#[test]
fn a_queue_with_too_many_messages_in_flight_hands_out_no_more() {
    let mut model = model().without_changes();
    for n in 0..=IN_FLIGHT_MAX {
        model.send("payments", message("x"), NOW + n as u64).unwrap();
    }
    let later = NOW + IN_FLIGHT_MAX as u64;
    for _ in 0..IN_FLIGHT_MAX / 10 {
        model.receive("payments", 10, Some(43_200), later).unwrap();
    }
    assert_eq!(model.receive("payments", 1, None, later), Err(Refusal::TooManyInFlight(IN_FLIGHT_MAX)));
}

#[test]
fn settings_outside_their_ranges_are_refused() {
    let mut model = Model::new(1);
    let mut settings = super::settings("q", None);
    settings.retention_seconds = 59;
    let refused = model.create_queue("q", settings.clone()).unwrap_err();
    assert!(matches!(refused, Refusal::Setting { setting: "MessageRetentionPeriod", value: 59, .. }));
    settings.retention_seconds = 60;
    model.create_queue("q", settings.clone()).unwrap();
    assert_eq!(model.create_queue("q", settings), Err(Refusal::AlreadyExists("q".to_owned())));
}

#[test]
fn the_age_of_a_queue_is_that_of_its_oldest_message() {
    let mut model = model();
    assert_eq!(model.depth("payments", NOW).unwrap().oldest_age_ms, None);
    model.send("payments", message("a"), NOW).unwrap();
    model.send("payments", message("b"), NOW + 5).unwrap();
    receive(&mut model, NOW + 5);
    assert_eq!(model.depth("payments", NOW + 9).unwrap().oldest_age_ms, Some(9));
    assert_eq!(model.depths(NOW + 9)[0].0, "payments");
}
