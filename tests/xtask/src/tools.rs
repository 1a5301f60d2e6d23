//! Outside tools in the versions that the project is written for.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::checks::root;

/// `cargo VERB` in this version, as a program: the machine's own, or one built once under `target/`.
pub(crate) fn cargo_tool(verb: &str, version: &str) -> Result<PathBuf> {
    let name = format!("cargo-{verb}");
    let is_pinned = |program: &PathBuf| {
        let said = Command::new(program).args([verb, "--version"]).output();
        said.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim_end().ends_with(version))
    };
    let own = PathBuf::from(&name);
    if is_pinned(&own) {
        return Ok(own);
    }
    let folder = root().join("target/tools");
    let built = folder.join("bin").join(&name);
    if !is_pinned(&built) {
        println!("building {name} {version} into target/tools");
        let installed = Command::new("cargo")
            .args(["install", &name, "--locked", "--quiet", "--version", version, "--root"])
            .arg(&folder)
            .status()?;
        ensure!(installed.success(), "{name} {version} could not be built");
    }
    Ok(built)
}
