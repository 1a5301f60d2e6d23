//! What is done to queues and to the topic.

use proptest::prelude::*;

/// The queues. Each has a dead-letter queue.
pub(super) const QUEUES: [&str; 5] = ["payments", "receipts", "ledger", "refunds", "notifications"];

/// Half a day and a little: nothing is hidden for longer.
pub(super) const DAYS_LATER: u64 = 43_201_000;

/// What must happen in a run of the ordinary budget: each kind of change in a queue, each way to be told no that a
/// sender or receiver can meet, and what a receiver sees.
pub(super) const EXPECTED: [&str; 33] = [
    "Sent",
    "MovedBack",
    "Received",
    "VisibilityChanged",
    "DeadLettered",
    "Deleted",
    "Expired",
    "Purged",
    "MovedAway",
    "received: nothing",
    "received: again",
    "received: dead letter",
    "published: to a queue",
    "published: past a filter",
    "published: undeliverable",
    "depth: delayed",
    "depth: in flight",
    "batch: in part",
    "move: no source",
    "deleted: too late",
    "restarted",
    "no: EmptyBody",
    "no: BadCharacter",
    "no: TooManyAttributes",
    "no: BadAttribute",
    "no: OutOfRange",
    "no: BadReceipt",
    "no: StaleReceipt",
    "no: NotInFlight",
    "no: PurgeInProgress",
    "no: RepeatedEntryId",
    "no: NotDeadLetters",
    "no: EmptyNotification",
];

/// A message before either has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    pub(super) body: usize,
    pub(super) attributes: usize,
    pub(super) delay: Option<u32>,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Send { queue: usize, message: Draft },
    SendBatch { queue: usize, messages: Vec<Draft>, one_id: bool },
    Publish { message: Draft },
    PublishBatch { messages: Vec<Draft> },
    Receive { queue: usize, max: u32, hidden: Option<u32> },
    Delete { which: usize, elsewhere: bool },
    DeleteBatch { which: Vec<usize> },
    Hide { which: usize, seconds: u32 },
    HideBatch { which: Vec<usize>, seconds: u32 },
    Depth { queue: usize },
    Move { from: usize, to: Option<usize> },
    Moves { from: usize },
    Purge { queue: usize },
    Wait { millis: u64 },
    Restart,
}

/// Bodies; the last two are refused.
pub(super) const BODIES: [&str; 5] =
    ["{\"id\":\"one\"}", "two & <2>", "three\r\n\t“é” 🎁", "", "not \u{fffe} carried"];

/// How many sets of attributes there are: see `model::attributes`.
pub(super) const ATTRIBUTES: usize = 9;

fn draft() -> impl Strategy<Value = Draft> {
    let body = prop_oneof![12 => 0..3_usize, 1 => 3..BODIES.len()];
    let attributes = prop_oneof![10 => 0..6_usize, 1 => 6..ATTRIBUTES];
    let delay = prop_oneof![6 => Just(None), 3 => (0..40_u32).prop_map(Some), 1 => Just(Some(901))];
    (body, attributes, delay).prop_map(|(body, attributes, delay)| Draft { body, attributes, delay })
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let drafts = || proptest::collection::vec(draft(), 1..5);
    // One queue has most of what happens, so that it happens to the same messages.
    let queue = || prop_oneof![8 => Just(0_usize), 3 => Just(1_usize), 1 => 2..QUEUES.len()];
    let dead = || queue().prop_map(|queue| queue + QUEUES.len());
    let any_queue = || prop_oneof![3 => queue(), 2 => dead()];
    let which = || 0..100_usize;
    let several = || proptest::collection::vec(which(), 1..4);
    let seconds = || prop_oneof![4 => 0..60_u32, 1 => 43_000..43_300_u32];
    // What is not hidden at all is soon received too often.
    let hidden = prop_oneof![3 => Just(None), 4 => Just(Some(0)), 3 => seconds().prop_map(Some)];
    let max = prop_oneof![12 => 1..=10_u32, 1 => Just(0), 1 => Just(11)];
    prop_oneof![
        8 => (prop_oneof![3 => queue(), 1 => dead()], draft())
            .prop_map(|(queue, message)| Step::Send { queue, message }),
        2 => (queue(), drafts(), proptest::bool::weighted(0.1))
            .prop_map(|(queue, messages, one_id)| Step::SendBatch { queue, messages, one_id }),
        6 => draft().prop_map(|message| Step::Publish { message }),
        2 => drafts().prop_map(|messages| Step::PublishBatch { messages }),
        16 => (any_queue(), max, hidden)
            .prop_map(|(queue, max, hidden)| Step::Receive { queue, max, hidden }),
        5 => (which(), proptest::bool::weighted(0.1))
            .prop_map(|(which, elsewhere)| Step::Delete { which, elsewhere }),
        2 => several().prop_map(|which| Step::DeleteBatch { which }),
        5 => (which(), seconds()).prop_map(|(which, seconds)| Step::Hide { which, seconds }),
        2 => (several(), seconds()).prop_map(|(which, seconds)| Step::HideBatch { which, seconds }),
        4 => any_queue().prop_map(|queue| Step::Depth { queue }),
        6 => (prop_oneof![8 => dead(), 1 => queue()], proptest::option::of(any_queue()))
            .prop_map(|(from, to)| Step::Move { from, to }),
        1 => dead().prop_map(|from| Step::Moves { from }),
        3 => prop_oneof![4 => Just(0_usize), 1 => Just(QUEUES.len())].prop_map(|queue| Step::Purge { queue }),
        12 => prop_oneof![
            8 => (0..40_u64).prop_map(|seconds| seconds * 1_000),
            2 => Just(999_u64),
            2 => 55_000..65_000_u64,
            1 => 170_000..700_000_u64,
            1 => Just(DAYS_LATER),
        ].prop_map(|millis| Step::Wait { millis }),
        2 => Just(Step::Restart),
    ]
}
