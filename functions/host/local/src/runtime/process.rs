//! Starting one process and watching over it until it ends.

use std::fs::File;
use std::io;
use std::process::{ExitStatus, Stdio};

use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::FunctionSpec;

/// What a pool asks of the watch over a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// Kill the process at this moment, or never.
    Deadline(Option<Instant>),
    /// Kill the process now.
    Kill(KillReason),
}

/// Why the host killed a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KillReason {
    /// It outlived its deadline.
    Deadline,
    /// An operator asked for disorder.
    Chaos,
    /// It was not needed any more, or the host stops.
    Stop,
}

/// How a process ended.
#[derive(Debug)]
pub(super) struct Exit {
    /// Who ended it; `None` when it ended by itself or somebody else killed it.
    pub(super) killed: Option<KillReason>,
    /// Exit status, signal, or why there was no process.
    pub(super) how: String,
}

/// How far ahead of the machine's clock a process lives. Absent when it does not, as on AWS.
const AHEAD: &str = "OUTPOUR_CLOCK_OFFSET_SECONDS";

/// Starts a process of the function that polls `runtime_api`.
///
/// It inherits nothing from the host's environment but `RUST_LOG` and `RUST_BACKTRACE`: neither an operator's AWS
/// credentials nor a proxy. It has a process group of its own, so that Ctrl-C at the terminal reaches the host alone.
pub(super) fn start(spec: &FunctionSpec, runtime_api: &str, log: File) -> io::Result<Child> {
    let stderr = log.try_clone()?;
    let mut command = Command::new(&spec.bootstrap);
    command
        .env_clear()
        .envs(spec.environment.iter().map(|(key, value)| (key, value)))
        .envs(
            ["RUST_LOG", "RUST_BACKTRACE"].into_iter().filter_map(|key| Some((key, std::env::var_os(key)?))),
        )
        .env("_HANDLER", &spec.name)
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", &spec.name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_mb.to_string())
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", spec.name))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "local")
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .envs(ahead(spec))
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(stderr)
        .process_group(0)
        .kill_on_drop(true);
    command.spawn()
}

fn ahead(spec: &FunctionSpec) -> Option<(&'static str, String)> {
    let seconds = spec.clock.offset_seconds();
    (seconds > 0).then(|| (AHEAD, seconds.to_string()))
}

/// Waits for the process to end, and ends it at its deadline or when told to.
pub(super) async fn watch(
    mut child: Child,
    mut control: mpsc::UnboundedReceiver<Control>,
    init: Instant,
) -> Exit {
    let mut deadline = Some(init);
    let mut killed = None;
    loop {
        let at_deadline = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let reason = tokio::select! {
            biased;
            status = child.wait() => return Exit { killed, how: describe(status) },
            Some(control) = control.recv() => match control {
                Control::Deadline(next) => {
                    deadline = next;
                    continue;
                }
                Control::Kill(reason) => reason,
            },
            () = at_deadline => KillReason::Deadline,
        };
        // The first reason stands: a process is killed once, and its end is then only a matter of waiting.
        killed.get_or_insert(reason);
        deadline = None;
        if let Err(error) = child.start_kill() {
            tracing::debug!(%error, "the process had already ended");
        }
    }
}

fn describe(status: io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => status.to_string(),
        Err(error) => format!("it could not be waited for: {error}"),
    }
}
