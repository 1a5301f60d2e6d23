//! The programs that are measured, and one process of one of them.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use tempfile::NamedTempFile;

/// As long as the token of a Lambda function's role is at least; it is signed and sent with every call.
const SESSION_TOKEN_BYTES: usize = 400;

/// A program.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
}

/// Where a program finds what it stands on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) runtime: SocketAddr,
    pub(crate) aws: SocketAddr,
    /// The certificates to trust; without any the calls go over plain HTTP.
    pub(crate) bundle: Option<&'a Path>,
}

impl Program {
    /// The command that runs it as `accept-donation`, with nothing of this process's environment.
    pub(crate) fn command(&self, place: Place<'_>) -> Command {
        let mut command = Command::new(&self.path);
        set_environment(&mut command, place);
        command
    }
}

/// Gives a command the environment that Lambda gives to `accept-donation`, and nothing else.
pub(crate) fn set_environment(command: &mut Command, place: Place<'_>) {
    let scheme = if place.bundle.is_some() { "https" } else { "http" };
    command
        .env_clear()
        .env("_HANDLER", "accept-donation")
        .env("AWS_LAMBDA_RUNTIME_API", place.runtime.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "accept-donation")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/accept-donation")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("AWS_REGION", "eu-west-2")
        .env("AWS_ACCESS_KEY_ID", "AKIAINVENTEDINVENTED")
        .env("AWS_SECRET_ACCESS_KEY", "invented/invented/invented/invented/inve")
        .env("AWS_SESSION_TOKEN", "invented".repeat(SESSION_TOKEN_BYTES / 8))
        .env("AWS_ENDPOINT_URL", format!("{scheme}://{}", place.aws))
        .env("DONATIONS_TABLE", "donations")
        .env("EVENTS_TOPIC_ARN", "arn:aws:sns:eu-west-2:000000000000:events")
        .env(
            "CAPABILITY_KEY_SECRET_ARN",
            "arn:aws:secretsmanager:eu-west-2:000000000000:secret:capability-key",
        )
        .env("CHARITY", "outpour-demo")
        .env("PUBLIC_URL", "https://donate.example.org")
        .env("FIRST_CHECK_SECONDS", "60")
        .env("AMOUNT_MIN", "GBP=1.00")
        .env("SOURCE_ADDRESS", "connection");
    if let Some(bundle) = place.bundle {
        command.env("SSL_CERT_FILE", bundle);
    }
}

/// A running process. It is ended when it is dropped.
pub(crate) struct Process {
    child: Child,
    clock: ClockId,
    log: NamedTempFile,
    pub(crate) started_at: Instant,
}

impl Process {
    /// Starts a command on the processors of `cpus`, and comes back to those of its own.
    ///
    /// # Errors
    /// The program cannot be run.
    pub(crate) fn start(mut command: Command, cpus: &Cpus) -> Result<Self> {
        let log = NamedTempFile::new()?;
        let appending = || File::options().append(true).open(log.path());
        command.stdin(Stdio::null()).stdout(appending()?).stderr(appending()?);
        cpus.for_the_function()?;
        let started_at = Instant::now();
        let child = command.spawn();
        cpus.for_this_process()?;
        let child = child.with_context(|| format!("{} cannot be run", command.get_program().display()))?;
        let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(child.id())?))?;
        Ok(Self { child, clock, log, started_at })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Time on a processor so far, of all its threads, in its own code and in the kernel's.
    ///
    /// # Errors
    /// The process has ended.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let time =
            clock_gettime(self.clock).with_context(|| format!("the process has ended\n{}", self.said()))?;
        Ok(Duration::from(time))
    }

    /// The most memory that it has had, in bytes (`VmHWM`).
    ///
    /// # Errors
    /// The process has ended.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kilobytes: u64 = kilobytes.context("the kernel tells no peak of the memory")?.parse()?;
        Ok(kilobytes * 1_024)
    }

    /// What it has written to its standard output and error.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap_or_else(|error| error.to_string())
    }

    /// Waits until it has ended by itself or by a signal.
    ///
    /// # Errors
    /// It does not end in time, or cannot be waited for.
    pub(crate) fn ended(&mut self, patience: Duration) -> Result<()> {
        let by = Instant::now() + patience;
        while self.child.try_wait()?.is_none() {
            ensure!(Instant::now() < by, "the process does not end\n{}", self.said());
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what is wanted.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Which processors the function runs on, and which ones the endpoints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cpus {
    all: CpuSet,
    function: CpuSet,
    endpoints: CpuSet,
    pub(crate) are_apart: bool,
}

impl Cpus {
    /// The first processor for the function and the others for the endpoints; one for all where there is one.
    ///
    /// # Errors
    /// The kernel does not tell which ones there are.
    pub(crate) fn divide() -> Result<Self> {
        let all = sched_getaffinity(Pid::from_raw(0))?;
        let mut function = CpuSet::new();
        let mut endpoints = CpuSet::new();
        let mut count = 0;
        for cpu in 0..CpuSet::count() {
            if all.is_set(cpu)? {
                if count == 0 {
                    function.set(cpu)?;
                } else {
                    endpoints.set(cpu)?;
                }
                count += 1;
            }
        }
        let are_apart = count > 1;
        if !are_apart {
            endpoints = function;
        }
        let cpus = Self { all, function, endpoints, are_apart };
        cpus.for_this_process()?;
        Ok(cpus)
    }

    /// What this thread starts next runs where the function belongs.
    fn for_the_function(&self) -> Result<()> {
        Ok(sched_setaffinity(Pid::from_raw(0), &self.function)?)
    }

    fn for_this_process(&self) -> Result<()> {
        Ok(sched_setaffinity(Pid::from_raw(0), &self.endpoints)?)
    }

    /// What this thread does and starts from now on runs anywhere.
    ///
    /// # Errors
    /// The kernel does not let it.
    pub(crate) fn together(&self) -> Result<()> {
        Ok(sched_setaffinity(Pid::from_raw(0), &self.all)?)
    }
}
