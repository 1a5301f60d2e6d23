//! Any sequence of calls at any times, with crashes in between, keeps these promises: every message sent is
//! deleted, expired, purged, or still in exactly one queue; and a deleted message never comes again.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{NOW, SECOND, message, model, restore::Keeper};
use crate::{Model, Outgoing, Received, What};

const QUEUES: [&str; 2] = ["payments", "payments-dead-letters"];

#[derive(Debug, Clone)]
enum Step {
    Send { delay: u32 },
    Receive { queue: usize, max: u32, visibility: Option<u32> },
    Delete { which: usize },
    ChangeVisibility { which: usize, seconds: u32 },
    MoveBack { named: bool },
    Purge { queue: usize },
    Wait { seconds: u64 },
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop_oneof![Just(0), 0..30_u32].prop_map(|delay| Step::Send { delay }),
        6 => (0..2_usize, 1..=10_u32, proptest::option::of(0..60_u32))
            .prop_map(|(queue, max, visibility)| Step::Receive { queue, max, visibility }),
        4 => (0..100_usize).prop_map(|which| Step::Delete { which }),
        2 => (0..100_usize, 0..60_u32).prop_map(|(which, seconds)| Step::ChangeVisibility { which, seconds }),
        1 => any::<bool>().prop_map(|named| Step::MoveBack { named }),
        1 => (0..2_usize).prop_map(|queue| Step::Purge { queue }),
        4 => prop_oneof![9 => 0..40_u64, 1 => 100_000..400_000_u64]
            .prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Crash),
    ]
}

/// A model under test, what was handed out, and what its changes told.
struct Run {
    model: Model,
    keeper: Keeper,
    now_ms: u64,
    handles: Vec<(usize, Received)>,
    told: BTreeMap<What, usize>,
    gone: BTreeSet<u64>,
}

impl Run {
    fn new() -> Self {
        Self {
            model: model(),
            keeper: Keeper::default(),
            now_ms: NOW,
            handles: Vec::new(),
            told: BTreeMap::new(),
            gone: BTreeSet::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        let now_ms = self.now_ms;
        match *step {
            Step::Send { delay } => {
                let outgoing = Outgoing { delay_seconds: Some(delay), ..message("x") };
                self.model.send("payments", outgoing, now_ms).unwrap();
            }
            Step::Receive { queue, max, visibility } => {
                let received = self.model.receive(QUEUES[queue], max, visibility, now_ms).unwrap();
                assert!(received.len() <= max as usize);
                self.handles.extend(received.into_iter().map(|r| (queue, r)));
            }
            Step::Delete { which } => {
                if let Some((queue, received)) = pick(&self.handles, which) {
                    self.model.delete(QUEUES[*queue], &received.receipt).unwrap();
                }
            }
            Step::ChangeVisibility { which, seconds } => {
                if let Some((queue, received)) = pick(&self.handles, which) {
                    // A stale handle is refused; that it changes nothing shows in what follows.
                    drop(self.model.change_visibility(QUEUES[*queue], &received.receipt, seconds, now_ms));
                }
            }
            Step::MoveBack { named } => {
                let task = self.model.start_move(QUEUES[1], named.then_some(QUEUES[0]), now_ms).unwrap();
                assert!(task.moved <= task.to_move);
            }
            Step::Purge { queue } => drop(self.model.purge(QUEUES[queue], now_ms)),
            Step::Wait { seconds } => self.now_ms += seconds * SECOND,
            Step::Crash => self.model = self.keeper.restored(),
        }
        for change in self.keeper.keep(&mut self.model) {
            *self.told.entry(change.what).or_default() += 1;
            assert!(!self.gone.contains(&change.entry.number), "a message that is gone does not come back");
            if change.what.is_gone() {
                self.gone.insert(change.entry.number);
            }
        }
    }

    fn count(&self, what: What) -> usize {
        self.told.get(&what).copied().unwrap_or_default()
    }

    /// sent + moved back = deleted + expired + purged + moved away + held; and of those that are held, the ones
    /// within their retention are visible, in flight or delayed.
    fn check_conservation(&mut self) {
        for (queue, depth) in self.model.depths(self.now_ms) {
            let kept = self.model.entries(&queue, self.now_ms).unwrap().count();
            assert_eq!(depth.visible + depth.in_flight + depth.delayed, kept, "{queue}");
        }
        let held: usize = QUEUES.iter().map(|queue| self.model.queue(queue).unwrap().len()).sum();
        let came = self.count(What::Sent) + self.count(What::MovedBack);
        let went = [What::Deleted, What::Expired, What::Purged, What::MovedAway].map(|what| self.count(what));
        assert_eq!(came, held + went.iter().sum::<usize>());
        assert_eq!(self.count(What::MovedBack), self.count(What::MovedAway));
    }
}

fn pick<T>(list: &[T], which: usize) -> Option<&T> {
    if list.is_empty() { None } else { list.get(which % list.len()) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_deleted_comes_again(steps in proptest::collection::vec(step(), 1..120)) {
        let mut run = Run::new();
        for step in &steps {
            run.take(step);
            run.check_conservation();
        }
    }

    #[test]
    fn a_message_in_flight_is_handed_to_nobody_else(steps in proptest::collection::vec(step(), 1..120)) {
        let mut run = Run::new();
        for step in &steps {
            let already = run.handles.len();
            let hidden = hidden(&run.model, run.now_ms);
            run.take(step);
            for (_, received) in &run.handles[already..] {
                prop_assert!(!hidden.contains(&received.message.id), "{} was in flight", received.message.id);
            }
        }
    }

    #[test]
    fn the_same_calls_give_the_same_answers(steps in proptest::collection::vec(step(), 1..60)) {
        let (mut one, mut two) = (Run::new(), Run::new());
        for step in &steps {
            one.take(step);
            two.take(step);
        }
        prop_assert_eq!(one.handles, two.handles);
        prop_assert_eq!(one.told, two.told);
    }
}

/// Ids of the messages that are hidden now.
fn hidden(model: &Model, now_ms: u64) -> BTreeSet<String> {
    let hidden = QUEUES.iter().flat_map(|queue| model.queue(queue).unwrap().hidden(now_ms));
    hidden.map(|entry| entry.message.id.clone()).collect()
}
