//! Pauses on the virtual clock: it moves on to the earliest end when everybody waits for one, unless somebody else
//! moves it.

use std::collections::BTreeSet;

use app::ports::Pause;
use domain::time::{Span, Timestamp};

use crate::calls::Turn;
use crate::memory::Memory;

/// How often a pause looks around in vain before it holds that nobody else is at work. A call takes two
/// turns, and every executor gives each task its turn between two of another.
const QUIET_TURNS: u32 = 8;

/// Who waits for what, and how much has happened.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    ends: BTreeSet<(Timestamp, u64)>,
    begun: u64,
    stirs: u64,
    /// Whether somebody else moves the clock.
    is_held: bool,
}

impl Pauses {
    /// Notes that somebody is at work.
    pub(crate) fn stir(&mut self) {
        self.stirs = self.stirs.wrapping_add(1);
    }

    pub(crate) const fn stirs(&self) -> u64 {
        self.stirs
    }

    pub(crate) const fn hold_clock(&mut self) {
        self.is_held = true;
    }

    pub(crate) fn first_end(&self) -> Option<Timestamp> {
        self.ends.first().map(|(end, _)| *end)
    }
}

/// A pause under way. One that is given up holds nobody up.
struct Waiting<'a> {
    world: &'a Memory,
    end: (Timestamp, u64),
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.world.state();
        state.pauses.ends.remove(&self.end);
        state.pauses.stir();
    }
}

impl Waiting<'_> {
    /// Whether the pause has ended. After so many quiet turns the earliest one ends by moving the clock.
    fn is_over(&self, stirs: &mut u64, quiet: &mut u32) -> bool {
        let mut state = self.world.state();
        if state.now >= self.end.0 || state.pauses.is_held {
            return state.now >= self.end.0;
        }
        *quiet = if *stirs == state.pauses.stirs { quiet.saturating_add(1) } else { 0 };
        *stirs = state.pauses.stirs;
        let is_first = state.pauses.ends.first() == Some(&self.end);
        if is_first && *quiet >= QUIET_TURNS {
            state.now = self.end.0;
        }
        state.now >= self.end.0
    }
}

impl Pause for Memory {
    async fn pause(&self, span: Span) {
        let waiting = {
            let mut state = self.state();
            state.pauses.begun += 1;
            let end = (state.now.plus(span), state.pauses.begun);
            state.pauses.ends.insert(end);
            state.pauses.stir();
            Waiting { world: self, end }
        };
        let (mut stirs, mut quiet) = (0, 0);
        while !waiting.is_over(&mut stirs, &mut quiet) {
            Turn::default().await;
        }
    }
}
