//! Sources that were refused a moment ago, in this process.
//!
//! While thousands of tries come from one source, its counts say the same each time. Not reading them spares the store
//! when it has most to do, and a store that cannot be read then lets nobody in whom it kept out a moment before.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::screening::Source;
use domain::time::{Span, Timestamp};

/// How long a refusal is remembered: much shorter than the window that it rests on.
const REMEMBERED: Span = Span::seconds(60);
/// Most sources that are remembered; more are read again each time.
const SOURCES_MAX: usize = 1_000;

/// Sources, and when each was refused.
#[derive(Debug, Default)]
pub struct RefusedSources(Mutex<BTreeMap<Source, Timestamp>>);

impl RefusedSources {
    /// Remembers a source that the counts refused just now.
    pub(super) fn add(&self, source: Source, now: Timestamp) {
        let mut refused = self.lock();
        refused.retain(|_, at| is_fresh(*at, now));
        if refused.len() < SOURCES_MAX {
            refused.insert(source, now);
        }
    }

    /// Whether the counts refused this source a moment ago.
    pub(super) fn holds(&self, source: Source, now: Timestamp) -> bool {
        self.lock().get(&source).is_some_and(|at| is_fresh(*at, now))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Source, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    now.since(at) < REMEMBERED
}

#[cfg(test)]
mod tests {
    use domain::screening::MARK_BYTES;

    use super::*;

    #[test]
    fn no_more_sources_are_remembered_than_there_is_room_for_and_the_old_make_room() {
        let source = |number: usize| {
            let mut bytes = [0; MARK_BYTES];
            bytes[..8].copy_from_slice(&number.to_be_bytes());
            Source::of(bytes)
        };
        let (refused, start) = (RefusedSources::default(), Timestamp::from_millis(0));
        for number in 0..=SOURCES_MAX {
            refused.add(source(number), start);
        }
        assert!(refused.holds(source(0), start) && !refused.holds(source(SOURCES_MAX), start));
        let later = start.plus(REMEMBERED);
        assert!(!refused.holds(source(0), later));
        refused.add(source(SOURCES_MAX), later);
        assert!(refused.holds(source(SOURCES_MAX), later));
    }
}
