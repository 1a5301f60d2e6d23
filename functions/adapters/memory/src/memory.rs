//! The world: what it holds, and how a call reaches it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::ports::Pause;
use contracts::events::{DonationEvent, WebhookReceived};
use contracts::stored::{
    BudgetItem, DonationItem, EntryItem, MarkerItem, NotificationItem, ReadingItem, TallyItem, WorkItem,
};
use domain::time::{Span, Timestamp};

use crate::calls::{Call, FaultChoice, Operation, Struck, Turn};
use crate::exports::Export;
use crate::mailer::SentMail;
use crate::notifications::Parked;
use crate::pauses::Pauses;
use crate::provider::Provider;
use crate::secrets::Secrets;

type Hook = Box<dyn FnMut(&Call) -> FaultChoice + Send>;
/// What a call does when nobody waits for its answer any more.
type LateEffect = Box<dyn FnOnce(&Memory) + Send>;

/// One world in memory that implements every port. Cheap to clone; clones are the same world.
#[derive(Clone)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    // Apart from the state, so that a hook may look at the world.
    hook: Arc<Mutex<Option<Hook>>>,
}

/// All that the world holds.
pub(crate) struct State {
    pub(crate) now: Timestamp,
    pub(crate) ids: u64,
    calls: u64,
    pub(crate) pauses: Pauses,
    /// Effects that are still on their way, by when they happen and in which order they were sent.
    late: BTreeMap<(Timestamp, u64), LateEffect>,
    pub(crate) budgets: BTreeMap<String, BudgetItem>,
    pub(crate) donations: BTreeMap<String, DonationItem>,
    pub(crate) donation_writes: u64,
    /// The index of what is owed: shard, next check, id.
    pub(crate) owed: BTreeSet<(u8, u64, String)>,
    pub(crate) entries: BTreeMap<(String, String), EntryItem>,
    pub(crate) markers: BTreeMap<String, MarkerItem>,
    pub(crate) notifications: BTreeMap<String, NotificationItem>,
    pub(crate) events: Vec<DonationEvent>,
    pub(crate) queued: Vec<WebhookReceived>,
    pub(crate) parked: Vec<Parked>,
    pub(crate) provider: Provider,
    /// The work-list, by id.
    pub(crate) work: BTreeMap<String, WorkItem>,
    pub(crate) mails: Vec<SentMail>,
    pub(crate) exports: BTreeMap<String, Export>,
    pub(crate) readings: BTreeMap<String, ReadingItem>,
    pub(crate) secrets: Secrets,
    pub(crate) tallies: BTreeMap<String, TallyItem>,
}

impl Memory {
    /// An empty world at this moment. Its secrets are missing until they are put there.
    pub fn new(now: Timestamp) -> Self {
        let state = State {
            now,
            ids: 0,
            calls: 0,
            pauses: Pauses::default(),
            late: BTreeMap::new(),
            budgets: BTreeMap::new(),
            donations: BTreeMap::new(),
            donation_writes: 0,
            owed: BTreeSet::new(),
            entries: BTreeMap::new(),
            markers: BTreeMap::new(),
            notifications: BTreeMap::new(),
            events: Vec::new(),
            queued: Vec::new(),
            parked: Vec::new(),
            provider: Provider::default(),
            work: BTreeMap::new(),
            mails: Vec::new(),
            exports: BTreeMap::new(),
            readings: BTreeMap::new(),
            secrets: Secrets::default(),
            tallies: BTreeMap::new(),
        };
        Self { state: Arc::new(Mutex::new(state)), hook: Arc::new(Mutex::new(None)) }
    }

    /// Lets the clock run on. What is still on its way has its effect at its moment.
    pub fn advance(&self, span: Span) {
        let until = self.state().now.plus(span);
        while let Some(effect) = self.next_late(until) {
            effect(self);
        }
        self.state().now = until;
    }

    fn next_late(&self, until: Timestamp) -> Option<LateEffect> {
        let mut state = self.state();
        let first = state.late.first_entry().filter(|entry| entry.key().0 <= until)?;
        let ((at, _), effect) = first.remove_entry();
        state.now = state.now.max(at);
        Some(effect)
    }

    /// Leaves the clock to whoever calls [`Memory::advance`]: pauses end only when it gets there.
    pub fn hold_clock(&self) {
        self.state().pauses.hold_clock();
    }

    /// When the next pause ends or the next late effect happens, where anything waits for the clock.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let state = self.state();
        let late = state.late.first_key_value().map(|((at, _), _)| *at);
        late.into_iter().chain(state.pauses.first_end()).min()
    }

    /// A count that grows whenever a call or a pause moves on; while it stands still, everybody waits.
    pub fn stirs(&self) -> u64 {
        self.state().pauses.stirs()
    }

    /// Asks `hook` about every call from now on, just before its effect. It may look at the world, and must not
    /// replace the hook.
    pub fn on_call(&self, hook: impl FnMut(&Call) -> FaultChoice + Send + 'static) {
        *self.hook.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(hook));
    }

    /// Lets every call go through again.
    pub fn no_more_faults(&self) {
        *self.hook.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The state. No effect panics half-way through its change, so a lock that was poisoned is as good as any.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call whose effect is on this world's state.
    pub(crate) async fn call<T>(
        &self,
        operation: Operation,
        subject: impl Into<String>,
        effect: impl FnOnce(&mut State) -> T + Send + 'static,
    ) -> Result<T, Struck> {
        self.visit(operation, subject, |world| effect(&mut world.state())).await
    }

    /// Makes a call: gives way, lets the fault strike or the effect happen, gives way again. For whatever else lives
    /// in the world and is to be struck by the same hook.
    ///
    /// # Errors
    /// What struck it.
    pub async fn visit<T>(
        &self,
        operation: Operation,
        subject: impl Into<String>,
        effect: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Struck> {
        self.state().pauses.stir();
        Turn::default().await;
        let outcome = match self.ask(operation, subject.into()) {
            FaultChoice::None => Ok(effect(self)),
            FaultChoice::Throttle => Err(Struck::Throttled),
            FaultChoice::UnknownNotApplied => Err(Struck::Lost),
            FaultChoice::UnknownApplied => {
                drop(effect(self));
                Err(Struck::Lost)
            }
            FaultChoice::UnknownAppliedLate(span) => {
                let mut state = self.state();
                let place = (state.now.plus(span), state.calls);
                state.late.insert(place, Box::new(|world| drop(effect(world))));
                Err(Struck::Lost)
            }
            FaultChoice::Slow(span) => {
                self.pause(span).await;
                Ok(effect(self))
            }
        };
        Turn::default().await;
        self.state().pauses.stir();
        outcome
    }

    fn ask(&self, operation: Operation, subject: String) -> FaultChoice {
        let number = {
            let mut state = self.state();
            state.calls += 1;
            state.pauses.stir();
            state.calls
        };
        let mut hook = self.hook.lock().unwrap_or_else(PoisonError::into_inner);
        hook.as_mut().map_or(FaultChoice::None, |hook| hook(&Call { number, operation, subject }))
    }
}

/// Shows how much there is and nothing of it: the items hold donors' data.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Memory")
            .field("now", &state.now)
            .field("calls", &state.calls)
            .field("donations", &state.donations.len())
            .field("entries", &state.entries.len())
            .finish_non_exhaustive()
    }
}
