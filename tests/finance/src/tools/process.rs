//! Child processes with an end: of time, and of what they say.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::ToolFault;

/// Most bytes that a program may write to either stream: the largest export as hledger prints it, twice.
const OUTPUT_MAX: u64 = 256 * 1024 * 1024;

/// Most bytes of a complaint that are passed on.
const SAID_MAX: usize = 2000;

/// A program that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    program: String,
    pub(super) is_ok: bool,
    pub(super) output: String,
    /// The end of what it said on either stream, complaints last.
    pub(super) said: String,
}

impl Ended {
    /// The output of a program that has no reason to fail.
    pub(super) fn ok(self) -> Result<String, ToolFault> {
        if self.is_ok {
            return Ok(self.output);
        }
        Err(ToolFault::Failed { program: self.program, said: self.said })
    }
}

/// Runs a program to its end, or stops it after so many seconds.
///
/// What it writes goes through files: a pipe that somebody has inherited would keep a reader waiting after
/// the end.
pub(super) fn run(command: &mut Command, seconds: u64) -> Result<Ended, ToolFault> {
    let program = command.get_program().to_string_lossy().into_owned();
    let not_started = |source| ToolFault::NotStarted { program: program.clone(), source };
    let (mut output, mut complaints) = (file().map_err(not_started)?, file().map_err(not_started)?);
    command
        .env("LC_ALL", "C.UTF-8")
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .stdin(Stdio::null())
        .stdout(output.try_clone().map_err(not_started)?)
        .stderr(complaints.try_clone().map_err(not_started)?);
    let mut child = command.spawn().map_err(not_started)?;
    let waited = wait(&mut child, &program, seconds, [&output, &complaints]);
    let is_ok = match waited {
        Ok(is_ok) => is_ok,
        Err(fault) => {
            let stopped = child.kill().and_then(|()| child.wait());
            stopped.map_err(not_started)?;
            return Err(fault);
        }
    };
    let output = text(&mut output).map_err(not_started)?;
    let complaints = text(&mut complaints).map_err(not_started)?;
    let said = ending(&format!("{}\n{}", ending(&output), complaints.trim_end())).trim_start().to_owned();
    Ok(Ended { program, is_ok, output, said })
}

fn wait(child: &mut Child, program: &str, seconds: u64, files: [&File; 2]) -> Result<bool, ToolFault> {
    let failed = |source| ToolFault::NotStarted { program: program.to_owned(), source };
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            return Ok(status.success());
        }
        if began.elapsed() > Duration::from_secs(seconds) {
            return Err(ToolFault::TooSlow { program: program.to_owned(), seconds });
        }
        for file in files {
            if file.metadata().map_err(failed)?.len() > OUTPUT_MAX {
                return Err(ToolFault::TooMuch { program: program.to_owned(), bytes: OUTPUT_MAX });
            }
        }
        sleep(Duration::from_millis(5));
    }
}

fn file() -> io::Result<File> {
    tempfile::tempfile()
}

fn text(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.take(OUTPUT_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn ending(text: &str) -> &str {
    let from = text.len().saturating_sub(SAID_MAX);
    &text[text.ceil_char_boundary(from)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_that_does_not_end_is_stopped() {
        let began = Instant::now();
        let fault = run(&mut shell("exec sleep 60"), 1).unwrap_err();
        assert!(matches!(fault, ToolFault::TooSlow { seconds: 1, .. }), "{fault}");
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_that_leaves_a_child_behind_keeps_nobody_waiting() {
        let began = Instant::now();
        assert_eq!(run(&mut shell("sleep 30 & echo done"), 20).unwrap().output, "done\n");
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_program_that_fails_says_why() {
        let fault = run(&mut shell("echo out; echo why >&2; exit 3"), 20).unwrap().ok().unwrap_err();
        assert_eq!(fault.to_string(), "sh failed: out\n\nwhy");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_fault() {
        let fault = run(&mut Command::new("no-such-program"), 1).unwrap_err();
        assert_eq!(fault.to_string(), "no-such-program cannot be started");
    }
}
