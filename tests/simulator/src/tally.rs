//! Many runs together: what was reached, and what was not though it should have been.

use std::collections::{BTreeMap, BTreeSet};

use crate::drawn;
use crate::faults::Class;
use crate::run::Report;

/// What many runs came to.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Runs.
    pub seeds: u64,
    /// Calls of ports.
    pub calls: u64,
    /// Faults that struck.
    pub faults: u64,
    /// The same by class.
    pub by_class: BTreeMap<Class, u64>,
    /// Which ports were called, by name, and how often.
    pub ports: BTreeMap<String, u64>,
    /// Which fault struck which port, by name, and how often.
    pub pairs: BTreeMap<String, u64>,
    /// What happened, and how often.
    pub reached: BTreeMap<String, u64>,
    /// From which state a donation went to which.
    pub edges: BTreeSet<String>,
    /// Runs that failed: the seed and the first thing that must never be.
    pub failed: Vec<(u64, String)>,
}

impl Tally {
    /// Adds a run.
    pub fn add(&mut self, report: &Report) {
        self.seeds += 1;
        for (operation, times) in &report.calls {
            self.calls += times;
            *self.ports.entry(format!("{operation:?}")).or_default() += times;
        }
        for fault in &report.faults {
            self.faults += 1;
            *self.by_class.entry(fault.class).or_default() += 1;
        }
        for ((operation, class), times) in &report.pairs {
            *self.pairs.entry(format!("{operation:?} {class:?}")).or_default() += times;
        }
        for (what, times) in &report.reached {
            *self.reached.entry(what.clone()).or_default() += times;
        }
        self.edges.extend(report.edges.iter().cloned());
        if let Some(first) = report.violations.first() {
            self.failed.push((report.seed, first.clone()));
        }
    }

    /// Adds what other runs came to.
    pub fn merge(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.calls += other.calls;
        self.faults += other.faults;
        for (mine, theirs) in [
            (&mut self.ports, other.ports),
            (&mut self.pairs, other.pairs),
            (&mut self.reached, other.reached),
        ] {
            for (what, times) in theirs {
                *mine.entry(what).or_default() += times;
            }
        }
        for (class, times) in other.by_class {
            *self.by_class.entry(class).or_default() += times;
        }
        self.edges.extend(other.edges);
        self.failed.extend(other.failed);
        self.failed.sort();
    }

    /// What never happened though a simulation that is awake meets it: a class of faults, a port, an ending,
    /// an edge. A simulator that has gone silent fails by this.
    pub fn missing(&self) -> Vec<String> {
        let classes = Class::ALL.into_iter().filter(|class| !self.by_class.contains_key(class));
        let classes = classes.map(|class| format!("fault {class:?}"));
        let ports = lines(PORTS).filter(|line| !self.ports.contains_key(*line));
        let reached = lines(REACHED).filter(|line| !self.reached.contains_key(*line));
        let silent = ports.map(|line| format!("port {line}"));
        let silent = silent.chain(reached.map(|line| format!("reached {line}")));
        let edges = drawn::edges().into_iter().filter(|edge| {
            let is_named = |text| lines(text).any(|line| line.split(" | ").next() == Some(edge));
            let is_reached = self.edges.contains(edge);
            if is_named(UNREACHED) {
                return is_reached;
            }
            !is_reached && (self.seeds >= RARE_AFTER || !is_named(RARE))
        });
        let edges = edges.map(|edge| format!("edge {edge}, or the reason why it cannot be"));
        classes.chain(silent).chain(edges).collect()
    }

    /// Edges that were gone along and that the pictures do not draw: several at once, in one write.
    pub fn leaps(&self) -> BTreeSet<String> {
        self.edges.difference(&drawn::edges()).cloned().collect()
    }
}

const PORTS: &str = include_str!("../expected/ports.txt");
const REACHED: &str = include_str!("../expected/reached.txt");
/// Edges that cannot be reached here, each with its reason after a bar. One that is reached all the same counts as
/// missing: its reason is wrong.
const UNREACHED: &str = include_str!("../expected/unreached.txt");
/// Edges that are only reached once in many thousand seeds.
const RARE: &str = include_str!("../expected/rare.txt");
/// Fewest seeds after which those too must have been reached.
const RARE_AFTER: u64 = 1_000_000;

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}
