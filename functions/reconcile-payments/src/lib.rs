//! `reconcile-payments`: read every provider's own account of its balance, and make donations and ledger agree with it.
//!
//! In: a schedule. Out: captures, refunds and disputes that nobody told us about, stored on their donations; journal
//! entries for fees and payouts; and on the work-list what no donation and nobody can explain. Each run reads some days
//! again, so that whatever was late or failed is taken up by the next.

mod configuration;

use std::time::Duration;

use app::Fault;
use app::ports::{Calendar, Clock, Donations, Events, Journal, PaymentProvider, WorkList};
use app::reconcile_payments::{ReconcilePayments, Reconciled};
use domain::ids::Provider;
use domain::time::{Span, Timestamp};
use futures_util::{StreamExt, stream};
use lambda_runtime::{Error, LambdaEvent};
use serde::Serialize;
use serde_json::Value;
use tracing::error;

pub use configuration::Config;

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
    /// Providers whose list was not read to its end because the time was up.
    pub unfinished: u64,
}

/// Runs once over every provider.
///
/// # Errors
/// No provider could be asked at all, so the run counts as failed and raises its alarm.
pub async fn handle<D, E, J, P, W, L, C>(
    reconcile_payments: &ReconcilePayments<D, E, J, P, W, L, C>,
    look_back: Span,
    event: LambdaEvent<Value>,
) -> Result<Run, Error>
where
    D: Donations,
    E: Events,
    J: Journal,
    P: PaymentProvider,
    W: WorkList,
    L: Calendar,
    C: Clock,
{
    let now = reconcile_payments.clock.now();
    let deadline = event.context.deadline;
    let has_time =
        || kit::deadline::time_left(deadline, reconcile_payments.clock.now().as_millis()) >= PAGE_TIME;
    let mut run = Run::default();
    let providers: Vec<Provider> =
        reconcile_payments.connectors.iter().map(|(provider, _)| provider).collect();
    let mut unread = 0;
    for provider in &providers {
        let since = now.minus(look_back);
        if let Err(fault) = read(reconcile_payments, *provider, since, &has_time, &mut run).await {
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

/// Reads one provider's list to its end, or as far as time allows.
async fn read<D, E, J, P, W, L, C>(
    reconcile_payments: &ReconcilePayments<D, E, J, P, W, L, C>,
    provider: Provider,
    since: Timestamp,
    has_time: &impl Fn() -> bool,
    run: &mut Run,
) -> Result<(), Fault>
where
    D: Donations,
    E: Events,
    J: Journal,
    P: PaymentProvider,
    W: WorkList,
    L: Calendar,
    C: Clock,
{
    let mut after: Option<String> = None;
    for _ in 0..PAGES_MAX {
        if !has_time() {
            break;
        }
        let page = reconcile_payments.page(provider, since, after.as_deref()).await?;
        let ends = stream::iter(&page.movements)
            .map(async |movement| (movement, reconcile_payments.reconcile(provider, movement).await));
        let mut ends = std::pin::pin!(ends.buffer_unordered(MOVEMENTS_AT_ONCE));
        while let Some((movement, end)) = ends.next().await {
            match end {
                Ok(Reconciled::Known) => run.known += 1,
                Ok(Reconciled::Found) => run.found += 1,
                Err(fault) => {
                    let reference = movement.reference.as_str();
                    error!(%provider, reference, fault = fault.chain(), "a movement could not be reconciled");
                    run.faults += 1;
                }
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
    run.unfinished += 1;
    Ok(())
}

#[cfg(test)]
mod tests;
