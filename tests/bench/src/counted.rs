//! What can be counted exactly, whatever else the machine does: system calls, by `strace`, and instructions in the
//! program's own code, by Valgrind's `callgrind`.
//!
//! The count of one accept is the difference between a long and a short run, divided by the accepts between them.
//! `callgrind` counts on a processor of its own making, which has no instructions for SHA-256, so the programs take
//! their portable way there: its figures compare programs, and are above what a processor of today executes.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::program::{Cpus, Place, Process, Program, set_environment};
use crate::rounds::invoke;
use crate::stage::{Aws, Runtime};

/// How long a traced process may take to poll: `callgrind` is some fifty times slower than the machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Accepts before the first that is counted.
const WARM_UP: usize = 20;

/// A way to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    /// System calls of all threads.
    SystemCalls,
    /// Instructions in user space.
    Instructions,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    /// From the program's start to its first poll.
    pub(crate) start: u64,
    /// Over [`Self::accepts`] accepts.
    pub(crate) sum: u64,
    pub(crate) accepts: u64,
}

impl Counting {
    fn tool(self) -> &'static str {
        match self {
            Self::SystemCalls => "strace",
            Self::Instructions => "valgrind",
        }
    }

    /// Whether this machine has what it takes.
    ///
    /// # Errors
    /// It has not: a sentence for the reader.
    pub(crate) fn available(self) -> Result<(), String> {
        let tool = self.tool();
        let why = match Command::new(tool).arg("--version").output() {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => output.status.to_string(),
            Err(error) => error.to_string(),
        };
        Err(format!("not counted on this machine: {tool} does not run ({why}); install it"))
    }

    /// Counts over this many accepts.
    ///
    /// # Errors
    /// The tool or the program fails.
    pub(crate) fn count(self, program: &Program, aws: &Aws, cpus: &Cpus, accepts: usize) -> Result<Counted> {
        let run = |accepts| self.run(program, aws, cpus, accepts).with_context(|| program.name);
        let start = run(0)?;
        let short = run(WARM_UP)?;
        let long = run(WARM_UP + accepts)?;
        let sum = long.checked_sub(short).context("a longer run counted less")?;
        Ok(Counted { start, sum, accepts: u64::try_from(accepts)? })
    }

    fn run(self, program: &Program, aws: &Aws, cpus: &Cpus, accepts: usize) -> Result<u64> {
        let folder = TempDir::new()?;
        let report = folder.path().join("report");
        let runtime = Runtime::start()?;
        let mut command = self.command(program, &report);
        set_environment(&mut command, Place { runtime: runtime.address, aws: aws.address, bundle: None });
        let mut process = Process::start(command, cpus)?;
        let said = |process: &Process| format!("{} said: {}", self.tool(), process.said());
        runtime.idle(PATIENCE).with_context(|| said(&process))?;
        if accepts > 0 {
            invoke(&runtime, &process, 0, accepts).with_context(|| said(&process))?;
        }
        // `strace` ends its program and writes its summary; a program under `callgrind` is `callgrind`'s own process.
        kill(Pid::from_raw(i32::try_from(process.pid())?), Signal::SIGTERM)?;
        process.ended(PATIENCE)?;
        let report = fs::read_to_string(&report).with_context(|| said(&process))?;
        self.read(&report).with_context(|| format!("a report that is not understood: {report}"))
    }

    fn command(self, program: &Program, report: &Path) -> Command {
        let mut command = Command::new(self.tool());
        match self {
            // Without `-I` a summary that goes to a file makes it deaf to signals.
            Self::SystemCalls => command.args(["-I", "2", "-f", "-c", "-o"]).arg(report),
            Self::Instructions => {
                let mut out = std::ffi::OsString::from("--callgrind-out-file=");
                out.push(report);
                command.args(["--tool=callgrind", "--quiet"]).arg(out)
            }
        };
        command.arg(&program.path);
        command
    }

    fn read(self, report: &str) -> Option<u64> {
        match self {
            // % time, seconds, microseconds a call, calls, perhaps errors, and the word itself.
            Self::SystemCalls => {
                let total = report.lines().find(|line| line.ends_with(" total"))?;
                total.split_whitespace().nth(3)?.parse().ok()
            }
            Self::Instructions => {
                let totals = report.lines().find_map(|line| line.strip_prefix("totals:"))?;
                totals.trim().parse().ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tools_reports_are_read() {
        let strace = "  0.00    0.000000           0         1           rseq\n\
            ------ ----------- ----------- --------- --------- ----------------\n\
            100.00    0.000123           4        29         1 total\n";
        assert_eq!(Counting::SystemCalls.read(strace), Some(29));
        let callgrind = "version: 1\nevents: Ir\nfn=(1)\n0 5\n\ntotals: 126557\n";
        assert_eq!(Counting::Instructions.read(callgrind), Some(126_557));
        assert_eq!(Counting::Instructions.read("version: 1\n"), None);
    }
}
