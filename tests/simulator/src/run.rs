//! One run: faults, then calm, then the reckoning.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use adapters_memory::Operation;
use domain::time::Span;

use crate::faults::{Class, Fault};
use crate::functions::Function;
use crate::sim::{Act, START, Sim};

/// Most steps of one run. A run that takes more does not end by itself.
const STEPS_MAX: u64 = 300_000;
/// Longest that anything may take to settle once the faults have stopped.
const CALM_MAX: Span = Span::hours(24 * 45);
/// How often everything is sent back and read again before what is left counts as left.
const ROUNDS: u32 = 3;

/// How a seed is run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Numbers of the faults that may strike; every one where it says nothing.
    pub only: Option<BTreeSet<u64>>,
    /// Whether the history's lines are kept.
    pub keeps_lines: bool,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// The history's hash: the same for every run of the same seed and options.
    pub hash: u64,
    /// Steps that the history has.
    pub steps: u64,
    /// Times that a task was let go on.
    pub polled: u64,
    /// What must never be, and was. None in a run that passes.
    pub violations: Vec<String>,
    /// What went wrong on purpose.
    pub faults: Vec<Fault>,
    /// How often each port was called.
    pub calls: BTreeMap<Operation, u64>,
    /// Which fault struck which port, and how often.
    pub pairs: BTreeMap<(Operation, Class), u64>,
    /// What happened, and how often.
    pub reached: BTreeMap<String, u64>,
    /// From which state a donation went to which.
    pub edges: BTreeSet<String>,
    /// The settings, in words.
    pub knobs: String,
    /// The history, where its lines were kept.
    pub lines: Vec<String>,
}

/// Runs a seed.
pub fn run(seed: u64, options: &Options) -> Report {
    let mut sim = Sim::new(seed, options);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        sim.faulty_phase();
        sim.calm_phase();
        sim.check_end();
    }));
    if ended.is_err() {
        sim.violate("something panicked");
    }
    sim.report(seed)
}

impl Sim {
    fn faulty_phase(&mut self) {
        let until = START.plus(self.knobs.faulty);
        while self.now() < until && self.trace.steps() < STEPS_MAX {
            if !self.step() {
                break;
            }
        }
    }

    /// Nothing goes wrong any more, and nobody comes any more: now everything has to settle by itself.
    fn calm_phase(&mut self) {
        self.faults().stop();
        self.is_calm = true;
        // Webhooks that are under way are lost, unless they are the only net there is.
        let keeps_webhooks = !self.knobs.reconciles;
        self.agenda.retain(|_, act| match act {
            Act::Offer { .. } | Act::Look { .. } | Act::Errand(_) => false,
            Act::Webhook(_) => keeps_webhooks,
            Act::Announce { .. } | Act::Arrive { .. } | Act::Poll { .. } => true,
        });
        let until = self.now().plus(CALM_MAX);
        let mut rounds = 0;
        loop {
            if self.now() > until || self.trace.steps() > STEPS_MAX {
                let steps = self.trace.steps();
                return self.violate(format!("it does not settle: {steps} steps, {:?}", self.now()));
            }
            // What happened by itself while the clock moved has to be heard first.
            self.collect();
            let is_over = (self.tasks.is_empty() && self.is_settled()) || !self.step();
            if !is_over {
                continue;
            }
            if rounds == ROUNDS {
                return;
            }
            rounds += 1;
            // What moved last has to be listed before it can be read.
            self.advance(self.knobs.listed_after);
            let moved = self.redrive();
            if self.knobs.reconciles {
                self.run(Function::ReconcilePayments);
                continue;
            }
            // Where webhooks are the only net, those of what happened last are still to come.
            self.collect();
            if moved == 0 && self.is_settled() {
                return;
            }
        }
    }

    fn report(self, seed: u64) -> Report {
        let (faults, calls, pairs) = {
            let faults = self.faults();
            (faults.struck().to_vec(), faults.calls.clone(), faults.pairs.clone())
        };
        let mut reached = self.reached.clone();
        for (what, times) in &self.model().reached {
            *reached.entry((*what).to_owned()).or_default() += times;
        }
        Report {
            seed,
            hash: self.trace.hash(),
            steps: self.trace.steps(),
            polled: self.polled,
            knobs: format!("{:?}", self.knobs),
            violations: self.violations,
            faults,
            calls,
            pairs,
            reached,
            edges: self.edges,
            lines: self.trace.into_lines(),
        }
    }
}
