//! `simulate`: runs seeds, and shrinks those that fail.

#![expect(clippy::print_stdout, reason = "a command line speaks to its caller")]

mod many;
mod told;

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Parser;
use tests_simulator::{Options, run, shrink};

/// Fewest seeds after which everything must have happened that is expected to.
const AWAKE_AFTER: u64 = 5_000;

/// Runs the whole pipeline in a world that goes wrong, each seed another history.
#[derive(Parser)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 20_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Run this one seed instead, and tell what happened.
    #[arg(long)]
    seed: Option<u64>,
    /// With --seed: let only the faults of these numbers strike, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Option<Vec<u64>>,
    /// With --seed: print the whole history.
    #[arg(long)]
    history: bool,
    /// Seeds run at once.
    #[arg(long)]
    threads: Option<usize>,
    /// Stop at the first seed that fails, do not shrink it, and print it alone.
    #[arg(long)]
    first: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let is_ok = match arguments.seed {
        Some(seed) => one(seed, &arguments),
        None => many(&arguments),
    };
    if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn one(seed: u64, arguments: &Arguments) -> bool {
    let only = arguments.only.as_ref().map(|only| only.iter().copied().collect::<BTreeSet<_>>());
    let report = run(seed, &Options { only, keeps_lines: arguments.history });
    told::report(&report);
    let is_ok = report.violations.is_empty();
    if !is_ok && arguments.only.is_none() {
        shrunk(seed);
    }
    is_ok
}

fn shrunk(seed: u64) {
    if let Some(smallest) = shrink(seed) {
        told::smallest(&smallest);
    }
}

fn many(arguments: &Arguments) -> bool {
    let threads = arguments.threads.or_else(|| std::thread::available_parallelism().ok().map(Into::into));
    let threads = threads.unwrap_or(1).max(1);
    let (tally, seconds) = many::run(arguments.from, arguments.seeds, threads, arguments.first);
    if arguments.first {
        return told::first(&tally);
    }
    told::tally(&tally, seconds, threads);
    for (seed, _) in tally.failed.iter().take(3) {
        shrunk(*seed);
    }
    let missing = if tally.seeds >= AWAKE_AFTER { tally.missing() } else { vec![] };
    for what in &missing {
        println!("NEVER HAPPENED  {what}");
    }
    tally.failed.is_empty() && missing.is_empty()
}
