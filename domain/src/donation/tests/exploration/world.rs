//! The donation, the provider, those at work, and what may happen next.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use stateright::{Model, Property};

use super::super::samples::{accepted, hours, resolves};
use super::provider::{First, Provider, Status};
use super::rules::{Rules, properties};
use super::worker::{News, Stored, Worker};
use crate::donation::{PaymentStep, Resolution};
use crate::ids::{ProviderKey, ProviderReference};
use crate::payment::PaymentOutcome;

/// Hours after which a request that was sent has arrived or never does.
const FLIGHT_HOURS: u16 = 2;
/// Most decisions of people in one run.
const DECISIONS_MAX: usize = 1;

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) hours: u16,
    pub(super) stored: Stored,
    pub(super) provider: Provider,
    pub(super) workers: [Option<Worker>; 2],
    /// Requests whose sender has given up, with the hour at which they were sent.
    pub(super) in_flight: Vec<(ProviderKey, u16)>,
}

/// What may happen next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// A message arrives, the first or one more: somebody takes the donation up.
    Message,
    /// A notification arrives, the first time or once more.
    Notification(usize, usize),
    /// Somebody does what comes next.
    Step(usize),
    /// Somebody calls the provider.
    Call(usize, Call),
    /// Somebody asks the provider, with or without an answer.
    Ask(usize, bool),
    /// Somebody calls a payment off, with or without an answer, or does not get through.
    CallOff(usize, CallingOff),
    /// A person decides.
    Decide(Resolution),
    /// Somebody dies.
    Crash(usize),
    /// A request that was given up arrives after all.
    LateArrival(usize, First),
    /// A request that was given up is lost.
    Loss(usize),
    /// The provider moves a payment on.
    Resolution(usize, Status),
    /// Time passes, longer than anybody can be at work.
    Wait,
}

/// How a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Answered(First),
    AnswerLost(First),
    GivenUp,
    TurnedAway,
}

/// How calling a payment off goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallingOff {
    Answered,
    AnswerLost,
    NotReached,
}

impl World {
    /// A donation that has just been accepted.
    pub(super) fn start() -> Self {
        let stored = Stored(Arc::new(accepted()));
        Self { hours: 0, stored, provider: Provider::default(), workers: [None, None], in_flight: vec![] }
    }

    /// Whether nobody is at work and nothing is under way.
    pub(super) fn is_quiet(&self) -> bool {
        self.workers.iter().all(Option::is_none) && self.in_flight.is_empty()
    }

    pub(super) fn is_calling_twice(&self) -> bool {
        self.workers.iter().all(|worker| matches!(worker, Some(Worker::Calling { .. })))
    }

    pub(super) fn is_calling_off(&self) -> bool {
        self.workers.iter().any(|worker| matches!(worker, Some(Worker::CallingOff { .. })))
    }

    pub(super) fn is_only_asked(&self, rules: &Rules) -> bool {
        let step = self.stored.0.next_payment_step(hours(self.hours.into()), rules.key_life);
        matches!(step, PaymentStep::Ask { reference: None })
    }

    /// Somebody begins, if there is room.
    pub(super) fn begin(&mut self, worker: Worker) {
        if let Some(free) = self.workers.iter_mut().find(|worker| worker.is_none()) {
            *free = Some(worker);
        }
    }

    pub(super) fn call(&mut self, rules: &Rules, key: &ProviderKey, call: Call) -> Worker {
        let outcome = match call {
            Call::Answered(first) => self.provider.collect(key, self.hours, first),
            Call::AnswerLost(first) => {
                self.provider.collect(key, self.hours, first);
                PaymentOutcome::Unknown { reason: "no answer" }
            }
            Call::GivenUp => {
                self.in_flight.push((key.clone(), self.hours));
                PaymentOutcome::Unknown { reason: "no answer" }
            }
            Call::TurnedAway => PaymentOutcome::NotExecuted { reason: "turned away" },
        };
        let news =
            if rules.stores_attempts_first { News::Answer(outcome) } else { News::Unannounced(outcome) };
        Worker::Learning { news }
    }

    pub(super) fn ask(&self, reference: Option<&ProviderReference>, is_answered: bool) -> Option<Worker> {
        if !is_answered {
            // A look-up without an answer is unknown; a list that cannot be read is a fault, and comes back
            // later.
            let outcome = PaymentOutcome::Unknown { reason: "no answer" };
            return reference.map(|_| Worker::Learning { news: News::Answer(outcome) });
        }
        Some(Worker::Learning { news: self.provider.find(reference).map_or(News::Absent, News::Answer) })
    }

    pub(super) fn call_off(&mut self, reference: &ProviderReference, calling_off: CallingOff) -> Worker {
        let unknown = PaymentOutcome::Unknown { reason: "no answer" };
        let outcome = match calling_off {
            CallingOff::NotReached => unknown,
            CallingOff::AnswerLost => {
                self.provider.call_off(reference);
                unknown
            }
            CallingOff::Answered => self.provider.call_off(reference),
        };
        Worker::Learning { news: News::Answer(outcome) }
    }

    /// What a person may decide: in earnest only what the state calls for.
    fn decisions(&self) -> impl Iterator<Item = Resolution> {
        let fits = |resolution: &Resolution| {
            self.stored.0.decide(resolves(*resolution, hours(self.hours.into()))).is_ok()
        };
        Resolution::ALL.into_iter().filter(fits)
    }

    fn next_hours(&self, rules: &Rules) -> Option<u16> {
        let next = rules.moments.iter().copied().find(|moment| *moment > self.hours)?;
        let has_time = |sent: &u16| next <= sent + FLIGHT_HOURS;
        let is_free = self.workers.iter().all(Option::is_none);
        (is_free && self.in_flight.iter().all(|(_, sent)| has_time(sent))).then_some(next)
    }

    /// The same world with its workers and requests in one sequence, because it does not matter who is first.
    fn normal(mut self) -> Self {
        let digest = |worker: &Option<Worker>| {
            let mut hasher = DefaultHasher::new();
            worker.hash(&mut hasher);
            hasher.finish()
        };
        self.workers.sort_by_cached_key(digest);
        self.in_flight.sort();
        self
    }

    /// What a first request with this key may lead to; one answer stands for all when the key is remembered.
    fn firsts(&self, rules: &Rules, key: &ProviderKey) -> &'static [First] {
        if self.provider.remembers(key, self.hours) { &rules.firsts[..1] } else { rules.firsts }
    }

    fn actions_of(&self, rules: &Rules, index: usize, worker: &Worker, actions: &mut Vec<Action>) {
        actions.push(Action::Crash(index));
        match worker {
            Worker::Calling { key } => {
                for first in self.firsts(rules, key) {
                    actions.push(Action::Call(index, Call::Answered(*first)));
                    actions.push(Action::Call(index, Call::AnswerLost(*first)));
                }
                actions.push(Action::Call(index, Call::TurnedAway));
                if self.in_flight.is_empty() {
                    actions.push(Action::Call(index, Call::GivenUp));
                }
            }
            Worker::Asking { .. } => {
                actions.extend([true, false].map(|is_answered| Action::Ask(index, is_answered)));
            }
            Worker::CallingOff { .. } => {
                let ways = [CallingOff::Answered, CallingOff::AnswerLost, CallingOff::NotReached];
                actions.extend(ways.map(|way| Action::CallOff(index, way)));
            }
            Worker::Saving { .. } | Worker::Learning { .. } => {
                actions.push(Action::Step(index));
            }
        }
    }
}

impl Model for Rules {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::start()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if world.workers.iter().flatten().count() < self.workers_max {
            actions.push(Action::Message);
            actions.extend(
                world.provider.notices().map(|(payment, notice)| Action::Notification(payment, notice)),
            );
            if self.has_people && world.stored.0.resolutions.len() < DECISIONS_MAX {
                actions.extend(world.decisions().map(Action::Decide));
            }
        }
        for (index, worker) in world.workers.iter().enumerate() {
            if let Some(worker) = worker {
                world.actions_of(self, index, worker, actions);
            }
        }
        for (index, (key, _)) in world.in_flight.iter().enumerate() {
            actions.push(Action::Loss(index));
            actions.extend(world.firsts(self, key).iter().map(|first| Action::LateArrival(index, *first)));
        }
        for index in 0..world.provider.payments.len() {
            let ways = world.provider.ways_on(index).iter();
            actions.extend(ways.map(|status| Action::Resolution(index, *status)));
        }
        actions.extend(world.next_hours(self).map(|_| Action::Wait));
    }

    fn next_state(&self, before: &World, action: Action) -> Option<World> {
        let mut world = before.clone();
        match action {
            Action::Message => world.begin(before.take_up(self)?),
            Action::Notification(payment, notice) => {
                world.begin(Worker::Learning { news: News::Notice(payment, notice) });
            }
            Action::Step(index) => {
                let worker = world.workers[index].take()?;
                world.workers[index] = world.step(self, worker);
            }
            Action::Call(index, call) => {
                let Some(Worker::Calling { key }) = world.workers[index].take() else { return None };
                world.workers[index] = Some(world.call(self, &key, call));
            }
            Action::Ask(index, is_answered) => {
                let Some(Worker::Asking { reference }) = world.workers[index].take() else { return None };
                world.workers[index] = world.ask(reference.as_ref(), is_answered);
            }
            Action::CallOff(index, calling_off) => {
                let Some(Worker::CallingOff { reference }) = world.workers[index].take() else { return None };
                world.workers[index] = Some(world.call_off(&reference, calling_off));
            }
            Action::Decide(resolution) => {
                world.begin(Worker::Learning { news: News::Decision(resolution) });
            }
            Action::Crash(index) => world.workers[index] = None,
            Action::LateArrival(index, first) => {
                let (key, _) = world.in_flight.remove(index);
                world.provider.collect(&key, world.hours, first);
            }
            Action::Loss(index) => drop(world.in_flight.remove(index)),
            Action::Resolution(index, status) => world.provider.resolve(index, status),
            Action::Wait => world.hours = world.next_hours(self)?,
        }
        Some(world.normal())
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties()
    }
}
