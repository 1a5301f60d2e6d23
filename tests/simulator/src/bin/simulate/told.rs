//! What the caller reads.

use tests_simulator::{Fault, Report, Tally};

/// One run.
pub(crate) fn report(report: &Report) {
    for line in &report.lines {
        println!("{line}");
    }
    println!("seed {}, history {:016x}, {} steps", report.seed, report.hash, report.steps);
    println!("{}", report.knobs);
    println!("{} faults", report.faults.len());
    for (what, times) in &report.reached {
        println!("{times:>8}  {what}");
    }
    for edge in &report.edges {
        println!("          {edge}");
    }
    for violation in &report.violations {
        println!("VIOLATION  {violation}");
    }
}

/// The fewest faults of a seed that fails.
pub(crate) fn smallest(report: &Report) {
    println!("\nseed {} fails with {} faults:", report.seed, report.faults.len());
    let mut numbers = Vec::new();
    for Fault { number, class, at_millis, what } in &report.faults {
        println!("  #{number:<5} at {:>9}.{:03} s  {class:?}: {what}", at_millis / 1_000, at_millis % 1_000);
        numbers.push(number.to_string());
    }
    for violation in &report.violations {
        println!("  VIOLATION  {violation}");
    }
    let only = if numbers.is_empty() { String::from("0") } else { numbers.join(",") };
    println!("  again: cargo xtask simulate --seed {} --only {only} --history", report.seed);
}

/// The first seed that failed, for a caller that is a program.
pub(crate) fn first(tally: &Tally) -> bool {
    let Some((seed, violation)) = tally.failed.first() else {
        println!("PASSED {} seeds", tally.seeds);
        return true;
    };
    println!("FAILED after {} seeds, seed {seed}: {violation}", tally.seeds);
    false
}

/// Many runs.
pub(crate) fn tally(tally: &Tally, seconds: u64, threads: usize) {
    section("what happened", tally.reached.iter().map(|(what, times)| (what.clone(), *times)));
    section("ports called", tally.ports.iter().map(|(what, times)| (what.clone(), *times)));
    section("faults", tally.by_class.iter().map(|(class, times)| (format!("{class:?}"), *times)));
    println!("\nedges");
    let leaps = tally.leaps();
    for edge in &tally.edges {
        println!("  {edge}{}", if leaps.contains(edge) { "  (several at once)" } else { "" });
    }
    println!(
        "\n{} kinds of a port's faults, {} edges, {} states of affairs",
        tally.pairs.len(),
        tally.edges.len(),
        tally.reached.len()
    );
    println!(
        "{} seeds, {} faults, {} calls of ports in {seconds} s on {threads} threads",
        tally.seeds, tally.faults, tally.calls
    );
    let speed = |count: u64| count / seconds.max(1);
    println!("{} seeds and {} calls a second", speed(tally.seeds), speed(tally.calls));
    for (seed, violation) in tally.failed.iter().take(20) {
        println!("FAILED  seed {seed}: {violation}");
    }
    println!("{} passed, {} failed", tally.seeds - failed(tally), failed(tally));
}

fn failed(tally: &Tally) -> u64 {
    u64::try_from(tally.failed.len()).unwrap_or(u64::MAX)
}

fn section(name: &str, lines: impl Iterator<Item = (String, u64)>) {
    println!("\n{name}");
    for (what, times) in lines {
        println!("{times:>12}  {what}");
    }
}
