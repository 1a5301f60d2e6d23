//! `resume-donations`, the completer: whatever has not settled is taken up again.
//!
//! In: a schedule. Out: `donation.accepted.v1`, `payment.captured.v1`, `payment.reversed.v1` or `refund.requested.v1`
//! once more, for every donation whose stored state says that something is owed to it. No promise rests on the first
//! announcement.

mod configuration;

use std::pin::pin;
use std::time::Duration;

use app::ports::{Clock, Donations, Events};
use app::resume_donations::{ResumeDonations, Resumption};
use contracts::stored::OWED_SHARDS;
use contracts::telemetry::{Metric, Scope, TraceContext, measure, within};
use domain::ids::DonationId;
use domain::time::Timestamp;
use futures_util::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;
use serde_json::Value;
use tracing::error;

pub use configuration::Config;

/// Donations taken up at once.
pub const DONATIONS_AT_ONCE: usize = 16;
/// Time that one donation may need. None is begun with less than this left.
const DONATION_TIME: Duration = Duration::from_secs(5);

/// What one run did, for whoever invokes it by hand.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Donations whose owed steps were announced again.
    pub announced: u64,
    /// Donations that owed nothing any more, or were being worked on.
    pub nothing: u64,
    /// Donations or shards that could not be looked at; the next run does.
    pub faults: u64,
    /// Donations left for the next run because the time was up.
    pub left: u64,
}

/// Runs once over every shard.
///
/// # Errors
/// Nothing could be read at all, so the run counts as failed and raises its alarm.
pub async fn handle<D: Donations, E: Events, C: Clock>(
    resume_donations: &ResumeDonations<D, E, C>,
    event: LambdaEvent<Value>,
) -> Result<Run, Error> {
    let scope = Scope::new(TraceContext::begin(&event.context.request_id));
    let work = pin!(run(resume_donations, &event));
    kit::telemetry::invocation(scope, work).await
}

async fn run<D: Donations, E: Events, C: Clock>(
    resume_donations: &ResumeDonations<D, E, C>,
    event: &LambdaEvent<Value>,
) -> Result<Run, Error> {
    let deadline = event.context.deadline;
    let has_time =
        || kit::deadline::time_left(deadline, resume_donations.clock.now().as_millis()) >= DONATION_TIME;
    let mut run = Run::default();
    let mut due = Vec::new();
    for shard in 0..OWED_SHARDS {
        match resume_donations.due(shard).await {
            Ok(ids) => due.extend(ids),
            Err(fault) => {
                error!(shard, fault = fault.chain(), "a shard could not be looked through");
                run.faults += 1;
            }
        }
    }
    if run.faults == u64::from(OWED_SHARDS) {
        return Err("no shard of the index could be looked through".into());
    }
    // Each donation has a trace of its own: what it owes begins anew, and its id says what was before.
    let resume_traced = async |id: DonationId| {
        let trace = TraceContext::begin(&format!("{} {id}", event.context.request_id));
        let work = pin!(resume(resume_donations, &id));
        within(Scope::new(trace).about(Some(id.as_str())), work).await.0
    };
    let ends =
        stream::iter(due).map(async |id| if has_time() { Some(resume_traced(id).await) } else { None });
    let mut unsettled = Unsettled::default();
    let mut ends = std::pin::pin!(ends.buffer_unordered(DONATIONS_AT_ONCE));
    while let Some(end) = ends.next().await {
        match end {
            None => run.left += 1,
            Some(Some(Resumption::Announced { unsettled_since })) => {
                run.announced += 1;
                unsettled.add(unsettled_since);
            }
            Some(Some(Resumption::Nothing)) => run.nothing += 1,
            Some(None) => run.faults += 1,
        }
    }
    unsettled.measure(&run, resume_donations.clock.now());
    Ok(run)
}

/// Donations that owe something and wait for nobody.
#[derive(Debug, Default)]
struct Unsettled {
    count: u64,
    oldest: Option<Timestamp>,
}

impl Unsettled {
    fn add(&mut self, since: Option<Timestamp>) {
        self.count += u64::from(since.is_some());
        self.oldest = self.oldest.into_iter().chain(since).min();
    }

    /// What was left for want of time counts too: nobody has looked what it waits for.
    fn measure(&self, run: &Run, now: Timestamp) {
        let age = self.oldest.map_or(0, |oldest| now.since(oldest).as_millis() / 1_000);
        measure(Metric::UnsettledDonations, self.count.saturating_add(run.left));
        measure(Metric::OldestUnsettledSeconds, age);
    }
}

async fn resume<D: Donations, E: Events, C: Clock>(
    resume_donations: &ResumeDonations<D, E, C>,
    id: &DonationId,
) -> Option<Resumption> {
    match resume_donations.resume(id).await {
        Ok(resumption) => Some(resumption),
        Err(fault) => {
            error!(donation.id = %id, fault = fault.chain(), "a donation could not be taken up");
            None
        }
    }
}

#[cfg(test)]
mod tests;
