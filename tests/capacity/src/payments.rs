//! Batches of payments: each call waits in place for its turn in the provider's budget, which is the
//! domain's own.

use std::ops::Range;

use app::metered::WAIT_MAX;
use domain::time::Timestamp;

use crate::consumer::count;
use crate::donations::Stage;
use crate::run::{Event, Run};
use crate::work::{PROVIDER_CALL_MS, SHOW, STORE_CALL_MS, TAKE_PAYMENT};

/// Calls to the store before the provider is called: the donation is read, screened, its attempt stored,
/// and a turn is taken out of the budget.
const STORE_CALLS_BEFORE: u64 = 5;

impl Run {
    pub(crate) fn pay(&mut self, step: &Range<u64>) {
        let mut spare = self.spare();
        while let Some(batch) = self.payments.begin(step, spare) {
            let at_once = usize::try_from(self.payments.queue.at_once).unwrap_or(usize::MAX).max(1);
            let mut ends_ms = batch.begins_ms;
            for ids in batch.ids.chunks(at_once) {
                let begins_ms = ends_ms;
                for id in ids {
                    ends_ms = ends_ms.max(self.take_payment(*id, begins_ms, count(ids.len())));
                }
            }
            self.payments.end(batch.begins_ms, ends_ms, count(batch.ids.len()));
            spare = self.spare();
        }
    }

    /// Takes the payment of a donation, beside others of its batch; gives when its message is done with.
    fn take_payment(&mut self, id: usize, begins_ms: u64, beside: u64) -> u64 {
        let before = STORE_CALLS_BEFORE * STORE_CALL_MS;
        let memory_mb = self.payments.queue.memory_mb;
        // A repetition reads the donation and finds its payment taken meanwhile. One that finds it under
        // way would make the call again with the same key; the sequence of the queue makes that rare, and
        // it is left out.
        if self.donations.get(id).stage != Stage::Queued {
            self.outcome.counts.in_vain += 1;
            return begins_ms + SHOW.waits() + SHOW.works(beside, memory_mb);
        }
        self.donations.put(id, Stage::Paying);
        self.door.table.spend(&TAKE_PAYMENT);
        let ready_ms = begins_ms + before;
        let (budget, lent) = self.budget.lend(Timestamp::from_millis(ready_ms), 1, &self.budget_limits);
        self.budget = budget;
        if let Ok(lease) = lent {
            let after = TAKE_PAYMENT.waits().saturating_sub(before) + TAKE_PAYMENT.works(beside, memory_mb);
            let ends_ms = lease.first_at.as_millis() + PROVIDER_CALL_MS + after;
            self.at(ends_ms, Event::Captured(id));
            return ends_ms;
        }
        let ends_ms = ready_ms + WAIT_MAX.as_millis();
        self.at(ends_ms, Event::WithoutTurn(id));
        ends_ms
    }
}
