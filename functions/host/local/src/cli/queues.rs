//! `queues` and `redrive`.

use std::time::Duration;

use clap::Args;
use host_local::operator::view::{QueueView, RedriveRequest, Redriven};

use super::Verdict;
use super::client::{Client, Target};
use super::console::{duration, say, table};

#[derive(Debug, Args)]
pub(crate) struct RedriveArguments {
    #[command(flatten)]
    target: Target,
    /// The queue whose dead letters are tried again
    queue: String,
}

pub(crate) async fn show(client: &Client) -> anyhow::Result<Verdict> {
    let queues: Vec<QueueView> = client.get("queues").await?;
    let head = ["queue", "waiting", "in flight", "delayed", "oldest", "dead letters"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(queues.into_iter().map(|queue| {
        let oldest = queue.oldest_age_ms.map(|age| duration(Duration::from_millis(age)));
        vec![
            queue.queue,
            queue.visible.to_string(),
            queue.in_flight.to_string(),
            queue.delayed.to_string(),
            oldest.unwrap_or_else(|| "-".to_owned()),
            queue.dead_letters.to_string(),
        ]
    }));
    table(&rows)?;
    Ok(Verdict::Good)
}

pub(crate) async fn redrive(arguments: RedriveArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let request = RedriveRequest { queue: arguments.queue };
    let redriven: Redriven = client.post("redrive", &request).await?;
    say(format!("{} messages moved back to {}", redriven.moved, request.queue))?;
    Ok(Verdict::Good)
}
