//! The endpoints in a process of their own, which can be killed and whose files can be bounded.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::setup::Clients;

/// A running `examples/serve-aws`. Killed when dropped, so that a failed test leaves nothing behind.
pub(crate) struct Process {
    child: Child,
    pub(crate) clients: Clients,
}

impl Process {
    /// Serves `data`.
    pub(crate) fn start(data: &Path) -> Self {
        let mut command = Command::new(serve());
        command.arg(data);
        Self::spawn(command)
    }

    /// Serves `data` with no file allowed to grow beyond `kib` KiB: to a process that is what a full disk is,
    /// a write that fails.
    pub(crate) fn start_bounded(data: &Path, kib: u32) -> Self {
        // The signal is ignored because the write is meant to fail, not the process. The unit is 512 bytes.
        let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$1\"", kib * 2);
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(script).arg(serve()).arg(data);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (endpoint, s3_endpoint) = line.trim_end().split_once(' ').expect("it says where it listens");
        Self { child, clients: Clients::of(endpoint, s3_endpoint) }
    }

    /// SIGKILL, at once.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert!(!status.success(), "it was killed, and had not ended before");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            self.child.wait().unwrap();
        }
    }
}

fn serve() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let serve = tests.parent().and_then(Path::parent).unwrap().join("examples/serve-aws");
    assert!(serve.exists(), "build it first: cargo build -p aws-local --example serve-aws");
    serve
}
