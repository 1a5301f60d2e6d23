use super::{NOW, SECOND, attributes, message, model, receive_one};
use crate::{Model, Outgoing, Refusal, What, digest};

const LETTERS: &str = "payments-dead-letters";

/// A message that was sent to the dead-letter queue; gives its id.
fn parked(model: &mut Model, body: &str) -> String {
    let outgoing = Outgoing { attributes: attributes(&[("type", "t"), ("why", "w")]), ..message(body) };
    model.send(LETTERS, outgoing, NOW).unwrap().id
}

fn missing(id: &str) -> Refusal {
    Refusal::NoSuchMessage { queue: LETTERS.to_owned(), id: id.to_owned() }
}

#[test]
fn an_edited_dead_letter_keeps_its_id_and_age_and_has_new_digests() {
    let mut model = model();
    let id = parked(&mut model, "bad");
    let new = attributes(&[("type", "u")]);
    model.edit_dead_letter(LETTERS, &id, "good".to_owned(), new.clone(), NOW + 5).unwrap();
    let entries: Vec<_> = model.entries(LETTERS, NOW).unwrap().cloned().collect();
    assert_eq!(entries.len(), 1);
    let edited = &entries[0].message;
    assert_eq!((edited.id.as_str(), edited.body.as_str(), &edited.attributes), (id.as_str(), "good", &new));
    assert_eq!(edited.body_md5, digest::of_body("good"));
    assert_eq!(edited.attributes_md5, digest::of_attributes(&new));
    assert_eq!(entries[0].sent_at, NOW);
    let told: Vec<What> = model.take_changes().into_iter().map(|change| change.what).collect();
    assert_eq!(told, [What::Sent, What::Edited]);
}

#[test]
fn an_edit_that_breaks_a_rule_changes_nothing() {
    let mut model = model();
    let id = parked(&mut model, "bad");
    let before = model.entries(LETTERS, NOW).unwrap().cloned().collect::<Vec<_>>();
    let refused = model.edit_dead_letter(LETTERS, &id, String::new(), attributes(&[]), NOW);
    assert_eq!(refused, Err(Refusal::EmptyBody));
    let refused = model.edit_dead_letter(LETTERS, "nobody", "x".to_owned(), attributes(&[]), NOW);
    assert_eq!(refused, Err(missing("nobody")));
    assert_eq!(model.entries(LETTERS, NOW).unwrap().cloned().collect::<Vec<_>>(), before);
}

#[test]
fn a_returned_dead_letter_is_a_new_message_of_the_queue_with_the_attributes_it_was_given() {
    let mut model = model();
    let (id, other) = (parked(&mut model, "one"), parked(&mut model, "two"));
    let later = NOW + 3 * SECOND;
    let new_id =
        model.return_dead_letter(LETTERS, &id, "payments", attributes(&[("type", "t")]), later).unwrap();
    assert_ne!(new_id, id);
    let back = receive_one(&mut model, later);
    assert_eq!((back.message.id.as_str(), back.message.body.as_str()), (new_id.as_str(), "one"));
    assert_eq!((back.sent_at, back.receives, back.message.attributes.len()), (later, 1, 1));
    let left: Vec<_> = model.entries(LETTERS, NOW).unwrap().map(|entry| entry.message.id.clone()).collect();
    assert_eq!(left, [other]);
    let again = model.return_dead_letter(LETTERS, &id, "payments", attributes(&[]), later);
    assert_eq!(again, Err(missing(&id)), "it is there once");
}

#[test]
fn a_dead_letter_that_somebody_holds_is_left_alone() {
    let mut model = model();
    let id = parked(&mut model, "held");
    model.receive(LETTERS, 1, None, NOW).unwrap();
    assert_eq!(model.discard_dead_letter(LETTERS, &id, NOW), Err(missing(&id)));
    let later = NOW + 30 * SECOND;
    assert_eq!(model.discard_dead_letter(LETTERS, &id, later).unwrap().message.body, "held");
    assert_eq!(model.entries(LETTERS, NOW).unwrap().count(), 0);
}

#[test]
fn a_dead_letter_past_its_retention_is_neither_shown_nor_counted_nor_touched() {
    let mut model = model();
    let id = parked(&mut model, "old");
    let last = NOW + 345_600 * SECOND - 1;
    assert_eq!(model.entries(LETTERS, last).unwrap().count(), 1);
    let past = last + 1;
    assert_eq!(model.entries(LETTERS, past).unwrap().count(), 0);
    let depths = model.depths(past);
    let depth = depths.iter().find(|(queue, _)| queue == LETTERS).unwrap().1;
    assert_eq!((depth.visible, depth.oldest_age_ms), (0, None));
    assert_eq!(model.discard_dead_letter(LETTERS, &id, past), Err(missing(&id)));
}

#[test]
fn messages_of_a_queue_that_is_nobodys_dead_letter_queue_are_not_touched() {
    let mut model = model();
    let id = model.send("payments", message("live"), NOW).unwrap().id;
    let refused = Refusal::NotDeadLetters("payments".to_owned());
    assert_eq!(model.discard_dead_letter("payments", &id, NOW), Err(refused.clone()));
    let edit = model.edit_dead_letter("payments", &id, "x".to_owned(), attributes(&[]), NOW);
    assert_eq!(edit, Err(refused));
}

#[test]
fn a_message_that_failed_too_often_says_when_it_became_a_dead_letter() {
    let mut model = model();
    model.send("payments", message("x"), NOW).unwrap();
    let mut now_ms = NOW;
    for _ in 0..3 {
        receive_one(&mut model, now_ms);
        now_ms += 30 * SECOND;
    }
    assert!(model.receive("payments", 1, None, now_ms).unwrap().is_empty());
    let entry = model.entries(LETTERS, NOW).unwrap().next().unwrap();
    assert_eq!((entry.sent_at, entry.dead_lettered_at, entry.receives), (NOW, Some(now_ms), 3));
}
