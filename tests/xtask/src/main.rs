//! `cargo xtask VERB`: what the project does to itself.
//!
//! - `ci`: every check and every test, installing what they need; ends with `N passed, N failed`.
//! - `bench [--quick]`: what an accepted donation costs, beside the least program that does the same.
//! - `capacity`: what so many donors a second do to the pipeline under AWS's limits, what it costs, what to raise.
//! - `rehearse [--quick]`: the night of a broadcast and what can go wrong with it, and the proof that nothing was lost.
//! - `second-engine [--donations N]`: the template deployed to an engine that is not ours, donations there, the proof.
//! - `simulate [--seeds N] [--from S]`: so many histories of the whole pipeline in a world that goes wrong;
//!   `--seed S [--only LIST] [--history]`: one of them; `--mutants` or `--mutant NAME`: whether planted bugs
//!   are found.
//! - `build [--arch arm64|x86_64]`: the functions' binary as it is deployed, in `target/deploy/ARCH/bootstrap`.
//! - `deploy --env NAME`: builds, shows what would change on AWS, asks, and deploys.
//! - `destroy --env NAME`: takes a preview away again, and nothing but a preview.
//! - `mutants [domain|app] [OPTIONS]`: changes `domain` and `app` in every small way that cargo-mutants knows (or in
//!   those that its OPTIONS choose, such as `--shard 0/4`), and fails where the tests notice less than nine in ten.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its caller")]

mod bench;
mod binary;
mod capacity;
mod checks;
mod ci;
mod deploy;
mod grown;
mod mutants;
mod rehearsal;
mod second_engine;
mod simulate;
mod tally;
mod tools;

use std::process::ExitCode;

fn main() -> ExitCode {
    let verb = std::env::args().nth(1);
    let done = match verb.as_deref() {
        Some("ci") => ci::run(),
        Some("bench") => bench::run(std::env::args().skip(2)),
        Some("capacity") => capacity::run(std::env::args().skip(2)),
        Some("rehearse") => rehearsal::run(std::env::args().skip(2)),
        Some("second-engine") => second_engine::run(std::env::args().skip(2)),
        Some("simulate") => simulate::run(std::env::args().skip(2)),
        Some("build") => binary::run(std::env::args().skip(2)),
        Some("deploy") => deploy::deploy(std::env::args().skip(2)),
        Some("destroy") => deploy::destroy(std::env::args().skip(2)),
        Some("mutants") => grown::run(std::env::args().skip(2)),
        Some(_) | None => {
            eprintln!("usage: cargo xtask ci | bench [--quick] | capacity | rehearse [--quick]");
            eprintln!("     | build [--arch NAME] | deploy --env NAME | destroy --env NAME");
            eprintln!("     | simulate [--help] | mutants [domain|app] [OPTIONS] | second-engine [--help]");
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
