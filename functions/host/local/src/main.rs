//! `outpour`: runs the whole pipeline on this machine, and speaks to a running one.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
