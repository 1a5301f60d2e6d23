//! What the functions logged about a donation.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Deployed, found};
use crate::operator::failure::OperatorError;
use crate::operator::view::Happening;
use crate::signature::Service;

/// Most pages of one function's log that are read for one donation.
const PAGES_MAX: usize = 50;

/// A page of lines (docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lines {
    #[serde(default)]
    events: Vec<Line>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct Line {
    timestamp: u64,
    message: String,
}

/// The lines that name the donation, by function. Only those of the level that the functions log at are there: warnings
/// and worse unless `LOG_LEVEL` says otherwise.
pub(super) async fn lines(deployed: &Deployed, id: &str) -> Result<Vec<Happening>, OperatorError> {
    let unavailable = OperatorError::unavailable("the functions' logs");
    let aws = &deployed.records.aws;
    let (mut happenings, mut read) = (Vec::new(), BTreeSet::new());
    for function in deployed.topology.functions.keys() {
        let configuration = found::configuration(aws, &deployed.stack_name, function).await;
        let configuration = configuration.map_err(|error| unavailable(&error))?;
        let Some(group) = configuration.logging.group.filter(|group| read.insert(group.clone())) else {
            continue;
        };
        let mut next: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let mut asked = json!({ "logGroupName": group, "filterPattern": format!("\"{id}\"") });
            if let Some(next) = next {
                asked["nextToken"] = next.into();
            }
            let told = aws.call(Service::Logs, "FilterLogEvents", &asked).await;
            let told = told.map_err(|error| unavailable(&error))?;
            let lines: Lines = serde_json::from_value(told).map_err(|error| unavailable(&error))?;
            happenings.extend(lines.events.into_iter().map(|line| happening(function, &line)));
            next = lines.next_token;
            if next.is_none() {
                break;
            }
        }
    }
    Ok(happenings)
}

fn happening(function: &str, Line { timestamp, message }: &Line) -> Happening {
    let told: Option<Value> = serde_json::from_str(message).ok();
    let field = |name: &str| told.as_ref()?.get(name)?.as_str().map(str::to_owned);
    let level = field("level").unwrap_or_else(|| "line".to_owned());
    let detail = field("message").unwrap_or_else(|| message.trim().to_owned());
    Happening {
        at_ms: *timestamp,
        seen_by: function.to_owned(),
        what: format!("logged {}", level.to_lowercase()),
        detail,
    }
}
