//! Running a check: a command, its output passed on and counted.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::tally::Tally;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().and_then(Path::parent).expect("this package lies two folders deep").to_owned()
}

/// How a check ended.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) is_ok: bool,
    pub(crate) tally: Tally,
    pub(crate) seconds: u64,
}

/// Runs a command in a folder of the repository and counts the tests that it reports.
pub(crate) fn check(name: &'static str, folder: &str, program: &str, arguments: &[&str]) -> Result<Check> {
    println!("\n── {name}: {program} {}", arguments.join(" "));
    let began = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(root().join(folder))
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program} cannot be started; is it installed?"))?;
    let output = child.stdout.take().expect("the output is piped");
    let mut tally = Tally::default();
    for line in BufReader::new(output).lines() {
        let line = line.with_context(|| format!("the output of {program} is not text"))?;
        tally.read(&line);
        println!("{line}");
    }
    let is_ok = child.wait().with_context(|| format!("{program} did not end"))?.success();
    Ok(Check { name, is_ok, tally, seconds: began.elapsed().as_secs() })
}
