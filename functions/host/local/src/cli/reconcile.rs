//! `reconcile`: has every provider's own account of its balance read now, instead of on the hour.

use serde_json::{Value, json};

use super::Verdict;
use super::client::Place;
use super::console::say;

pub(crate) async fn run(place: Place) -> anyhow::Result<Verdict> {
    let run: Value = place.client().await?.post("reconcile", &json!({})).await?;
    let count = |name: &str| run[name].as_u64().unwrap_or(0);
    say(format!(
        "{} movements known, {} found, {} could not be dealt with, {} providers not read to the end",
        count("known"),
        count("found"),
        count("faults"),
        count("unfinished")
    ))?;
    let is_whole = count("faults") == 0 && count("unfinished") == 0;
    Ok(if is_whole { Verdict::Good } else { Verdict::Bad })
}
