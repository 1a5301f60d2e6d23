//! The command line. `up` runs the stack; every other command speaks HTTP to a running one.
//!
//! Modules in reading order.

mod client;
mod console;

mod up;

mod donate;
mod donation;

mod surge;

mod attack;

mod chaos;
mod clock;
mod export;
mod parked;
mod proof;
mod queues;
mod reconcile;
mod refund;
mod review;
mod sandbox;
mod settle;
mod work;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Outpour on one machine: donations from the API to the ledger, with real parts.
#[derive(Debug, Parser)]
#[command(name = "outpour", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole pipeline until Ctrl-C (the default)
    Up(up::UpArguments),
    /// Make one donation
    Donate(donate::DonateArguments),
    /// Show everything that happened to a donation
    Donation(donation::DonationArguments),
    /// Donate at a fixed rate, with declines and repeats, and wait until everything has settled
    Surge(surge::SurgeArguments),
    /// Try stolen cards from a few addresses while honest donors give, and see who gets through
    Attack(attack::AttackArguments),
    /// Compare donations, ledger, provider and receipts, and name every difference
    Proof(proof::ProofArguments),
    /// Export the ledger of a period into a folder
    Export(export::ExportArguments),
    /// Give money back to a donor, whole or in part
    Refund(refund::RefundArguments),
    /// Decide what the pipeline could not
    #[command(subcommand)]
    Review(review::ReviewCommand),
    /// Read the providers' balances now, and book what was missed
    Reconcile(client::Place),
    /// Look at what finance and operations have to deal with
    #[command(subcommand)]
    Work(work::WorkCommand),
    /// Wait until nothing is owed to any donation
    Settle(settle::SettleArguments),
    /// Show how full the queues are
    Queues(client::Place),
    /// Try the dead letters of a queue again; `parked replay` does the same under your name
    Redrive(queues::RedriveArguments),
    /// Look at parked messages, mend them, send them back
    ///
    /// Messages that no repetition helps lie in their queue's dead-letter queue, each with its reason. These
    /// commands drive the local host; on AWS the dead-letter queues are reached through SQS itself.
    #[command(subcommand)]
    Parked(parked::ParkedCommand),
    /// Have the payment provider's sandbox fail, repeat itself, or take money back
    #[command(subcommand)]
    Sandbox(sandbox::SandboxCommand),
    /// Show the stack's clock, or move it forward by hours or days at once
    Clock(clock::ClockArguments),
    /// Kill random function processes for a while, to see that nothing is lost
    Chaos(chaos::ChaosArguments),
}

/// How a command that ran to its end went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// As it should.
    Good,
    /// It found what it looks for, and that is bad; it has said what.
    Bad,
}

/// Runs the command line and gives the process's exit code: 0 for good, 1 for anything else, 2 for wrong usage.
pub(crate) fn main() -> ExitCode {
    let command = Arguments::parse().command.unwrap_or_else(|| Command::Up(up::UpArguments::defaults()));
    console::init_log();
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        return failed(&anyhow::anyhow!("another TLS provider was chosen first"));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return failed(&anyhow::Error::new(error).context("the program's threads cannot be started"));
        }
    };
    match runtime.block_on(run(command)) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::FAILURE,
        Err(error) => failed(&error),
    }
}

async fn run(command: Command) -> anyhow::Result<Verdict> {
    match command {
        Command::Up(arguments) => up::run(arguments).await,
        Command::Donate(arguments) => donate::run(arguments).await,
        Command::Donation(arguments) => donation::run(arguments).await,
        Command::Surge(arguments) => surge::run(arguments).await,
        Command::Attack(arguments) => attack::run(arguments).await,
        Command::Proof(arguments) => proof::run(arguments).await,
        Command::Export(arguments) => export::run(arguments).await,
        Command::Refund(arguments) => refund::run(arguments).await,
        Command::Review(command) => review::run(command).await,
        Command::Reconcile(place) => reconcile::run(place).await,
        Command::Work(command) => work::run(command).await,
        Command::Settle(arguments) => settle::run(arguments).await,
        Command::Queues(place) => queues::show(&place.client().await?).await,
        Command::Redrive(arguments) => queues::redrive(arguments).await,
        Command::Parked(command) => parked::run(command).await,
        Command::Sandbox(command) => sandbox::run(command).await,
        Command::Clock(arguments) => clock::run(arguments).await,
        Command::Chaos(arguments) => chaos::run(arguments).await,
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    // When even standard error is gone, the exit code is all that is left to say.
    if console::complain(&format!("outpour: {error:#}")).is_err() {
        tracing::debug!("standard error is closed");
    }
    ExitCode::FAILURE
}
