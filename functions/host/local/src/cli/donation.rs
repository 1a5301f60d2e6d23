//! `donation`: everything that happened to one donation.

use clap::Args;
use contracts::time::to_rfc3339;
use domain::time::Timestamp;
use host_local::operator::view::Happening;

use super::Verdict;
use super::client::Place;
use super::console::table;

#[derive(Debug, Args)]
pub(crate) struct DonationArguments {
    #[command(flatten)]
    place: Place,
    /// The donation's id
    id: String,
}

pub(crate) async fn run(arguments: DonationArguments) -> anyhow::Result<Verdict> {
    let id = domain::ids::DonationId::parse(&arguments.id)
        .map_err(|error| anyhow::anyhow!("the donation's id {error}"))?;
    let client = arguments.place.client().await?;
    let happenings: Vec<Happening> = client.get(&format!("donations/{id}/timeline")).await?;
    let rows: Vec<Vec<String>> = happenings
        .into_iter()
        .map(|happening| {
            let at = to_rfc3339(Timestamp::from_millis(happening.at_ms));
            vec![at, happening.seen_by, happening.what, happening.detail]
        })
        .collect();
    table(&rows)?;
    Ok(Verdict::Good)
}
