//! The world: what it holds, and how a call reaches it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use contracts::events::{DonationEvent, WebhookReceived};
use contracts::stored::{
    BudgetItem, DonationItem, EntryItem, MarkerItem, NotificationItem, TallyItem, WorkItem,
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
    pub(crate) budgets: BTreeMap<String, BudgetItem>,
    pub(crate) donations: BTreeMap<String, DonationItem>,
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
            budgets: BTreeMap::new(),
            donations: BTreeMap::new(),
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
            secrets: Secrets::default(),
            tallies: BTreeMap::new(),
        };
        Self { state: Arc::new(Mutex::new(state)), hook: Arc::new(Mutex::new(None)) }
    }

    /// Lets the clock run on.
    pub fn advance(&self, span: Span) {
        let mut state = self.state();
        state.now = state.now.plus(span);
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

    /// Makes a call: gives way, lets the fault strike or the effect happen, gives way again.
    pub(crate) async fn call<T>(
        &self,
        operation: Operation,
        subject: impl Into<String>,
        effect: impl FnOnce(&mut State) -> T,
    ) -> Result<T, Struck> {
        Turn::default().await;
        let outcome = match self.ask(operation, subject.into()) {
            FaultChoice::None => Ok(effect(&mut self.state())),
            FaultChoice::Throttle => Err(Struck::Throttled),
            FaultChoice::UnknownNotApplied => Err(Struck::Lost),
            FaultChoice::UnknownApplied => {
                drop(effect(&mut self.state()));
                Err(Struck::Lost)
            }
        };
        Turn::default().await;
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
