//! Idempotency keys: what the provider keeps under each, and for how long.

use domain::payment::PaymentOutcome;
use domain::takings::RefundNews;
use domain::time::Timestamp;

use super::model::Model;
use crate::faults::Class;

/// Most keys that the provider forgets too early.
const FORGETS_MAX: u32 = 2;

/// What the provider keeps under a key.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) payload: String,
    pub(super) first_at: Timestamp,
    pub(super) answer: Answer,
}

/// The answer that a key gets again.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Payment(PaymentOutcome),
    Refund(RefundNews),
    /// The request was refused before anything was made.
    Refused(&'static str),
    /// A 500, whatever happened behind it.
    Broken,
}

impl Model {
    /// What was kept under this key, unless the provider has forgotten it.
    pub(super) fn kept(&mut self, key: &str, payload: &str, now: Timestamp) -> Option<Kept> {
        let kept = self.keys.get(key)?.clone();
        if now.since(kept.first_at) >= self.key_kept {
            self.reach("a key was used that the provider had forgotten");
            self.keys.remove(key);
            return None;
        }
        if kept.payload != payload {
            self.breaches.push(format!("the key {key} was used with two payloads"));
        }
        // A provider that breaks its promise over and over is none to do business with.
        let forgets = self.forgotten < FORGETS_MAX
            && self.faults().strikes(Class::KeyForgotten, || format!("key {key}"));
        if forgets {
            self.forgotten += 1;
            self.reach("the provider forgot a key too early");
            self.keys.remove(key);
            return None;
        }
        self.reach("a key was used again");
        Some(kept)
    }

    pub(super) fn keep(&mut self, key: &str, payload: String, now: Timestamp, answer: Answer) {
        self.keys.insert(key.to_owned(), Kept { payload, first_at: now, answer });
    }
}
