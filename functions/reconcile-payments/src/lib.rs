//! `reconcile-payments`: read every provider's own account of its balance, and make donations and ledger agree with it.
//!
//! In: a schedule. Out: captures, refunds and disputes that nobody told us about, stored on their donations; journal
//! entries for fees and payouts; and on the work-list what no donation and nobody can explain.
//!
//! - How far each provider was read is kept after every page, so that a run that is killed or out of time is gone on
//!   with by the next, and an outage of any length is caught up with.
//! - Each reading goes back behind the one before by an overlap, so that whatever was late or failed is taken up again.
//!   What failed further back than that makes the next reading go back as far.
//! - Each hour another provider is the first, for one may take all the time of a run.
//! - Where a provider gives its account by payouts, a payout's transfer is booked after all that it is made of, and
//!   what it is made of is not looked at again.

mod configuration;
mod reader;

use std::pin::pin;
use std::time::Duration;

use app::ports::{Calendar, Clock, Donations, Events, Journal, PaymentProvider, Readings, WorkList};
use app::reconcile_payments::ReconcilePayments;
use contracts::telemetry::{Scope, TraceContext};
use domain::ids::Provider;
use domain::time::Span;
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;
use serde_json::Value;
use tracing::error;

pub use configuration::Config;
use reader::Reader;

/// Movements looked at at once.
pub const MOVEMENTS_AT_ONCE: usize = 8;
/// Time that one page and its movements may need. None is begun with less than this left.
const PAGE_TIME: Duration = Duration::from_secs(60);
/// Most pages of one provider in one run.
const PAGES_MAX: usize = 2_000;

/// What one run did, for whoever invokes it by hand.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Movements that were known and booked.
    pub known: u64,
    /// Movements of which something had to be stored, booked or reported.
    pub found: u64,
    /// Movements or pages that could not be dealt with; the next run does.
    pub faults: u64,
    /// Providers whose list was not read to its end: the time was up and the next run goes on, or another run reads it.
    pub unfinished: u64,
}

/// Runs once over every provider. Each reading goes back behind the one before by `overlap`.
///
/// # Errors
/// No provider could be asked at all, so the run counts as failed and raises its alarm.
pub async fn handle<D, E, J, P, W, R, L, C>(
    reconcile_payments: &ReconcilePayments<D, E, J, P, W, R, L, C>,
    overlap: Span,
    event: LambdaEvent<Value>,
) -> Result<Run, Error>
where
    D: Donations,
    E: Events,
    J: Journal,
    P: PaymentProvider,
    W: WorkList,
    R: Readings,
    L: Calendar,
    C: Clock,
{
    let scope = Scope::new(TraceContext::begin(&event.context.request_id));
    let work = pin!(run(reconcile_payments, overlap, event.context.deadline));
    kit::telemetry::invocation(scope, work).await
}

async fn run<D, E, J, P, W, R, L, C>(
    reconcile_payments: &ReconcilePayments<D, E, J, P, W, R, L, C>,
    overlap: Span,
    deadline: u64,
) -> Result<Run, Error>
where
    D: Donations,
    E: Events,
    J: Journal,
    P: PaymentProvider,
    W: WorkList,
    R: Readings,
    L: Calendar,
    C: Clock,
{
    let has_time =
        || kit::deadline::time_left(deadline, reconcile_payments.clock.now().as_millis()) >= PAGE_TIME;
    let mut run = Run::default();
    let mut providers: Vec<Provider> =
        reconcile_payments.connectors.iter().map(|(provider, _)| provider).collect();
    // Another one first each hour, so that no provider takes all the time of every run.
    let hour = usize::try_from(reconcile_payments.clock.now().as_seconds() / 3_600).unwrap_or_default();
    let first = hour.checked_rem(providers.len()).unwrap_or_default();
    providers.rotate_left(first);
    let mut unread = 0;
    for &provider in &providers {
        let reader = Reader { reconcile_payments, provider, overlap };
        if let Err(fault) = reader.read(&has_time, &mut run).await {
            error!(%provider, fault = fault.chain(), "a provider's balance could not be read");
            run.faults += 1;
            unread += 1;
        }
    }
    if unread > 0 && unread == providers.len() {
        return Err("no provider's balance could be read".into());
    }
    Ok(run)
}

#[cfg(test)]
mod tests;
