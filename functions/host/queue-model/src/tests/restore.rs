use std::collections::BTreeMap;

use super::{NOW, SECOND, message, model, receive_one};
use crate::{Change, Entry, Model, Refusal};

/// What a host keeps: entries by number with their queues, and how far ids have come.
#[derive(Default)]
pub(super) struct Keeper {
    entries: BTreeMap<u64, (String, Entry)>,
    sequence: u64,
}

impl Keeper {
    pub(super) fn keep(&mut self, model: &mut Model) -> Vec<Change> {
        let changes = model.take_changes();
        for change in &changes {
            if change.what.is_gone() {
                self.entries.remove(&change.entry.number).expect("only a kept entry goes");
            } else {
                self.entries.insert(change.entry.number, (change.queue.clone(), change.entry.clone()));
            }
        }
        self.sequence = model.sequence();
        changes
    }

    pub(super) fn restored(&self) -> Model {
        let mut model = super::model();
        for (queue, entry) in self.entries.values() {
            model.restore(queue, entry.clone()).unwrap();
        }
        model.advance_sequence(self.sequence);
        model
    }
}

#[test]
fn a_restored_model_goes_on_where_it_was() {
    let (mut model, mut keeper) = (model(), Keeper::default());
    for body in ["deleted", "in flight", "visible"] {
        model.send("payments", message(body), NOW).unwrap();
    }
    let received = model.receive("payments", 2, None, NOW).unwrap();
    model.delete("payments", &received[0].receipt).unwrap();
    keeper.keep(&mut model);

    let mut restored = keeper.restored();
    assert_eq!(restored.depth("payments", NOW), model.depth("payments", NOW));
    assert_eq!(receive_one(&mut restored, NOW).message.body, "visible");
    let later = NOW + 30 * SECOND;
    let again = restored.receive("payments", 10, None, later).unwrap();
    let mut bodies: Vec<_> = again.iter().map(|r| (r.message.body.as_str(), r.receives)).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, [("in flight", 2), ("visible", 2)]);
}

#[test]
fn a_receipt_handle_of_before_the_crash_still_deletes() {
    let (mut model, mut keeper) = (model(), Keeper::default());
    model.send("payments", message("x"), NOW).unwrap();
    let received = receive_one(&mut model, NOW);
    keeper.keep(&mut model);
    let mut restored = keeper.restored();
    restored.delete("payments", &received.receipt).unwrap();
    assert_eq!(restored.depth("payments", NOW).unwrap().in_flight, 0);
}

#[test]
fn ids_are_not_given_twice_across_a_crash() {
    let (mut model, mut keeper) = (model(), Keeper::default());
    let first = model.send("payments", message("x"), NOW).unwrap();
    let received = receive_one(&mut model, NOW);
    model.delete("payments", &received.receipt).unwrap();
    keeper.keep(&mut model);
    let second = keeper.restored().send("payments", message("x"), NOW).unwrap();
    assert_ne!(first.id, second.id);
}

#[test]
fn restoring_leaves_no_change_and_needs_the_queue() {
    let (mut model, mut keeper) = (model(), Keeper::default());
    model.send("payments", message("x"), NOW).unwrap();
    let changes = keeper.keep(&mut model);
    let mut restored = keeper.restored();
    assert!(restored.take_changes().is_empty());
    let refused = restored.restore("gone", changes[0].entry.clone());
    assert_eq!(refused, Err(Refusal::UnknownQueue("gone".to_owned())));
}

#[test]
fn a_model_without_changes_keeps_no_record() {
    let mut model = model().without_changes();
    model.send("payments", message("x"), NOW).unwrap();
    assert!(model.take_changes().is_empty());
}
