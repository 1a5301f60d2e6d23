//! Whoever works on the donation: a message of the queue of payments, or a notification.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::super::samples::{hours, resolves};
use super::rules::Rules;
use super::world::World;
use crate::donation::{Command, Donation, PaymentStep, Resolution};
use crate::ids::{ProviderKey, ProviderReference};
use crate::payment::PaymentOutcome;

/// The donation as it is stored, or as somebody is about to store it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored(pub(super) Arc<Donation>);

/// Only what the exploration changes.
impl Hash for Stored {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.payment.hash(hasher);
    }
}

impl Stored {
    /// The donation after what this command brings; `None` when it brings nothing.
    fn after(&self, command: Command) -> Option<Self> {
        let events = self.0.decide(command).unwrap_or_default();
        (!events.is_empty()).then(|| Self(Arc::new((*self.0).clone().evolve_all(&events))))
    }
}

/// Somebody at work, and what comes next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Worker {
    /// Store what was decided, if nobody else has written since the donation was loaded.
    Saving { after: Stored, is_stale: bool, purpose: Purpose },
    /// Call the provider.
    Calling { key: ProviderKey },
    /// Ask the provider about one payment, or look through its list.
    Asking { reference: Option<ProviderReference> },
    /// Call a payment off.
    CallingOff { reference: ProviderReference },
    /// Load the donation and decide what this means for it.
    Learning { news: News },
}

/// Why somebody stores.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Purpose {
    /// To call the provider then.
    Attempt,
    /// To keep what was learnt.
    News(News),
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum News {
    Answer(PaymentOutcome),
    Absent,
    /// A notification: which payment, and which of those about it. Until it is dealt with it comes again.
    Notice(usize, usize),
    /// An answer to a call whose attempt was not stored: what the shipped code never has.
    Unannounced(PaymentOutcome),
    /// A person's decision.
    Decision(Resolution),
}

impl World {
    fn at(&self) -> crate::time::Timestamp {
        hours(self.hours.into())
    }

    /// Stores a donation; whatever others have decided is stale then.
    fn save(&mut self, after: Stored) {
        self.stored = after;
        for worker in self.workers.iter_mut().flatten() {
            if let Worker::Saving { is_stale, .. } = worker {
                *is_stale = true;
            }
        }
    }

    /// Loads the donation and sees what its state calls for. Nothing comes between the two that matters.
    pub(super) fn take_up(&self, rules: &Rules) -> Option<Worker> {
        let key = |number| ProviderKey::of_attempt(&self.stored.0.id, number);
        match self.stored.0.next_payment_step(self.at(), rules.key_life) {
            PaymentStep::Nothing => None,
            PaymentStep::Start { attempt } if !rules.stores_attempts_first => {
                Some(Worker::Calling { key: key(attempt) })
            }
            PaymentStep::Start { .. } => {
                let start = Command::StartAttempt { at: self.at(), key_life: rules.key_life };
                let after = self.stored.after(start).expect("it is what the state calls for");
                Some(Worker::Saving { after, is_stale: false, purpose: Purpose::Attempt })
            }
            PaymentStep::Repeat => {
                let attempt = self.stored.0.payment.attempt().expect("it is repeated");
                Some(Worker::Calling { key: attempt.key.clone() })
            }
            PaymentStep::Ask { reference } => Some(Worker::Asking { reference }),
            PaymentStep::CallOff { reference } => Some(Worker::CallingOff { reference }),
        }
    }

    /// The next step of a worker that needs nobody else. Gives what the worker is about to do then, if
    /// anything.
    pub(super) fn step(&mut self, rules: &Rules, worker: Worker) -> Option<Worker> {
        match worker {
            Worker::Saving { is_stale: true, purpose: Purpose::Attempt, .. } => self.take_up(rules),
            Worker::Saving { is_stale: true, purpose: Purpose::News(news), .. } => {
                Some(Worker::Learning { news })
            }
            Worker::Saving { after, is_stale: false, purpose } => {
                self.save(after);
                self.after_saving(rules, purpose)
            }
            Worker::Learning { news } => self.learn(rules, news),
            Worker::Calling { .. } | Worker::Asking { .. } | Worker::CallingOff { .. } => {
                unreachable!("the provider has a part in these")
            }
        }
    }

    fn after_saving(&mut self, rules: &Rules, purpose: Purpose) -> Option<Worker> {
        match purpose {
            Purpose::Attempt => {
                let attempt = self.stored.0.payment.attempt().expect("it has just begun");
                Some(Worker::Calling { key: attempt.key.clone() })
            }
            Purpose::News(News::Answer(_) | News::Decision(_)) => None,
            Purpose::News(News::Notice(payment, notice)) => {
                self.provider.deliver(payment, notice);
                None
            }
            // Absence was proven, so a further attempt may follow at once.
            Purpose::News(News::Absent) => self.take_up(rules),
            Purpose::News(News::Unannounced(outcome)) => {
                Some(Worker::Learning { news: News::Answer(outcome) })
            }
        }
    }

    fn learn(&mut self, rules: &Rules, news: News) -> Option<Worker> {
        let (at, key_life) = (self.at(), rules.key_life);
        let command = match news.clone() {
            News::Answer(outcome) => Command::RecordOutcome { outcome, at },
            News::Notice(payment, notice) => {
                Command::RecordOutcome { outcome: self.provider.notice(payment, notice), at }
            }
            News::Absent => Command::RecordAbsence { at, key_life },
            News::Unannounced(_) => Command::StartAttempt { at, key_life },
            News::Decision(resolution) => resolves(resolution, at),
        };
        match (self.stored.after(command), news) {
            (Some(after), news) => {
                Some(Worker::Saving { after, is_stale: false, purpose: Purpose::News(news) })
            }
            (None, News::Notice(payment, notice)) => {
                self.provider.deliver(payment, notice);
                None
            }
            (None, News::Unannounced(outcome)) => Some(Worker::Learning { news: News::Answer(outcome) }),
            (None, News::Answer(_) | News::Absent | News::Decision(_)) => None,
        }
    }
}
