use super::{NOW, SECOND, attributes, message, model, receive, receive_one};
use crate::{Model, MoveStatus, Outgoing, Received, Refusal, What};

/// Receives a message of `payments` as often as allowed and once more, so that it is dead-lettered; gives the
/// time.
fn fail_one(model: &mut Model, mut now_ms: u64) -> u64 {
    for _ in 0..3 {
        receive_one(model, now_ms);
        now_ms += 30 * SECOND;
    }
    assert!(receive(model, now_ms).is_empty(), "the fourth attempt moves the message instead");
    now_ms
}

fn dead_letters(model: &mut Model, now_ms: u64) -> Vec<Received> {
    model.receive("payments-dead-letters", 10, None, now_ms).unwrap()
}

#[test]
fn a_message_received_too_often_moves_to_the_dead_letters_as_it_is() {
    let mut model = model();
    let outgoing = Outgoing { attributes: attributes(&[("type", "t")]), ..message("body") };
    let sent = model.send("payments", outgoing.clone(), NOW).unwrap();
    let now_ms = fail_one(&mut model, NOW);
    let letters = dead_letters(&mut model, now_ms);
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].message.id, sent.id);
    assert_eq!(letters[0].message.body, "body");
    assert_eq!(letters[0].message.attributes, outgoing.attributes);
    assert_eq!(letters[0].sent_at, NOW, "retention goes on counting");
    assert_eq!(letters[0].receives, 4, "the receive count goes on counting");
    let source = "arn:aws:sqs:eu-west-2:000000000000:payments".to_owned();
    assert_eq!(letters[0].system_attributes()["DeadLetterQueueSourceArn"], source);
}

#[test]
fn a_failed_message_does_not_hold_up_those_behind_it() {
    let mut model = model();
    model.send("payments", message("bad"), NOW).unwrap();
    let mut now_ms = NOW;
    for _ in 0..3 {
        receive_one(&mut model, now_ms);
        now_ms += 30 * SECOND;
    }
    model.send("payments", message("good"), now_ms).unwrap();
    let received = model.receive("payments", 1, None, now_ms).unwrap();
    assert_eq!(received[0].message.body, "good");
}

#[test]
fn the_receipt_of_the_source_does_not_reach_a_dead_letter() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let mut now_ms = NOW;
    let mut last = None;
    for _ in 0..3 {
        last = Some(receive_one(&mut model, now_ms));
        now_ms += 30 * SECOND;
    }
    receive(&mut model, now_ms);
    let receipt = last.unwrap().receipt;
    model.delete("payments", &receipt).unwrap();
    assert_eq!(model.delete("payments-dead-letters", &receipt), Err(Refusal::BadReceipt));
    assert_eq!(dead_letters(&mut model, now_ms).len(), 1);
}

#[test]
fn dead_letters_move_back_to_where_they_failed_as_new_messages() {
    let mut model = model();
    let sent = model.send("payments", message("x"), NOW).unwrap();
    let now_ms = fail_one(&mut model, NOW);
    let task = model.start_move("payments-dead-letters", None, now_ms).unwrap();
    assert_eq!((task.status, task.moved, task.to_move), (MoveStatus::Completed, 1, 1));
    let back = receive_one(&mut model, now_ms + 5);
    assert_ne!(back.message.id, sent.id);
    assert_eq!((back.sent_at, back.receives, back.first_received_at), (now_ms, 1, now_ms + 5));
    assert_eq!(back.source_arn, None);
    assert!(dead_letters(&mut model, now_ms).is_empty());
}

#[test]
fn a_message_sent_to_the_dead_letters_directly_moves_only_to_a_named_queue() {
    let mut model = model();
    model.send("payments-dead-letters", message("parked"), NOW).unwrap();
    let task = model.start_move("payments-dead-letters", None, NOW).unwrap();
    assert_eq!((task.status, task.moved), (MoveStatus::NoSource, 0));
    let task = model.start_move("payments-dead-letters", Some("payments"), NOW).unwrap();
    assert_eq!((task.status, task.moved), (MoveStatus::Completed, 1));
    assert_eq!(receive_one(&mut model, NOW).message.body, "parked");
    let tasks = model.moves("payments-dead-letters").unwrap();
    assert_eq!(tasks.iter().map(|t| t.moved).collect::<Vec<_>>(), [1, 0], "newest first");
}

#[test]
fn a_dead_letter_in_flight_stays() {
    let mut model = model();
    model.send("payments-dead-letters", message("held"), NOW).unwrap();
    dead_letters(&mut model, NOW);
    let task = model.start_move("payments-dead-letters", Some("payments"), NOW).unwrap();
    assert_eq!(task.to_move, 0);
}

#[test]
fn only_a_dead_letter_queue_can_be_moved_from() {
    let mut model = model();
    let refused = model.start_move("payments", None, NOW);
    assert_eq!(refused, Err(Refusal::NotDeadLetters("payments".to_owned())));
    let unknown = model.start_move("payments-dead-letters", Some("nowhere"), NOW);
    assert_eq!(unknown, Err(Refusal::UnknownQueue("nowhere".to_owned())));
}

#[test]
fn the_last_ten_moves_are_remembered() {
    let mut model = model();
    for n in 0..12 {
        model.start_move("payments-dead-letters", Some("payments"), NOW + n).unwrap();
    }
    let tasks = model.moves("payments-dead-letters").unwrap();
    assert_eq!(tasks.len(), 10);
    assert_eq!((tasks[0].started_at, tasks[9].started_at), (NOW + 11, NOW + 2));
}

#[test]
fn changes_tell_the_whole_way_of_a_message() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let now_ms = fail_one(&mut model, NOW);
    model.start_move("payments-dead-letters", None, now_ms).unwrap();
    let told: Vec<(What, String)> = model.take_changes().into_iter().map(|c| (c.what, c.queue)).collect();
    let expected = [
        (What::Sent, "payments"),
        (What::Received, "payments"),
        (What::Received, "payments"),
        (What::Received, "payments"),
        (What::DeadLettered, "payments-dead-letters"),
        (What::MovedAway, "payments-dead-letters"),
        (What::MovedBack, "payments"),
    ];
    assert_eq!(told, expected.map(|(what, queue)| (what, queue.to_owned())));
}
