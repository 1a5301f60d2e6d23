//! Rounds: each program in turn, a fresh process each time, so that both meet the same moods of the machine.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::payload;
use crate::program::{Cpus, Place, Process, Program};
use crate::stage::{Answered, Aws, Count, Runtime};
use crate::statistics::percentile;

/// How long a process may take to start: what Lambda gives to INIT.
const START_MAX: Duration = Duration::from_secs(10);
/// How long a batch of events may take to be answered.
const PATIENCE: Duration = Duration::from_secs(60);
/// Accepts before the measured ones, the very first one included.
const WARM_UP: usize = 50;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) rounds: usize,
    /// Accepts of a round, for each program.
    pub(crate) accepts: usize,
}

/// What the programs of a series have in common.
pub(crate) struct Conditions<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) bundle: Option<&'a Path>,
    pub(crate) cpus: &'a Cpus,
    /// What each AWS call waits for its answer.
    pub(crate) delay: Duration,
}

/// One process, measured. Times are nanoseconds, memory is bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    pub(crate) start_wall: u64,
    pub(crate) start_cpu: u64,
    pub(crate) first_wall: u64,
    pub(crate) first_cpu: u64,
    /// Per accept, over all measured ones.
    pub(crate) cpu: u64,
    /// Median and 99th percentile of the accepts.
    pub(crate) wall: u64,
    pub(crate) wall_p99: u64,
    pub(crate) memory_at_start: u64,
    pub(crate) memory: u64,
    pub(crate) runtime_connections: u64,
    pub(crate) aws_connections: u64,
    pub(crate) log_bytes: u64,
    pub(crate) accepts: u64,
    /// By action, over all accepts but the first poll's.
    pub(crate) calls: Vec<(String, Count)>,
}

/// Measures the programs in turn: A B, B A, A B, …; the result has a series for each program.
///
/// # Errors
/// A program does not start, does not accept, or makes other calls than the two.
pub(crate) fn measure(
    programs: &[Program],
    conditions: &Conditions<'_>,
    extent: Extent,
) -> Result<Vec<Vec<Sample>>> {
    conditions.aws.delay(conditions.delay);
    let mut series = vec![Vec::with_capacity(extent.rounds); programs.len()];
    for round in 0..extent.rounds {
        let mut turn: Vec<usize> = (0..programs.len()).collect();
        if round % 2 == 1 {
            turn.reverse();
        }
        for number in turn {
            let program = &programs[number];
            let sample = one(program, conditions, extent.accepts).with_context(|| program.name)?;
            series[number].push(sample);
        }
    }
    conditions.aws.delay(Duration::ZERO);
    Ok(series)
}

fn one(program: &Program, conditions: &Conditions<'_>, accepts: usize) -> Result<Sample> {
    let Conditions { aws, bundle, cpus, .. } = *conditions;
    aws.take();
    aws.take_connections();
    let runtime = Runtime::start()?;
    let place = Place { runtime: runtime.address, aws: aws.address, bundle };
    let process = Process::start(program.command(place), cpus)?;
    let measured = run(&runtime, &process, aws, accepts);
    let mut sample = measured.with_context(|| format!("the program said {:?}", process.said()))?;
    sample.aws_connections = u64::try_from(aws.take_connections())?;
    Ok(sample)
}

fn run(runtime: &Runtime, process: &Process, aws: &Aws, accepts: usize) -> Result<Sample> {
    let polled_at = runtime.idle(START_MAX)?;
    let started = process.cpu()?;
    let memory_at_start = process.peak_memory()?;
    aws.take();
    let first = invoke(runtime, process, 0, 1)?;
    let after_first = process.cpu()?;
    invoke(runtime, process, 1, WARM_UP)?;
    let before = process.cpu()?;
    let answers = invoke(runtime, process, WARM_UP, WARM_UP + accepts)?;
    let after = process.cpu()?;
    let walls = answers.iter().map(|answer| nanos(answer.took)).collect::<Result<Vec<_>>>()?;
    let made = u64::try_from(WARM_UP + accepts)?;
    let calls: Vec<_> = aws.take().into_iter().collect();
    two_calls_each(&calls, made)?;
    Ok(Sample {
        start_wall: nanos(polled_at.duration_since(process.started_at))?,
        start_cpu: nanos(started)?,
        first_wall: nanos(first[0].took)?,
        first_cpu: nanos(after_first.saturating_sub(started))?,
        cpu: nanos(after.saturating_sub(before))? / u64::try_from(accepts)?,
        wall: percentile(&walls, 50).context("nothing was measured")?,
        wall_p99: percentile(&walls, 99).context("nothing was measured")?,
        memory_at_start,
        memory: process.peak_memory()?,
        runtime_connections: u64::try_from(runtime.connections())?,
        aws_connections: 0,
        log_bytes: u64::try_from(process.said().len())?,
        accepts: made,
        calls,
    })
}

/// Has the donations of these numbers accepted, each under a key of its own.
///
/// # Errors
/// One of them was not.
pub(crate) fn invoke(runtime: &Runtime, process: &Process, from: usize, to: usize) -> Result<Vec<Answered>> {
    let key = |number| format!("bench-{}-{number:08}", process.pid());
    let events = (from..to).map(|number| payload::event(&key(number))).collect::<Result<Vec<_>>>()?;
    let answers = runtime.invoke(events, PATIENCE)?;
    for answer in &answers {
        payload::check(&answer.body)?;
    }
    Ok(answers)
}

/// Every accept is one put and one publish, and nothing else is called.
fn two_calls_each(calls: &[(String, Count)], accepts: u64) -> Result<()> {
    let made: Vec<_> =
        calls.iter().map(|(action, count)| (action.as_str(), count.calls, count.refusals)).collect();
    let expected = [("dynamodb:PutItem", accepts, 0), ("sns:Publish", accepts, 0)];
    ensure!(made == expected, "{accepts} accepts made other calls than two each: {made:?}");
    Ok(())
}

fn nanos(time: Duration) -> Result<u64> {
    Ok(u64::try_from(time.as_nanos())?)
}
