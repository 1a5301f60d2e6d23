//! The command line.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{Stack, binaries};

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Starts `outpour` with these arguments.
pub(crate) fn start<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Child {
    let mut command = Command::new(binaries::outpour());
    command.env_clear().env("RUST_LOG", "off").args(arguments).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for a command.
pub(crate) async fn end(command: Child, patience: Duration) -> Ended {
    let output = timeout(patience, command.wait_with_output()).await;
    let output = output.unwrap_or_else(|_| panic!("the command did not end within {patience:?}")).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Stack {
    /// Starts a command that speaks to this stack.
    pub(crate) fn command(&self, arguments: &[&str]) -> Child {
        start(arguments.iter().chain(&["--url", self.url.as_str()]))
    }

    /// Runs a command that speaks to this stack.
    pub(crate) async fn run_command(&self, arguments: &[&str]) -> Ended {
        end(self.command(arguments), Duration::from_secs(120)).await
    }

    /// The proof: its exit code, and its finding.
    pub(crate) async fn proof(&self, more: &[&str]) -> (i32, Value) {
        let ended = self.run_command(&[&["proof", "--json"], more].concat()).await;
        let finding = serde_json::from_str(&ended.out);
        let finding = finding.unwrap_or_else(|error| panic!("{error}: {ended:?}\n{}", self.tail()));
        (ended.code.unwrap(), finding)
    }

    /// Checks that the proof finds nothing wrong, and gives its counts.
    pub(crate) async fn assert_proven(&self, more: &[&str]) -> Value {
        let (code, finding) = self.proof(more).await;
        assert_eq!((code, &finding["differences"]), (0, &Value::Array(vec![])), "{}", self.tail());
        finding["counts"].clone()
    }
}
