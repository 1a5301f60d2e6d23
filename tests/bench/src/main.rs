//! `bench`: what an accepted donation costs, measured on the function's own release binary beside the least
//! program that does the same.
//!
//! `bootstrap` and `two-calls` run in turn under a Lambda Runtime API and AWS endpoints that answer at once, a fresh
//! process in every round. Times are medians; a ratio is the median of the ratios of the rounds, so what the
//! machine does meanwhile falls out of it. Counts are exact.
//!
//! Modules in reading order.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its caller")]

mod arguments;
mod payload;
mod program;

mod http1;
mod stage;

mod counted;
mod pipeline;
mod rounds;

mod figures;
mod report;
mod statistics;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::arguments::Arguments;
use crate::counted::Counting;
use crate::program::{Cpus, Program};
use crate::report::{Figure, heading};
use crate::rounds::{Conditions, Extent, measure};
use crate::stage::{Aws, Identity};

/// What an AWS call waits for its answer in the series that shows it.
const DELAY: Duration = Duration::from_millis(3);

fn main() -> ExitCode {
    match Arguments::of_process().and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let began = Instant::now();
    // Both are copied first, for how a file came into the page cache alone makes a tenth of a start's time.
    let folder = TempDir::new()?;
    let copied = |name, path| copied(folder.path(), name, path);
    let programs = [copied("bootstrap", &arguments.bootstrap)?, copied("yardstick", &arguments.yardstick)?];
    let cpus = &Cpus::divide()?;
    if !cpus.are_apart {
        println!(
            "There is one processor only: the function shares it with the endpoints, so walls are longer."
        );
    }
    sizes(&programs)?;
    let aws = Aws::start(None)?;
    plain(&programs, &aws, cpus, arguments)?;
    tls(&programs[..1], cpus, arguments)?;
    counts(&programs, &aws, cpus, arguments)?;
    cpus.together()?;
    donation(&programs[0].path, arguments)?;
    println!("\ntook {} s", began.elapsed().as_secs());
    Ok(())
}

fn copied(folder: &Path, name: &'static str, path: &Path) -> Result<Program> {
    println!("{name:<10} {}", path.display());
    let copy = folder.join(name);
    std::fs::copy(path, &copy)
        .with_context(|| format!("{} cannot be read; `cargo xtask bench` builds it", path.display()))?;
    Ok(Program { name, path: copy })
}

fn sizes(programs: &[Program]) -> Result<()> {
    let plain =
        programs.iter().map(|program| Ok(program.path.metadata()?.len())).collect::<Result<Vec<_>>>()?;
    let compressed = programs.iter().map(|program| compressed(&program.path)).collect::<Result<Vec<_>>>();
    let compressed = compressed.unwrap_or_else(|why| {
        println!("compressed sizes: not measured ({why:#})");
        Vec::new()
    });
    print("size", &figures::sizes(plain, compressed));
    Ok(())
}

/// Its size as `gzip -9` makes it, which is how an archive for Lambda compresses it too.
fn compressed(path: &Path) -> Result<u64> {
    let output = Command::new("gzip").args(["-9", "-c"]).arg(path).output().context("gzip does not run")?;
    ensure!(output.status.success(), "gzip: {}", output.status);
    Ok(u64::try_from(output.stdout.len())?)
}

fn plain(programs: &[Program], aws: &Aws, cpus: &Cpus, arguments: &Arguments) -> Result<()> {
    let conditions = Conditions { aws, bundle: None, cpus, delay: Duration::ZERO };
    let extent = arguments.extent(Extent { rounds: 9, accepts: 1_000 });
    let series = measure(programs, &conditions, extent)?;
    let title = format!("{} rounds of {} accepts", extent.rounds, extent.accepts);
    print(&title, &figures::accepts(&series));

    let conditions = Conditions { delay: DELAY, ..conditions };
    let series = measure(programs, &conditions, arguments.extent(Extent { rounds: 3, accepts: 150 }))?;
    print("with 3 ms for each AWS call", &figures::delayed(&series, DELAY));
    Ok(())
}

fn tls(programs: &[Program], cpus: &Cpus, arguments: &Arguments) -> Result<()> {
    let identity = Identity::fresh()?;
    let aws = Aws::start(Some(identity.server))?;
    let conditions =
        Conditions { aws: &aws, bundle: Some(identity.bundle.path()), cpus, delay: Duration::ZERO };
    let series = measure(programs, &conditions, arguments.extent(Extent { rounds: 5, accepts: 1_000 }))?;
    print(&format!("over TLS, {} certificates", identity.certificates), &figures::over_tls(&series));
    Ok(())
}

fn counts(programs: &[Program], aws: &Aws, cpus: &Cpus, arguments: &Arguments) -> Result<()> {
    let mut lines = Vec::new();
    for (counting, accepts) in [(Counting::Instructions, 100), (Counting::SystemCalls, 400)] {
        if let Err(why) = counting.available() {
            println!("\n{counting:?}: {why}");
            continue;
        }
        let accepts = if arguments.quick { accepts / 5 } else { accepts };
        let counted = programs.iter().map(|program| counting.count(program, aws, cpus, accepts));
        let counted = counted.collect::<Result<Vec<_>>>()?;
        lines.extend(match counting {
            Counting::Instructions => figures::instructions(&counted),
            Counting::SystemCalls => figures::system_calls(&counted),
        });
    }
    print("counted", &lines);
    println!(
        "  Instructions are those of callgrind's own processor, which has none for SHA-256; the machine's are not read."
    );
    Ok(())
}

fn donation(bootstrap: &Path, arguments: &Arguments) -> Result<()> {
    let Some(outpour) = &arguments.outpour else {
        println!("\nend to end: not counted; name the local host's binary with --outpour");
        return Ok(());
    };
    let cost = pipeline::run(outpour, bootstrap, if arguments.quick { 10 } else { 50 })?;
    print(&format!("end to end, {} donations", cost.donations), &figures::donation(&cost));
    for (kind, rows) in [("calls", &cost.calls), ("write units", &cost.write_units)] {
        for (row, each) in figures::rows(rows, cost.donations) {
            println!("  {kind:<12} {row:<50} {}", statistics::scaled(each, 100));
        }
    }
    println!("  settled within {} ms of the first request", cost.took.as_millis());
    Ok(())
}

fn print(title: &str, figures: &[Figure<'_>]) {
    println!("\n{}", heading(title, "bootstrap", "yardstick"));
    for figure in figures {
        println!("{figure}");
    }
}
