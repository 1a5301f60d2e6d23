//! `review`: what the pipeline could not decide, and a person's decisions about it.

use clap::{Args, Subcommand, ValueEnum};
use contracts::http::{ResolutionAnswer, ResolutionRequest};
use contracts::stored::DonationItem;

use super::Verdict;
use super::client::{Client, Target};
use super::console::say;

#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// List the donations under review, and those whose outcome is unknown
    List(Target),
    /// Decide about one; who and why are kept with the donation for ever
    Resolve(ResolveArguments),
    /// Have the provider's word on a payment that you found stored on the donation
    LookUp(LookUpArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ResolveArguments {
    #[command(flatten)]
    target: Target,
    /// The donation
    donation: String,
    /// The decision
    #[arg(value_enum)]
    resolution: Decision,
    /// Who decides: a login name or an e-mail address
    #[arg(long)]
    by: String,
    /// Why, in your own words; nothing of the donor's
    #[arg(long)]
    note: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Decision {
    /// The provider took another amount than the donor gave, and the charity keeps it
    AmountAccepted,
    /// No money was taken, and none is to be
    NotTaken,
    /// What stood in the way is mended: try again
    TryAgain,
}

#[derive(Debug, Args)]
pub(crate) struct LookUpArguments {
    #[command(flatten)]
    target: Target,
    /// The donation
    donation: String,
    /// The provider's id of the payment
    payment: String,
    /// Who asks: a login name or an e-mail address
    #[arg(long)]
    by: String,
    /// Why, in your own words; nothing of the donor's
    #[arg(long)]
    note: String,
}

pub(crate) async fn run(command: ReviewCommand) -> anyhow::Result<Verdict> {
    match command {
        ReviewCommand::List(target) => list(&Client::new(&target)?).await,
        ReviewCommand::Resolve(arguments) => {
            let resolution = match arguments.resolution {
                Decision::AmountAccepted => "amount_accepted",
                Decision::NotTaken => "not_taken",
                Decision::TryAgain => "try_again",
            };
            let request = ResolutionRequest {
                resolution: Some(resolution.to_owned()),
                look_up: None,
                by: arguments.by,
                note: arguments.note,
            };
            send(&arguments.target, &arguments.donation, &request).await
        }
        ReviewCommand::LookUp(arguments) => {
            let (by, note) = (arguments.by, arguments.note);
            let request = ResolutionRequest { resolution: None, look_up: Some(arguments.payment), by, note };
            send(&arguments.target, &arguments.donation, &request).await
        }
    }
}

async fn list(client: &Client) -> anyhow::Result<Verdict> {
    let donations: Vec<DonationItem> = client.all("stored/donations").await?;
    let waiting: Vec<_> = donations
        .iter()
        .filter(|donation| matches!(donation.payment.state.as_str(), "under_review" | "unknown"))
        .collect();
    for donation in &waiting {
        let (payment, reason) = (&donation.payment, donation.payment.reason.as_deref().unwrap_or("-"));
        say(format!(
            "{}  {}  {reason}  {} minor units of {}  since {}",
            donation.id,
            payment.state,
            donation.minor,
            donation.currency,
            payment.since.map_or_else(|| "-".to_owned(), moment),
        ))?;
    }
    say(format!("{} donations wait for somebody or for an answer", waiting.len()))?;
    Ok(Verdict::Good)
}

fn moment(millis: u64) -> String {
    contracts::time::to_rfc3339(domain::time::Timestamp::from_millis(millis))
}

async fn send(target: &Target, donation: &str, request: &ResolutionRequest) -> anyhow::Result<Verdict> {
    let client = Client::new(target)?;
    let path = format!("/donations/{donation}/resolutions");
    let answer: ResolutionAnswer = client.post_signed(&path, None, request).await?;
    let shown = serde_json::to_string(&answer)?;
    say(shown)?;
    Ok(Verdict::Good)
}
