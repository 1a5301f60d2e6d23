//! `parked`: the messages that wait for a person.

mod change;
mod look;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::Verdict;
use super::client::{Client, Target};

/// What is to be done with them.
#[derive(Debug, Subcommand)]
pub(crate) enum ParkedCommand {
    /// List parked messages: id, queue, type, when, how often received, and why
    List(ListArguments),
    /// Show one: body, attributes, reason, its donation and what was done to it
    Show(ShowArguments),
    /// Give a message another body, under audit; the old one stays in the audit
    Edit(EditArguments),
    /// Send messages back to their queue, under audit
    ///
    /// A message is never lost between the two queues; at worst, when this command is broken off and run
    /// again, it arrives twice, which harms nothing, and neither does its age.
    Replay(ReplayArguments),
    /// Throw a message away, under audit; its body stays in the audit
    Discard(DiscardArguments),
    /// Show who did what to which message, and why
    Audit(AuditArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    target: Target,
    /// Only those that were meant for this queue
    queue: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    target: Target,
    /// The message's id
    id: String,
}

#[derive(Debug, Args)]
pub(crate) struct EditArguments {
    #[command(flatten)]
    target: Target,
    /// The message's id
    id: String,
    /// File with the new body; - is standard input
    #[arg(long, value_name = "FILE")]
    body: PathBuf,
    /// Who you are
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why; no donor's data, because it is kept
    #[arg(long, value_name = "TEXT")]
    why: String,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["ids", "all", "reason"])))]
pub(crate) struct ReplayArguments {
    #[command(flatten)]
    target: Target,
    /// The messages' ids
    ids: Vec<String>,
    /// Every message that was meant for this queue
    #[arg(long, value_name = "QUEUE")]
    all: Option<String>,
    /// Every message whose reason holds this text
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only show which messages it would be
    #[arg(long)]
    dry_run: bool,
    /// Who you are
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why; no donor's data, because it is kept
    #[arg(long, value_name = "TEXT", default_value = "")]
    why: String,
}

#[derive(Debug, Args)]
pub(crate) struct DiscardArguments {
    #[command(flatten)]
    target: Target,
    /// The message's id
    id: String,
    /// Who you are
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why; no donor's data, because it is kept
    #[arg(long, value_name = "TEXT")]
    why: String,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    #[command(flatten)]
    target: Target,
}

pub(crate) async fn run(command: ParkedCommand) -> anyhow::Result<Verdict> {
    match command {
        ParkedCommand::List(arguments) => look::list(arguments).await,
        ParkedCommand::Show(arguments) => look::show(arguments).await,
        ParkedCommand::Audit(arguments) => look::audit(arguments).await,
        ParkedCommand::Edit(arguments) => change::edit(arguments).await,
        ParkedCommand::Replay(arguments) => change::replay(arguments).await,
        ParkedCommand::Discard(arguments) => change::discard(arguments).await,
    }
}

/// A name or id as part of a path or query: none that means anything holds other characters.
fn plain<'a>(what: &str, text: &'a str) -> anyhow::Result<&'a str> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if text.is_empty() || !text.bytes().all(fits) {
        anyhow::bail!("{what} must be letters, digits, - and _");
    }
    Ok(text)
}
