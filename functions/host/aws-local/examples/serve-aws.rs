//! Serves the shipped topology from a folder: `serve-aws FOLDER`.
//!
//! Writes one line, `AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3`, and serves until its input ends. The tests that
//! kill the process or let its disk run full start it; it serves just as well to look at the endpoints by
//! hand.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
};

use aws_local::{Clock, Settings};
use contracts::topology::Topology;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let data = std::env::args_os().nth(1).ok_or("usage: serve-aws FOLDER")?;
    let aws = aws_local::start(Settings {
        data: data.into(),
        topology: Topology::shipped(),
        secrets: BTreeMap::new(),
        senders: vec!["charity.example".to_owned()],
        configuration_sets: vec!["receipts".to_owned()],
        clock: Clock::system(),
    })
    .await?;
    let mut output = io::stdout();
    writeln!(output, "{} {}", aws.endpoint_url(), aws.s3_endpoint_url())?;
    output.flush()?;
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
    aws.stop().await;
    Ok(())
}
