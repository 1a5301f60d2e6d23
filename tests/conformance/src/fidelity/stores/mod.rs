//! The memory adapters beside the adapters over the SDK.

mod donations;
mod keeping;
mod ledger;
mod limits;
mod sending;
mod tables;
mod work;

use app::ports::Fault;
use proptest::strategy::{BoxedStrategy, Strategy, Union};
use serde_json::{Value, json};

use super::{Answers, Pair, Unanswered, hold};
use crate::adapters::{InMemory, OnAws};
use crate::running::World;

/// What a port said.
struct Answer {
    /// What happened.
    kind: &'static str,
    /// All that it said.
    told: Value,
}

impl Answer {
    fn new(kind: &'static str, told: impl Into<Value>) -> Self {
        Self { kind, told: told.into() }
    }
}

/// A call of a port that answered with a fault.
fn fault(fault: &Fault) -> Answer {
    let doing = fault.to_string();
    match fault {
        Fault::Transient { .. } => Answer::new(TURNED_AWAY, fault.chain()),
        Fault::Permanent { .. } => Answer::new("a permanent fault", doing),
    }
}

const TURNED_AWAY: &str = "turned away";

/// The answer, or the fault instead of it.
fn or_fault<T>(answer: Result<T, Fault>, told: impl FnOnce(T) -> Answer) -> Answer {
    match answer {
        Ok(answer) => told(answer),
        Err(why) => fault(&why),
    }
}

/// A call of one port or another.
#[derive(Debug, Clone)]
enum Step {
    Donations(donations::Step),
    Ledger(ledger::Step),
    Limits(limits::Step),
    Work(work::Step),
    Keeping(keeping::Step),
    Sending(sending::Step),
}

/// One strategy for each group of ports.
fn groups() -> Vec<BoxedStrategy<Step>> {
    vec![
        donations::steps().prop_map(Step::Donations).boxed(),
        ledger::steps().prop_map(Step::Ledger).boxed(),
        limits::steps().prop_map(Step::Limits).boxed(),
        work::steps().prop_map(Step::Work).boxed(),
        keeping::steps().prop_map(Step::Keeping).boxed(),
        sending::steps().prop_map(Step::Sending).boxed(),
    ]
}

struct Stores {
    memory: InMemory,
    aws: OnAws,
}

/// Makes a call on both. AWS comes first: what a call draws on (the version that is stored now) is read in memory.
macro_rules! on_both {
    ($stores:expr, $step:expr) => {{
        let known = &$stores.memory.0;
        let real = $step.take(&$stores.aws, known).await;
        (real, $step.take(&$stores.memory, known).await)
    }};
}

impl Pair for Stores {
    type Step = Step;

    const NAME: &'static str = "stores";
    const SEEDS: u64 = 48;
    const EXPECTED: &'static [&'static str] = &[
        "accepted: new",
        "accepted: known",
        "donation: found",
        "donation: missing",
        "saved",
        "saved: made already",
        "saved: conflict",
        "owed: none",
        "owed: some",
        "owed: as many as asked for",
        "posted: new",
        "posted: known",
        "posted: conflict",
        "entry: known",
        "entry: not known",
        "entries: none",
        "entries: some",
        "notification: new",
        "notification: known",
        "notification: found",
        "notification: missing",
        "budget: fresh",
        "budget: found",
        "budget saved",
        "budget saved: conflict",
        "noted",
        "sightings: none",
        "sightings: some",
        "work: opened",
        "work: known",
        "work: none open",
        "work: some open",
        "work: as many as asked for",
        "work: closed",
        "work: nothing to close",
        "export: kept",
        "export: other bytes",
        "published",
        "queued",
        "parked",
        "mail taken",
        "day",
    ];

    /// Every third seed has every port; the others have one group alone, so that its operations meet more often.
    fn step(seed: u64) -> BoxedStrategy<Step> {
        let groups = groups();
        if seed.is_multiple_of(3) {
            return Union::new(groups).boxed();
        }
        let count = u64::try_from(groups.len()).unwrap();
        let group = usize::try_from((seed - seed / 3) % count).unwrap();
        groups[group].clone()
    }

    async fn start(_seed: u64) -> Self {
        Self { memory: InMemory::start().await, aws: OnAws::start().await }
    }

    async fn take(&mut self, step: &Step) -> Result<Answers, Unanswered> {
        let (real, twin) = match step {
            Step::Donations(step) => on_both!(self, step),
            Step::Ledger(step) => on_both!(self, step),
            Step::Limits(step) => on_both!(self, step),
            Step::Work(step) => on_both!(self, step),
            Step::Keeping(step) => on_both!(self, step),
            Step::Sending(step) => on_both!(self, step),
        };
        if real.kind == TURNED_AWAY {
            return Err(Unanswered(real.told.to_string()));
        }
        let told = |answer: Answer| json!({ answer.kind: answer.told });
        let reached = vec![twin.kind.to_owned()];
        Ok(Answers { reached, twin: told(twin), real: told(real) })
    }

    async fn look(&mut self) -> Result<Vec<Answers>, Unanswered> {
        let mut seen = tables::both(&self.memory.0, &self.aws.aws).await?;
        let [twin, real] = [keeping::look(&self.memory).await, keeping::look(&self.aws).await];
        seen.push(Answers { reached: vec![], twin, real });
        seen.push(sending::both(&self.memory, &self.aws).await);
        Ok(seen)
    }

    async fn stop(self) {
        self.aws.stop().await;
    }
}

#[test]
fn memory_answers_as_aws_does() {
    hold::<Stores>();
}
