//! `capacity`: prints the capacity plan, and draws its plots into the folder that it is given.

#![expect(clippy::print_stdout, reason = "a command line speaks to its caller")]

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use contracts::topology::Topology;
use tests_capacity::page::Plan;
use tests_capacity::plots;

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).context("usage: capacity FOLDER")?;
    let plan = Plan::of(&Topology::shipped());
    println!("{}", plan.page());
    fs::create_dir_all(&folder)?;
    for (name, text) in plots::draw(&plan)? {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}
