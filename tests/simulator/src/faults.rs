//! Everything that goes wrong: which class, how often, and a number for each, so that a run can be had again without
//! some of it.

use std::collections::{BTreeMap, BTreeSet};

use adapters_memory::{Call, FaultChoice, Operation};
use domain::time::{Span, Timestamp};

use crate::knobs::Knobs;
use crate::random::Stream;

/// What may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A port turns a call away.
    Throttle,
    /// A call is lost on its way there.
    LostBefore,
    /// A call has its effect, and its answer is lost.
    LostAfter,
    /// A caller gives up, and the call has its effect later.
    Late,
    /// A call takes long.
    Slow,
    /// One port turns every call away, or answers none, for a while.
    Storm,
    /// A function's process dies at a point where it waits.
    Crash,
    /// A function's process starts with a clock that is wrong, or its clock jumps.
    Clock,
    /// The topic delivers an event twice.
    EventTwice,
    /// The topic delivers an event late, and so after younger ones.
    EventLate,
    /// The topic takes an event and never delivers it.
    EventLost,
    /// A message becomes visible while its handler still runs.
    VisibleEarly,
    /// A handled message is not deleted.
    DeleteLost,
    /// A webhook is never sent.
    WebhookLost,
    /// A webhook is sent twice.
    WebhookTwice,
    /// A webhook is sent late, and so after younger ones.
    WebhookLate,
    /// The provider executes a request, answers 500, and keeps that answer under the key.
    StoredError,
    /// The provider answers 500 before it executes anything, and keeps that answer under the key.
    StoredRefusal,
    /// The provider forgets a key too early, against its promise.
    KeyForgotten,
    /// A scheduled run does not happen.
    RunSkipped,
    /// A message is written by the next version of the code.
    NextVersion,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 21] = [
        Self::Throttle,
        Self::LostBefore,
        Self::LostAfter,
        Self::Late,
        Self::Slow,
        Self::Storm,
        Self::Crash,
        Self::Clock,
        Self::EventTwice,
        Self::EventLate,
        Self::EventLost,
        Self::VisibleEarly,
        Self::DeleteLost,
        Self::WebhookLost,
        Self::WebhookTwice,
        Self::WebhookLate,
        Self::StoredError,
        Self::StoredRefusal,
        Self::KeyForgotten,
        Self::RunSkipped,
        Self::NextVersion,
    ];
}

/// One fault that struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number in this run, from 1.
    pub number: u64,
    /// What went wrong.
    pub class: Class,
    /// When, in milliseconds since the run began.
    pub at_millis: u64,
    /// To what.
    pub what: String,
}

/// The faults of a run.
#[derive(Debug)]
pub(crate) struct Faults {
    stream: Stream,
    rates: BTreeMap<Class, u64>,
    late_max: Span,
    is_on: bool,
    only: Option<BTreeSet<u64>>,
    numbered: u64,
    began: Timestamp,
    pub(crate) now: Timestamp,
    struck: Vec<Fault>,
    storm: Option<(Operation, Timestamp, bool)>,
    /// How often each port was called.
    pub(crate) calls: BTreeMap<Operation, u64>,
    /// The latest call, for whoever describes a crash.
    pub(crate) latest: Option<Operation>,
    /// Which faults of which port struck, for the count of what was reached.
    pub(crate) pairs: BTreeMap<(Operation, Class), u64>,
}

impl Faults {
    /// The faults of this seed. With `only`, no other than those of these numbers strikes.
    pub(crate) fn new(seed: u64, knobs: &Knobs, began: Timestamp, only: Option<BTreeSet<u64>>) -> Self {
        Self {
            stream: Stream::new(seed, "faults"),
            rates: knobs.rates.clone(),
            late_max: knobs.late_max,
            is_on: true,
            only,
            numbered: 0,
            began,
            now: began,
            struck: Vec::new(),
            storm: None,
            calls: BTreeMap::new(),
            latest: None,
            pairs: BTreeMap::new(),
        }
    }

    /// From now on nothing goes wrong.
    pub(crate) fn stop(&mut self) {
        self.is_on = false;
        self.storm = None;
    }

    pub(crate) fn struck(&self) -> &[Fault] {
        &self.struck
    }

    /// Whether a fault of this class strikes now.
    pub(crate) fn strikes(&mut self, class: Class, what: impl FnOnce() -> String) -> bool {
        let rate = if self.is_on { self.rates.get(&class).copied().unwrap_or(0) } else { 0 };
        rate > 0 && self.stream.happens(rate) && self.admits(class, what)
    }

    /// Numbers a fault, and says whether it is one of those that may strike.
    fn admits(&mut self, class: Class, what: impl FnOnce() -> String) -> bool {
        self.numbered += 1;
        let number = self.numbered;
        let is_admitted = self.only.as_ref().is_none_or(|only| only.contains(&number));
        if is_admitted {
            let at_millis = self.now.since(self.began).as_millis();
            self.struck.push(Fault { number, class, at_millis, what: what() });
        }
        is_admitted
    }

    /// A span for a fault that needs one.
    pub(crate) fn span(&mut self, most: Span) -> Span {
        self.stream.span(most)
    }

    /// A number for a fault that needs one.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.stream.below(bound)
    }

    /// What strikes this call.
    pub(crate) fn of_call(&mut self, call: &Call) -> FaultChoice {
        *self.calls.entry(call.operation).or_default() += 1;
        self.latest = Some(call.operation);
        if !self.is_on {
            return FaultChoice::None;
        }
        if let Some((operation, until, is_throttle)) = self.storm {
            if self.now >= until {
                self.storm = None;
            } else if operation == call.operation {
                return if is_throttle { FaultChoice::Throttle } else { FaultChoice::UnknownNotApplied };
            }
        }
        let what = || format!("{:?} {}", call.operation, call.subject);
        if self.storm.is_none() && self.strikes(Class::Storm, what) {
            let until = self.now.plus(self.stream.span(Span::minutes(30)));
            self.storm = Some((call.operation, until, self.stream.happens(5_000)));
        }
        for class in [Class::Throttle, Class::LostBefore, Class::LostAfter, Class::Late, Class::Slow] {
            if self.strikes(class, what) {
                *self.pairs.entry((call.operation, class)).or_default() += 1;
                return self.choice(class);
            }
        }
        FaultChoice::None
    }

    fn choice(&mut self, class: Class) -> FaultChoice {
        match class {
            Class::Throttle => FaultChoice::Throttle,
            Class::LostBefore => FaultChoice::UnknownNotApplied,
            Class::LostAfter => FaultChoice::UnknownApplied,
            Class::Late => FaultChoice::UnknownAppliedLate(self.stream.span(self.late_max)),
            _ => FaultChoice::Slow(self.stream.span(Span::seconds(20))),
        }
    }
}
