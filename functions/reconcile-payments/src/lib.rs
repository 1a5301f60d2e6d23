//! `reconcile-payments`: read every provider's own account of its balance, and make donations and ledger agree with it.
//!
//! In: a schedule. Out: captures, refunds and disputes that nobody told us about, stored on their donations; journal
//! entries for fees and payouts; and on the work-list what no donation and nobody can explain. Each run reads some days
//! again, so that whatever was late or failed is taken up by the next. Where a provider gives its account by payouts, a
//! payout's transfer is booked after all that it is made of, and what it is made of is not looked at again.

mod configuration;

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;

use app::Fault;
use app::ports::{Calendar, Clock, Donations, Events, Journal, PaymentProvider, WorkList};
use app::reconcile_payments::{ReconcilePayments, Reconciled};
use contracts::telemetry::{Scope, TraceContext};
use domain::ids::{Provider, ProviderReference};
use domain::journal::{Movement, MovementCause};
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
    let scope = Scope::new(TraceContext::begin(&event.context.request_id));
    let work = pin!(run(reconcile_payments, look_back, event.context.deadline));
    kit::telemetry::invocation(scope, work).await
}

async fn run<D, E, J, P, W, L, C>(
    reconcile_payments: &ReconcilePayments<D, E, J, P, W, L, C>,
    look_back: Span,
    deadline: u64,
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
        let booked = reconcile_payments.booked_payouts(&page.movements).await?;
        let is_of = |payouts: &BTreeSet<ProviderReference>, movement: &Movement| {
            movement.settled_with.as_ref().is_some_and(|payout| payouts.contains(payout))
        };
        let (transfers, lines): (Vec<_>, Vec<_>) = page.movements.iter().partition(|one| is_transfer(one));
        let (known, lines): (Vec<_>, Vec<_>) = lines.into_iter().partition(|one| is_of(&booked, one));
        run.known += u64::try_from(known.len()).unwrap_or(u64::MAX);
        let open = look_at(reconcile_payments, provider, &lines, run).await;
        // A payout whose lines are not all dealt with is looked at as a whole by the next run.
        let transfers: Vec<_> = transfers.into_iter().filter(|one| !is_of(&open, one)).collect();
        look_at(reconcile_payments, provider, &transfers, run).await;
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
    run.unfinished += 1;
    Ok(())
}

/// Reconciles these movements, some at once. Gives the payouts of those that could not be dealt with.
async fn look_at<D, E, J, P, W, L, C>(
    reconcile_payments: &ReconcilePayments<D, E, J, P, W, L, C>,
    provider: Provider,
    movements: &[&Movement],
    run: &mut Run,
) -> BTreeSet<ProviderReference>
where
    D: Donations,
    E: Events,
    J: Journal,
    P: PaymentProvider,
    W: WorkList,
    L: Calendar,
    C: Clock,
{
    let mut open = BTreeSet::new();
    let ends = stream::iter(movements)
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
                open.extend(movement.settled_with.clone());
            }
        }
    }
    open
}

/// Whether the movement is a payout's transfer, or its return.
const fn is_transfer(movement: &Movement) -> bool {
    matches!(movement.cause, MovementCause::Payout { .. } | MovementCause::PayoutFailed { .. })
}

#[cfg(test)]
mod tests;
