//! Sends a plan's donations when they are due, whether or not earlier ones have been answered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use contracts::http::DonationStatus;
use reqwest::StatusCode;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::history::Line;
use super::plan::{Planned, Schedule};
use crate::cli::client::{Client, is_worth_repeating};
use crate::cli::console::progress;

/// Most requests under way; more wait their turn, and their latency counts from when they were due.
const UNDER_WAY_MAX: usize = 512;
/// How long one sending may take before it counts as lost.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Pause before the same is sent again.
const PAUSE: Duration = Duration::from_millis(250);

/// What came of a surge.
pub(crate) struct Driven {
    /// Every request's outcome.
    pub(crate) lines: Vec<Line>,
    /// From the first request to the last answer.
    pub(crate) took: Duration,
}

impl Driven {
    /// The donations that were accepted, with the number of requests that said so.
    pub(crate) fn accepted(&self) -> BTreeMap<&str, usize> {
        let mut accepted = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.status == StatusCode::ACCEPTED) {
            if let Some(id) = &line.donation_id {
                *accepted.entry(id.as_str()).or_insert(0) += 1;
            }
        }
        accepted
    }

    /// Keys whose requests were told different donations.
    pub(crate) fn torn_keys(&self) -> Vec<&str> {
        let mut donation_of: BTreeMap<&str, &str> = BTreeMap::new();
        let mut torn = Vec::new();
        for line in &self.lines {
            let Some(id) = &line.donation_id else { continue };
            if *donation_of.entry(&line.key).or_insert(id) != id {
                torn.push(line.key.as_str());
            }
        }
        torn
    }

    /// Whether every request was accepted, and every key has one donation.
    pub(crate) fn is_sound(&self) -> bool {
        self.torn_keys().is_empty() && self.lines.iter().all(|line| line.status == StatusCode::ACCEPTED)
    }
}

/// Sends everything and waits for the answers.
pub(crate) async fn drive(
    client: &Client,
    plan: &impl Schedule,
    patience: Duration,
) -> anyhow::Result<Driven> {
    let start = Instant::now();
    let turns = Arc::new(Semaphore::new(UNDER_WAY_MAX));
    let bar = progress(u64::from(plan.donations()), "accepted");
    let mut sending = JoinSet::new();
    let mut lines = Vec::new();
    for number in 0..plan.donations() {
        let planned = plan.donation(number);
        let due = start + planned.due;
        sleep_until(due).await;
        if let Some(after) = planned.repeated_after {
            spawn(&mut sending, client, &planned, due + after, patience, &turns)?;
        }
        spawn(&mut sending, client, &planned, due, patience, &turns)?;
        while let Some(line) = sending.try_join_next() {
            lines.push(line.context("a request's task ended badly")??);
            bar.set_position(u64::try_from(lines.len())?.min(u64::from(plan.donations())));
        }
    }
    while let Some(line) = sending.join_next().await {
        lines.push(line.context("a request's task ended badly")??);
    }
    bar.finish_and_clear();
    Ok(Driven { lines, took: start.elapsed() })
}

fn spawn(
    sending: &mut JoinSet<anyhow::Result<Line>>,
    client: &Client,
    planned: &Planned,
    due: Instant,
    patience: Duration,
    turns: &Arc<Semaphore>,
) -> anyhow::Result<()> {
    let body = serde_json::to_vec(&planned.request).context("a request is JSON")?;
    let request = client
        .http
        .post(format!("{}/donations", client.api))
        .timeout(ANSWER_MAX)
        .header("idempotency-key", &planned.key)
        .header("content-type", "application/json")
        .body(body);
    let request = match planned.from {
        // The host takes a proxy's word on this machine; see `triggers::http`.
        Some(address) => request.header("x-forwarded-for", address.to_string()),
        None => request,
    };
    let (key, turns) = (planned.key.clone(), Arc::clone(turns));
    sending.spawn(async move {
        sleep_until(due).await;
        let _turn = turns.acquire().await.context("the turns are never closed")?;
        insist(key, &request, due, patience).await
    });
    Ok(())
}

/// Sends a request until it has an answer that the same request could not change, as a careful client does.
async fn insist(
    key: String,
    request: &reqwest::RequestBuilder,
    due: Instant,
    patience: Duration,
) -> anyhow::Result<Line> {
    let mut line = Line { key, status: 0, donation_id: None, latency_us: 0, sends: 0 };
    loop {
        line.sends += 1;
        let request = request.try_clone().context("the body can be sent again")?;
        if let Some((status, donation_id)) = send(request).await {
            line.status = status.as_u16();
            line.donation_id = donation_id;
            if !is_worth_repeating(status) {
                break;
            }
        }
        if due.elapsed() > patience {
            break;
        }
        sleep(PAUSE).await;
    }
    line.latency_us = u64::try_from(due.elapsed().as_micros())?;
    Ok(line)
}

/// The answer, or nothing where it was lost on the way.
async fn send(request: reqwest::RequestBuilder) -> Option<(StatusCode, Option<String>)> {
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::debug!(%error, "no answer");
            return None;
        }
    };
    let status = answer.status();
    let body = match answer.bytes().await {
        Ok(body) => body,
        Err(error) => {
            tracing::debug!(%error, "half an answer");
            return None;
        }
    };
    let donation = serde_json::from_slice::<DonationStatus>(&body).ok();
    Some((status, donation.map(|donation| donation.donation_id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, status: u16, id: &str) -> Line {
        Line { key: key.to_owned(), status, donation_id: Some(id.to_owned()), latency_us: 1, sends: 1 }
    }

    #[test]
    fn a_key_with_two_donations_is_not_sound() {
        let driven = Driven { lines: vec![line("k", 202, "a"), line("k", 202, "b")], took: Duration::ZERO };
        assert_eq!(driven.torn_keys(), ["k"]);
        assert!(!driven.is_sound());
    }

    #[test]
    fn a_repeat_that_names_the_same_donation_is_sound_and_counts_once() {
        let driven = Driven { lines: vec![line("k", 202, "a"), line("k", 202, "a")], took: Duration::ZERO };
        assert!(driven.is_sound());
        assert_eq!(driven.accepted().into_iter().collect::<Vec<_>>(), [("a", 2)]);
    }

    #[test]
    fn a_refused_request_is_not_sound() {
        let driven = Driven { lines: vec![line("k", 422, "a")], took: Duration::ZERO };
        assert!(!driven.is_sound());
        assert!(driven.accepted().is_empty());
    }
}
