//! Fidelity: what stands in for AWS in the simulation answers as AWS's protocols do.
//!
//! One seed, one sequence of operations, made on both of a pair in lockstep: on the memory adapters and on the
//! adapters over the SDK (`stores`), on the queue model and on the local host's endpoints over it (`queues`). Ids and
//! moments are few, so that operations collide. Every answer is compared, and at the end everything that can be
//! read. What neither promises is not: ids, and the sequence of what has one moment.
//!
//! A fixed budget of seeds is part of the ordinary test command, and fails where something never happened that
//! should have, so that a generator that has gone silent is seen. The long run and one seed alone:
//!
//! ```sh
//! FIDELITY_SEEDS=5000 cargo test -p tests-conformance fidelity
//! FIDELITY_SEED=17 cargo test -p tests-conformance fidelity::stores
//! ```
//!
//! A sequence that differs is made smaller as long as it still does, and printed with both answers. It must differ
//! twice, each time on a fresh pair: on a busy machine the SDK may give up on an answer and ask again, and the
//! repetition then finds what the first call did.
//!
//! The queue model and the endpoints share the model's code, so what is wrong in both shows only where something
//! never happens; `suites::queue_rules` and the second engine hold the model itself to SQS's rules. Providers have no
//! adapter over AWS; `suites::provider` holds their twin to the sandbox.

mod queues;
mod stores;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use proptest::strategy::{BoxedStrategy, Strategy};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::Value;

use crate::running::block_on;

/// The one seed to run.
const ONE: &str = "FIDELITY_SEED";
/// How many seeds to run, from 0 on.
const MANY: &str = "FIDELITY_SEEDS";

/// Most runs that are spent on making one sequence smaller.
const SHRINKS_MAX: u32 = 200;
/// Most starts of one sequence whose calls are turned away for now.
const STARTS_MAX: u32 = 5;
/// Most operations of one sequence.
const STEPS_MAX: usize = 60;

/// Two implementations of the same ports or protocol, both empty at first.
trait Pair: Sized {
    /// An operation.
    type Step: fmt::Debug + Clone;

    /// What is compared, as the filter of the test command names it.
    const NAME: &'static str;
    /// Seeds of every test run.
    const SEEDS: u64;
    /// What must have happened by then.
    const EXPECTED: &'static [&'static str];

    /// The operations that this seed draws from.
    fn step(seed: u64) -> BoxedStrategy<Self::Step>;

    /// Starts both, set up as this seed says.
    async fn start(seed: u64) -> Self;

    /// Makes one operation on both.
    async fn take(&mut self, step: &Self::Step) -> Result<Answers, Unanswered>;

    /// Reads everything that can be read from both.
    async fn look(&mut self) -> Result<Vec<Answers>, Unanswered>;

    /// Ends both.
    async fn stop(self);
}

/// What both said.
struct Answers {
    /// What happened, for the count of what was reached.
    reached: Vec<String>,
    twin: Value,
    real: Value,
}

/// The real one turned the call away for now, or did not answer: what it did is not known, and the sequence begins
/// again.
struct Unanswered(String);

/// Where the two differ.
struct Difference {
    /// Operations that were made, the last of which was answered differently; none where they differ at the end.
    made: Option<usize>,
    twin: Value,
    real: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.made {
            Some(made) => write!(f, "They answer operation {made} differently.")?,
            None => write!(f, "They hold different things at the end.")?,
        }
        let (twin, real) = narrowed(&self.twin, &self.real);
        write!(f, "\n  twin: {twin}\n  real: {real}")
    }
}

/// The one part of two answers that differs, where all else is alike.
fn narrowed<'a>(twin: &'a Value, real: &'a Value) -> (&'a Value, &'a Value) {
    let parts: Vec<_> = match (twin, real) {
        (Value::Array(twins), Value::Array(reals)) if twins.len() == reals.len() => {
            twins.iter().zip(reals).collect()
        }
        (Value::Object(twins), Value::Object(reals)) if twins.keys().eq(reals.keys()) => {
            twins.values().zip(reals.values()).collect()
        }
        _ => vec![],
    };
    let mut differing = parts.into_iter().filter(|(twin, real)| twin != real);
    match (differing.next(), differing.next()) {
        (Some((twin, real)), None) => narrowed(twin, real),
        _ => (twin, real),
    }
}

/// How often each thing happened.
type Tally = BTreeMap<String, u64>;

/// Runs the seeds that are asked for.
fn hold<P: Pair>() {
    let seeds = match number(ONE) {
        Some(seed) => seed..=seed,
        None => 0..=number(MANY).unwrap_or(P::SEEDS).max(1) - 1,
    };
    let is_whole = seeds.start() == &0 && *seeds.end() + 1 >= P::SEEDS;
    let tally = RefCell::new(Tally::new());
    for seed in seeds {
        run::<P>(seed, &tally);
    }
    let tally = tally.into_inner();
    let silent: Vec<_> = P::EXPECTED.iter().filter(|what| !tally.contains_key(**what)).collect();
    assert!(!is_whole || silent.is_empty(), "never happened: {silent:?}\nhappened: {tally:#?}");
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var_os(name)?;
    Some(text.to_str().and_then(|text| text.parse().ok()).expect("the seed is a number"))
}

fn run<P: Pair>(seed: u64, tally: &RefCell<Tally>) {
    let config = Config { failure_persistence: None, max_shrink_iters: SHRINKS_MAX, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let steps = proptest::collection::vec(P::step(seed), 1..=STEPS_MAX);
    let tree = steps.new_tree(&mut runner).unwrap();
    let outcome = runner.run_one(tree, |steps| match differ::<P>(seed, &steps, tally) {
        Some(difference) => Err(TestCaseError::fail(difference.to_string())),
        None => Ok(()),
    });
    let (why, steps) = match outcome {
        Ok(_) => return,
        Err(TestError::Fail(why, steps)) => (why.to_string(), steps),
        Err(TestError::Abort(why)) => panic!("{} of seed {seed}: {why}", P::NAME),
    };
    let steps: Vec<_> = (1..).zip(&steps).map(|(number, step)| format!("  {number}. {step:?}")).collect();
    let steps = steps.join("\n");
    let again = format!("{ONE}={seed} cargo test -p tests-conformance fidelity::{}", P::NAME);
    panic!("{} differ under seed {seed}:\n{steps}\n{why}\nhave it again: {again}", P::NAME);
}

/// Makes these operations on a fresh pair, and again where the two differ: what is there is there both times.
fn differ<P: Pair>(seed: u64, steps: &[P::Step], tally: &RefCell<Tally>) -> Option<Difference> {
    lockstep::<P>(seed, steps, tally)?;
    lockstep::<P>(seed, steps, tally)
}

fn lockstep<P: Pair>(seed: u64, steps: &[P::Step], tally: &RefCell<Tally>) -> Option<Difference> {
    let mut last = String::new();
    for _ in 0..STARTS_MAX {
        match block_on(on_fresh_pair::<P>(seed, steps, tally)) {
            Ok(difference) => return difference,
            Err(Unanswered(why)) => last = why,
        }
    }
    panic!("{} of seed {seed} get no answer: {last}", P::NAME);
}

async fn on_fresh_pair<P: Pair>(
    seed: u64,
    steps: &[P::Step],
    tally: &RefCell<Tally>,
) -> Result<Option<Difference>, Unanswered> {
    let mut pair = P::start(seed).await;
    let found = compare(&mut pair, steps, tally).await;
    pair.stop().await;
    found
}

async fn compare<P: Pair>(
    pair: &mut P,
    steps: &[P::Step],
    tally: &RefCell<Tally>,
) -> Result<Option<Difference>, Unanswered> {
    let differs = |made: Option<usize>, answers: Answers| {
        for what in answers.reached {
            *tally.borrow_mut().entry(what).or_default() += 1;
        }
        let Answers { twin, real, .. } = answers;
        (twin != real).then_some(Difference { made, twin, real })
    };
    for (made, step) in (1..).zip(steps) {
        if let Some(difference) = differs(Some(made), pair.take(step).await?) {
            return Ok(Some(difference));
        }
    }
    Ok(pair.look().await?.into_iter().find_map(|answers| differs(None, answers)))
}
