//! Reads one provider's list, page by page, and keeps how far it came.

use std::collections::BTreeSet;

use app::Fault;
use app::ports::{
    Calendar, Clock, Donations, Events, Journal, MovementPage, PaymentProvider, Readings, Saved, WorkList,
};
use app::reconcile_payments::{ReconcilePayments, Reconciled};
use domain::ids::{Provider, ProviderReference};
use domain::journal::{Movement, MovementCause};
use domain::reading::{Place, Reading};
use domain::time::Span;
use futures_util::{StreamExt, stream};
use tracing::{error, info, warn};

use crate::{MOVEMENTS_AT_ONCE, PAGES_MAX, Run};

/// The reader of one provider's list.
pub(crate) struct Reader<'a, D, E, J, P, W, R, L, C> {
    pub(crate) reconcile_payments: &'a ReconcilePayments<D, E, J, P, W, R, L, C>,
    pub(crate) provider: Provider,
    /// How far each reading goes back behind the one before.
    pub(crate) overlap: Span,
}

impl<D, E, J, P, W, R, L, C> Reader<'_, D, E, J, P, W, R, L, C>
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
    /// Reads the list to its end, or as far as time allows. Goes on where the run before left off; what has moved since
    /// that reading began is then read as well.
    ///
    /// A page is kept as read when all of it was looked at, so a run that is killed anywhere leaves nothing out.
    pub(crate) async fn read(&self, has_time: &impl Fn() -> bool, run: &mut Run) -> Result<(), Fault> {
        let clock = &self.reconcile_payments.clock;
        let (mut reading, mut version) = match self.reconcile_payments.readings.load(self.provider).await? {
            Some(stored) => stored,
            // Kept before anything is asked: if nothing can be asked for days, it is known since when.
            None => (Reading::first(clock.now()), 0),
        };
        if version == 0 && !self.keep(&reading, &mut version).await? {
            run.unfinished += 1;
            return Ok(());
        }
        let mut is_left_over = reading.under_way.is_some();
        let mut place = reading.under_way.take().unwrap_or_else(|| reading.begin(clock.now(), self.overlap));
        for nth in 0..PAGES_MAX {
            if !has_time() {
                break;
            }
            let page = self.page(&mut place, is_left_over && nth == 0).await?;
            place.has_faults |= self.look_at_page(&page.movements, run).await? > 0;
            place.after = page.next;
            let is_over = place.after.is_none();
            reading = if is_over { reading.ended(&place) } else { reading.at(place.clone()) };
            if !self.keep(&reading, &mut version).await? {
                break;
            }
            if is_over && !is_left_over {
                return Ok(());
            }
            if is_over {
                is_left_over = false;
                place = reading.begin(clock.now(), self.overlap);
            }
        }
        run.unfinished += 1;
        Ok(())
    }

    /// Keeps how far the reading came. False when another run reads the same list: that one goes on, from what it has
    /// looked at itself, and this one leaves off.
    async fn keep(&self, reading: &Reading, version: &mut u64) -> Result<bool, Fault> {
        match self.reconcile_payments.readings.save(self.provider, reading, *version).await? {
            Saved::Saved => {
                *version += 1;
                Ok(true)
            }
            Saved::Conflict => {
                info!(provider = %self.provider, "another run reads this provider's balance");
                Ok(false)
            }
        }
    }

    /// The page at this place.
    ///
    /// A place that an earlier run stored is asked for twice. If the provider gives nothing from there, and gives its
    /// first page, the place is no good any more and the reading begins anew; if it does not give that either, it is
    /// the provider, and the place is kept.
    async fn page(&self, place: &mut Place, is_stored_place: bool) -> Result<MovementPage, Fault> {
        let at = |after| self.reconcile_payments.page(self.provider, place.since, after);
        let after = place.after.as_deref();
        let mut asked = at(after).await;
        if is_stored_place && asked.is_err() {
            asked = at(after).await;
        }
        let fault = match asked {
            Err(fault) if is_stored_place => fault,
            asked => return asked,
        };
        let page = at(None).await?;
        warn!(provider = %self.provider, fault = fault.chain(), "the reading begins anew");
        place.after = None;
        Ok(page)
    }

    /// Looks at all movements of a page. Gives how many could not be dealt with.
    async fn look_at_page(&self, movements: &[Movement], run: &mut Run) -> Result<u64, Fault> {
        let faults_before = run.faults;
        let booked = self.reconcile_payments.booked_payouts(movements).await?;
        let is_of = |payouts: &BTreeSet<ProviderReference>, movement: &Movement| {
            movement.settled_with.as_ref().is_some_and(|payout| payouts.contains(payout))
        };
        let (transfers, lines): (Vec<_>, Vec<_>) = movements.iter().partition(|one| is_transfer(one));
        let (known, lines): (Vec<_>, Vec<_>) = lines.into_iter().partition(|one| is_of(&booked, one));
        run.known += u64::try_from(known.len()).unwrap_or(u64::MAX);
        let open = self.look_at(&lines, run).await;
        // A payout whose lines are not all dealt with is looked at as a whole by the next run.
        let transfers: Vec<_> = transfers.into_iter().filter(|one| !is_of(&open, one)).collect();
        self.look_at(&transfers, run).await;
        Ok(run.faults - faults_before)
    }

    /// Reconciles these movements, some at once. Gives the payouts of those that could not be dealt with.
    async fn look_at(&self, movements: &[&Movement], run: &mut Run) -> BTreeSet<ProviderReference> {
        let provider = self.provider;
        let mut open = BTreeSet::new();
        let ends = stream::iter(movements)
            .map(async |movement| (movement, self.reconcile_payments.reconcile(provider, movement).await));
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
}

/// Whether the movement is a payout's transfer, or its return.
const fn is_transfer(movement: &Movement) -> bool {
    matches!(movement.cause, MovementCause::Payout { .. } | MovementCause::PayoutFailed { .. })
}
