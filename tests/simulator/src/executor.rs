//! The executor: who goes on next is drawn, a step at a time, and a task that is dropped is a process that died.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use domain::time::{Span, Timestamp};

use crate::environment::{Environment, Parts};
use crate::faults::Class;
use crate::functions::Function;
use crate::invoke::{Answer, Payload, invoke};
use crate::people::Errand;
use crate::sim::{Act, Delivery, Sim};

/// An invocation under way.
pub(crate) struct Task {
    future: Pin<Box<dyn Future<Output = Answer>>>,
    environment: Rc<Environment>,
    deadline: Timestamp,
    purpose: Purpose,
    /// Whether it waits for the clock.
    is_idle: bool,
}

impl Task {
    pub(crate) fn function(&self) -> Function {
        self.environment.function
    }
}

/// What an invocation is for.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    Offer { donor: usize, other: bool },
    Look { donor: usize },
    Batch { queue: &'static str, received: Vec<(String, String)> },
    Webhook(Delivery),
    Errand(Errand),
    Run,
}

/// Environments of functions that answer requests, beyond those of the knobs: there are always some.
const REQUESTS_AT_ONCE: usize = 3;

impl Sim {
    /// Takes one step. False when nothing is left to happen, ever.
    pub(crate) fn step(&mut self) -> bool {
        self.collect();
        let now = self.now();
        let due = self.agenda.range(..=(now, u64::MAX)).take(8).count();
        let run = self.run_due(now);
        let awake: Vec<usize> = (0..self.tasks.len()).filter(|index| !self.tasks[*index].is_idle).collect();
        let choices = awake.len() + due + usize::from(run.is_some());
        if choices == 0 {
            return self.wait();
        }
        let choice = self.schedule.place(choices);
        if let Some(index) = awake.get(choice) {
            self.poll(*index);
        } else if choice < awake.len() + due {
            let at = choice - awake.len();
            let key = self.agenda.range(..=(now, u64::MAX)).nth(at).map(|(key, _)| *key);
            if let Some(act) = key.and_then(|key| self.agenda.remove(&key)) {
                self.act(act);
            }
        } else if let Some(function) = run {
            self.run(function);
        }
        self.creep();
        true
    }

    /// Time passes while everybody works: mostly a little, sometimes a lot.
    fn creep(&mut self) {
        let span = match self.schedule.below(400) {
            0 => Span::seconds(self.schedule.between(1, 40)),
            1..=20 => Span::millis(self.schedule.between(100, 1_000)),
            21..=200 => Span::millis(self.schedule.between(1, 20)),
            _ => return,
        };
        self.advance(span);
    }

    /// Everybody waits: the clock goes on to whatever comes next.
    fn wait(&mut self) -> bool {
        let now = self.now();
        let Some(next) = self.next_moment(now) else { return false };
        self.advance(next.since(now));
        true
    }

    /// The next moment at which anything is to happen. What is due and waits for an environment is not among
    /// them: that is a task's to end.
    fn next_moment(&self, now: Timestamp) -> Option<Timestamp> {
        let agenda = self.agenda.first_key_value().map(|((at, _), _)| *at);
        let deadline = self.tasks.iter().map(|task| task.deadline).min();
        let planned = self.model().next_planned_at();
        let completer = self.next_completer();
        let reconciler = self.next_reconciler();
        let moments = [agenda, self.memory.next_wake(), deadline, planned, completer, reconciler];
        moments.into_iter().flatten().filter(|at| *at > now).min()
    }

    /// Moves the clock on, and lets happen what was to happen by then.
    pub(crate) fn advance(&mut self, span: Span) {
        let until = self.now().plus(span);
        loop {
            let now = self.now();
            let planned = self.model().next_planned_at().filter(|at| *at <= until);
            let next = planned.unwrap_or(until).max(now);
            self.memory.advance(next.since(now));
            self.faults().now = next;
            self.model().change(next);
            if planned.is_none() {
                break;
            }
        }
        for task in &mut self.tasks {
            task.is_idle = false;
        }
        while let Some(index) = self.tasks.iter().position(|task| task.deadline <= until) {
            self.reach("an invocation ran out of time");
            self.bury(index);
        }
    }

    /// Lets a task go on by one step, or die before it.
    fn poll(&mut self, index: usize) {
        let name = self.tasks[index].environment.function.name();
        let dies = {
            let mut faults = self.faults();
            let latest = faults.latest;
            faults.strikes(Class::Crash, || format!("{name} after {latest:?}"))
        };
        if dies {
            self.reach(format!("{name} died"));
            return self.bury(index);
        }
        let before = self.memory.stirs();
        self.polled += 1;
        let task = &mut self.tasks[index];
        let polled = task.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let id = task.environment.id;
        match polled {
            Poll::Pending => {
                task.is_idle = self.memory.stirs() == before;
                let stirs = self.memory.stirs();
                self.trace.note(self.now(), name, "", id ^ stirs << 16);
            }
            Poll::Ready(answer) => {
                let task = self.tasks.swap_remove(index);
                self.trace.note(self.now(), name, "ends", id);
                self.freed(task.environment.function);
                self.ended(task.purpose, &answer);
            }
        }
    }

    /// A process dies: its task is dropped where it stood, and its environment with it.
    fn bury(&mut self, index: usize) {
        let task = self.tasks.swap_remove(index);
        let function = task.environment.function;
        self.trace.note(self.now(), function.name(), "dies", task.environment.id);
        drop(task.future);
        if let Some(pool) = self.pools.get_mut(&function) {
            pool.retain(|one| one.id != task.environment.id);
        }
        self.freed(function);
        self.ended(task.purpose, &Answer::Failed);
    }

    fn freed(&mut self, function: Function) {
        if let Some(queue) = function.queue() {
            self.poll_at(queue, self.now());
        }
    }

    /// Starts an invocation. False when every environment is at work.
    pub(crate) fn start(&mut self, function: Function, payload: Payload, purpose: Purpose) -> bool {
        let Some(environment) = self.idle_environment(function) else { return false };
        if self.faults().strikes(Class::Clock, || function.name().to_owned()) {
            let (span, is_ahead) = {
                let most = self.knobs.skew_max;
                let mut faults = self.faults();
                (faults.span(most), faults.below(2) == 0)
            };
            environment.clock.set(span, is_ahead);
        }
        self.trace.note(self.now(), function.name(), "begins", environment.id);
        let deadline = self.now().plus(function.timeout());
        let future = Box::pin(invoke(Rc::clone(&environment), payload, self.trace.steps()));
        self.tasks.push(Task { future, environment, deadline, purpose, is_idle: false });
        true
    }

    pub(crate) fn environments_at_work(&self) -> Vec<u64> {
        self.tasks.iter().map(|task| task.environment.id).collect()
    }

    fn idle_environment(&mut self, function: Function) -> Option<Rc<Environment>> {
        let at_work = self.environments_at_work();
        let pool = self.pools.entry(function).or_default();
        let idle: Vec<_> = pool.iter().filter(|one| !at_work.contains(&one.id)).cloned().collect();
        if !idle.is_empty() {
            return Some(Rc::clone(&idle[self.schedule.place(idle.len())]));
        }
        let most = match function {
            _ if function.is_scheduled() => 1,
            _ if function.queue().is_some() => self.knobs.environments,
            _ => self.knobs.environments + REQUESTS_AT_ONCE,
        };
        if pool.len() >= most {
            return None;
        }
        self.counted += 1;
        let parts = Parts { world: &self.memory, model: &self.model, knobs: &self.knobs };
        let environment = Rc::new(parts.environment(self.counted, function));
        pool.push(Rc::clone(&environment));
        Some(environment)
    }

    /// Does what is on the agenda.
    fn act(&mut self, act: Act) {
        match act {
            Act::Offer { donor, other } => self.offer(donor, other),
            Act::Look { donor } => self.look(donor),
            Act::Announce { kind, body, donation } => {
                self.trace.note(self.now(), kind, &donation, 0);
                let now = self.now();
                for queue in self.queues.publish(kind, &body, &donation, now) {
                    if let Some(queue) = crate::queues::Queues::names().find(|name| *name == queue) {
                        self.poll_at(queue, now);
                    }
                }
            }
            Act::Arrive { queue, body } => {
                let now = self.now();
                self.queues.send(queue, &body, queue_model::Attributes::new(), now);
                self.poll_at(queue, now);
            }
            Act::Poll { queue } => self.poll_queue(queue),
            Act::Webhook(delivery) => self.send_webhook(delivery),
            Act::Errand(errand) => self.run_errand(errand),
        }
    }

    fn ended(&mut self, purpose: Purpose, answer: &Answer) {
        match purpose {
            Purpose::Offer { donor, other } => self.offered(donor, other, answer),
            Purpose::Look { donor } => self.looked(donor, answer),
            Purpose::Batch { queue, received } => self.batch_ended(queue, &received, answer),
            Purpose::Webhook(delivery) => self.webhook_answered(delivery, answer),
            Purpose::Errand(errand) => self.errand_answered(errand, answer),
            Purpose::Run => {}
        }
    }
}
