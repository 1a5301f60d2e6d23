//! Many runs together: what was reached, and what was not though it should have been.

use std::collections::{BTreeMap, BTreeSet};

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
        self.edges.extend(report.edges.iter().map(|(from, to)| format!("{from} -> {to}")));
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
        let listed = |kind: &'static str, text: &'static str| {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(move |line| (kind, line))
        };
        let expected = listed("port", PORTS).chain(listed("reached", REACHED)).chain(listed("edge", EDGES));
        let silent = expected.filter(|(kind, line)| match *kind {
            "port" => !self.ports.contains_key(*line),
            "reached" => !self.reached.contains_key(*line),
            _ => !self.edges.contains(*line),
        });
        classes.chain(silent.map(|(kind, line)| format!("{kind} {line}"))).collect()
    }
}

const PORTS: &str = include_str!("../expected/ports.txt");
const REACHED: &str = include_str!("../expected/reached.txt");
const EDGES: &str = include_str!("../expected/edges.txt");
