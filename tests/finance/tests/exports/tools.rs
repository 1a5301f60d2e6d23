//! Finding the tools: once, and loudly when they cannot be found.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use tests_finance::check_export;

use super::ledgers::{CAPTURE, export};

/// Runs the command where no program can be found but those in `programs`: no apt-get, no python3 to build
/// anything with.
fn without_programs(programs: &Path, arguments: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_check-export"));
    command.args(arguments).env("PATH", programs).output().unwrap()
}

#[tokio::test]
async fn tools_that_were_fetched_once_are_not_fetched_again() {
    let (folder, _) = export(&[CAPTURE.entry()], ("2026-11-20", "2026-11-20")).await;
    check_export(folder.path()).unwrap();
    let programs = tempfile::tempdir().unwrap();
    // A machine that has its own hledger never fetched one.
    let path = std::env::var_os("PATH").unwrap();
    if let Some(own) =
        std::env::split_paths(&path).map(|folder| folder.join("hledger")).find(|own| own.is_file())
    {
        symlink(own, programs.path().join("hledger")).unwrap();
    }
    let ended = without_programs(programs.path(), &[folder.path()]);
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert!(said.contains("example-trust, 2026-11-20 to 2026-11-20: 1 entries, 2 lines"), "{said}");
    assert!(said.contains("25.00 GBP  Assets:Clearing:Stripe:GBP:Balance"), "{said}");
}

#[tokio::test]
async fn a_tool_that_cannot_be_found_or_fetched_fails_the_check_and_says_what_to_do() {
    let (folder, _) = export(&[CAPTURE.entry()], ("2026-11-20", "2026-11-20")).await;
    let nothing = tempfile::tempdir().unwrap();
    let ended = without_programs(nothing.path(), &[folder.path(), &nothing.path().join("tools")]);
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let expected = "the export cannot be checked: hledger is not on this machine and could not be fetched; ";
    assert!(said.starts_with(expected), "{said}");
    assert!(said.contains("install hledger 1.25 or later: apt-get cannot be started"), "{said}");
}

#[tokio::test]
async fn a_check_changes_nothing_in_the_folder() {
    let (folder, _) = export(&[CAPTURE.entry()], ("2026-11-20", "2026-11-20")).await;
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
        let mut files: Vec<_> =
            entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect();
        files.sort();
        files
    };
    let before = names();
    check_export(folder.path()).unwrap();
    assert_eq!(before, names());
}
