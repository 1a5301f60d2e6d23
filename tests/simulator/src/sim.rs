//! The world of one run: everything there is, and what is still to come.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adapters_memory::Memory;
use app::ports::{Clock, Credentials};
use domain::time::{Span, Timestamp};
use secrecy::SecretSlice;

use crate::checks::Seen;
use crate::donors::Donor;
use crate::environment::Environment;
use crate::executor::Task;
use crate::faults::Faults;
use crate::functions::Function;
use crate::knobs::Knobs;
use crate::people::Errand;
use crate::provider::Model;
use crate::queues::Queues;
use crate::random::Stream;
use crate::run::Options;
use crate::trace::Trace;

/// When every run begins: a November evening on air.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_204_800_000);

/// Something that is to happen.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A donor sends the request, or another one under the same key.
    Offer { donor: usize, other: bool },
    /// A donor looks what became of it.
    Look { donor: usize },
    /// The topic delivers an event.
    Announce { kind: &'static str, body: String, donation: String },
    /// A message reaches a queue.
    Arrive { queue: &'static str, body: String },
    /// A queue's poller looks for messages.
    Poll { queue: &'static str },
    /// A provider sends a webhook.
    Webhook(Delivery),
    /// One of the charity's people does something.
    Errand(Errand),
}

/// A webhook on its way.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) provider: &'static str,
    pub(crate) body: String,
    pub(crate) is_forged: bool,
    pub(crate) tries: u32,
}

/// One run.
pub(crate) struct Sim {
    pub(crate) knobs: Knobs,
    pub(crate) memory: Memory,
    pub(crate) model: Arc<Mutex<Model>>,
    pub(crate) faults: Arc<Mutex<Faults>>,
    pub(crate) queues: Queues,
    pub(crate) workload: Stream,
    pub(crate) schedule: Stream,
    pub(crate) trace: Trace,
    pub(crate) agenda: BTreeMap<(Timestamp, u64), Act>,
    /// Queues that a poll is on the agenda for, and when.
    pub(crate) polls: BTreeMap<&'static str, Timestamp>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) pools: BTreeMap<Function, Vec<Rc<Environment>>>,
    pub(crate) counted: u64,
    pub(crate) donors: Vec<Donor>,
    pub(crate) runs: BTreeMap<Function, Timestamp>,
    pub(crate) is_calm: bool,
    pub(crate) parked: usize,
    pub(crate) entries: usize,
    /// How often somebody was called to look at what came under review.
    pub(crate) reviews: u32,
    pub(crate) writes: u64,
    pub(crate) seen: BTreeMap<String, Seen>,
    pub(crate) reached: BTreeMap<String, u64>,
    pub(crate) edges: BTreeSet<String>,
    pub(crate) violations: Vec<String>,
    pub(crate) polled: u64,
}

impl Sim {
    pub(crate) fn new(seed: u64, options: &Options) -> Self {
        let knobs = Knobs::draw(seed);
        let memory = Memory::new(START);
        memory.hold_clock();
        memory.set_capability_keys(vec![SecretSlice::from(vec![7; 32])]);
        memory.set_credentials(Credentials {
            api_key: "an invented key".into(),
            webhook_secrets: vec!["an invented secret".into()],
        });
        let faults = Arc::new(Mutex::new(Faults::new(seed, &knobs, START, options.only.clone())));
        let hooked = Arc::clone(&faults);
        memory.on_call(move |call| hooked.lock().unwrap_or_else(PoisonError::into_inner).of_call(call));
        let model = Arc::new(Mutex::new(Model::new(Arc::clone(&faults), &knobs)));
        let runs = [Function::ResumeDonations, Function::ReconcilePayments].map(|function| (function, START));
        let mut sim = Self {
            memory,
            model,
            faults,
            queues: Queues::new(),
            workload: Stream::new(seed, "workload"),
            schedule: Stream::new(seed, "schedule"),
            trace: Trace::new(options.keeps_lines),
            agenda: BTreeMap::new(),
            polls: BTreeMap::new(),
            tasks: Vec::new(),
            pools: BTreeMap::new(),
            counted: 0,
            donors: Vec::new(),
            runs: runs.into(),
            is_calm: false,
            parked: 0,
            entries: 0,
            reviews: 0,
            writes: 0,
            seen: BTreeMap::new(),
            reached: BTreeMap::new(),
            edges: BTreeSet::new(),
            violations: Vec::new(),
            polled: 0,
            knobs,
        };
        sim.invite_donors();
        sim.send_people();
        sim
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.memory.now()
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts something on the agenda, so much later.
    pub(crate) fn later(&mut self, after: Span, act: Act) {
        self.counted += 1;
        self.agenda.insert((self.now().plus(after), self.counted), act);
    }

    /// Has a queue looked at by then.
    pub(crate) fn poll_at(&mut self, queue: &'static str, at: Timestamp) {
        if self.polls.get(queue).is_none_or(|known| *known > at) {
            self.polls.insert(queue, at);
            self.later(at.since(self.now()), Act::Poll { queue });
        }
    }

    pub(crate) fn reach(&mut self, what: impl Into<String>) {
        *self.reached.entry(what.into()).or_default() += 1;
    }

    pub(crate) fn violate(&mut self, what: impl Into<String>) {
        let what = what.into();
        if self.violations.len() < 20 && !self.violations.contains(&what) {
            self.violations.push(what);
        }
    }
}
