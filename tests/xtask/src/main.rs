//! `cargo xtask VERB`: what the project does to itself.
//!
//! - `ci`: every check and every test, installing what they need; ends with `N passed, N failed`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its caller")]

mod checks;
mod ci;
mod tally;

use std::process::ExitCode;

fn main() -> ExitCode {
    let verb = std::env::args().nth(1);
    let done = match verb.as_deref() {
        Some("ci") => ci::run(),
        Some(_) | None => {
            eprintln!("usage: cargo xtask ci");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
