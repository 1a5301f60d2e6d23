//! `work`: what a person of finance or operations has to look at.

use clap::{Args, Subcommand};
use contracts::stored::WorkItem;
use host_local::operator::view::CloseWorkRequest;

use super::Verdict;
use super::client::{Client, Place, Target};
use super::console::say;

#[derive(Debug, Subcommand)]
pub(crate) enum WorkCommand {
    /// List what is open
    List(Place),
    /// Close an item: who and why are kept with it
    Close(CloseArguments),
}

#[derive(Debug, Args)]
pub(crate) struct CloseArguments {
    #[command(flatten)]
    target: Target,
    /// The item, as `list` names it
    id: String,
    /// Who closes it: a login name or an e-mail address
    #[arg(long)]
    by: String,
    /// What you found, in your own words; nothing of the donor's
    #[arg(long)]
    note: String,
}

pub(crate) async fn run(command: WorkCommand) -> anyhow::Result<Verdict> {
    match command {
        WorkCommand::List(place) => list(&place.client().await?).await,
        WorkCommand::Close(arguments) => {
            let request = CloseWorkRequest { id: arguments.id, by: arguments.by, note: arguments.note };
            let closed: WorkItem = Client::new(&arguments.target)?.post("close-work", &request).await?;
            say(format!("{} is closed", closed.id))?;
            Ok(Verdict::Good)
        }
    }
}

async fn list(client: &Client) -> anyhow::Result<Verdict> {
    let items: Vec<WorkItem> = client.all("stored/work").await?;
    let open: Vec<_> = items.iter().filter(|item| item.open.is_some()).collect();
    for item in &open {
        let amount = match (item.minor, item.currency.as_deref()) {
            (Some(minor), Some(currency)) => format!("{minor} minor units of {currency}"),
            _ => "-".to_owned(),
        };
        let since = contracts::time::to_rfc3339(domain::time::Timestamp::from_millis(item.opened_at));
        let donation = item.donation_id.as_deref().unwrap_or("no donation");
        let detail = item.detail.as_deref().unwrap_or("-");
        say(format!("{}  {amount}  {donation}  {detail}  since {since}", item.id))?;
    }
    say(format!("{} open", open.len()))?;
    Ok(Verdict::Good)
}
