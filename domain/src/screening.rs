//! Card testing: what is known of a source, a card and everybody in the last minutes, and what follows from it.
//!
//! Thieves try lists of stolen card numbers with small gifts and keep those that the bank takes. What gives them away
//! is not how much comes from one place, since a call centre looks like that, and a whole country after a call to
//! action on air. It is how much of it the banks decline, and over how many cards. So no rule here looks at volume
//! alone.

mod marks;

use crate::time::{Span, Timestamp};

pub use marks::{CardMark, Cards, MARK_BYTES, Source};

/// Length of a window. What is known reaches back one to two of them, the older one fading.
pub const WINDOW: Span = Span::minutes(10);

/// A stretch of time in which sightings are counted together: the number of whole [`WINDOW`]s since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window(u64);

impl Window {
    /// The window that a moment lies in.
    pub const fn of(moment: Timestamp) -> Self {
        Self(moment.as_millis() / WINDOW.as_millis())
    }

    /// The window before.
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The window's number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// From when on nothing counted in this window matters: the end of the next one.
    pub const fn forgotten_at(self) -> Timestamp {
        Timestamp::from_millis(self.0.saturating_add(2).saturating_mul(WINDOW.as_millis()))
    }
}

/// How a payment ended, as far as screening is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The money was taken.
    Captured,
    /// The bank or the provider said no.
    Declined,
}

/// What was counted in one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Payments that were declined.
    pub declines: u64,
    /// Payments that were captured.
    pub captures: u64,
    /// With which cards. Counted for sources only.
    pub cards: Cards,
}

/// What was counted in this window and in the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// This window.
    pub current: Tally,
    /// The one before.
    pub previous: Tally,
}

/// What is known now: both windows together, the previous one by the part of it that lies within one [`WINDOW`] of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// Payments that were declined.
    pub declines: u64,
    /// Payments that were captured.
    pub captures: u64,
    /// Different cards.
    pub cards: u64,
}

impl Seen {
    /// What is known at this moment.
    pub fn at(&self, now: Timestamp) -> Known {
        let length = WINDOW.as_millis();
        let left = length - now.as_millis() % length;
        let faded = |count: u64| {
            let part = u128::from(count) * u128::from(left) / u128::from(length);
            u64::try_from(part).expect("a part is no more than the whole")
        };
        let Self { current, previous } = self;
        let older_cards = previous.cards.without(current.cards).count();
        Known {
            declines: current.declines.saturating_add(faded(previous.declines)),
            captures: current.captures.saturating_add(faded(previous.captures)),
            cards: current.cards.count().saturating_add(faded(older_cards)),
        }
    }
}

impl Known {
    /// Payments that ended one way or the other.
    pub const fn attempts(&self) -> u64 {
        self.declines.saturating_add(self.captures)
    }

    /// Whether so many in a hundred attempts, or more, were declined. Nothing is a share of nothing.
    pub fn declined_at_least(&self, percent: u64) -> bool {
        self.attempts() > 0
            && u128::from(self.declines) * 100 >= u128::from(percent) * u128::from(self.attempts())
    }
}

/// Everything that is seen before a payment is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sightings {
    /// Of the donation's source; empty where none is known.
    pub source: Seen,
    /// Of its card.
    pub card: Seen,
    /// Of everybody.
    pub everybody: Seen,
}

impl Sightings {
    /// What follows at this moment.
    pub fn verdict(&self, now: Timestamp, limits: &Limits) -> Verdict {
        verdict(&self.source.at(now), &self.card.at(now), &self.everybody.at(now), limits)
    }
}

/// Where the lines are drawn. Counts are of about one [`WINDOW`]; shares are in hundredths of the attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// So many declines of one card, and most of its attempts, are enough.
    pub card_declines: u64,
    /// Below so many declines nothing is said about a source.
    pub source_declines: u64,
    /// With so many different cards a source tries cards; a family does not own as many.
    pub source_cards: u64,
    /// From this share of declines on, such a source is stepped up.
    pub source_step_up_percent: u64,
    /// From this share of declines on, such a source is refused.
    pub source_refuse_percent: u64,
    /// Below so many attempts nothing is said about everybody.
    pub everybody_attempts: u64,
    /// From this share of everybody's declines on, sources that have proved nothing are stepped up.
    pub everybody_percent: u64,
    /// So many captures, and fewer declines than would step it up, prove a source.
    pub proven_captures: u64,
}

impl Limits {
    /// Drawn where honest donors do not come: banks decline three to eight in a hundred of their gifts, and a donor
    /// tries two or three cards. Card testers see nine in ten declined.
    pub const STANDARD: Self = Self {
        card_declines: 5,
        source_declines: 10,
        source_cards: 5,
        source_step_up_percent: 25,
        source_refuse_percent: 50,
        everybody_attempts: 100,
        everybody_percent: 30,
        proven_captures: 3,
    };
}

/// What is done with a payment that has not been begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is begun.
    Pass,
    /// It is begun, and the bank is asked to have the donor confirm it (3-D Secure).
    StepUp(Ground),
    /// It ends declined, and the provider is not called.
    Refuse(Ground),
}

/// What a verdict rests on. For operators; donors are never told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// The card was declined again and again.
    Card,
    /// The source tries cards.
    Source,
    /// Everybody's declines are abnormal, and the source has proved nothing.
    Everybody,
}

impl Ground {
    /// The ground's name in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Source => "source",
            Self::Everybody => "everybody",
        }
    }
}

/// Decides about a payment from what is known.
pub fn verdict(source: &Known, card: &Known, everybody: &Known, limits: &Limits) -> Verdict {
    if card.declines >= limits.card_declines && card.declined_at_least(limits.source_refuse_percent) {
        return Verdict::Refuse(Ground::Card);
    }
    if tries_cards(source, limits) {
        if source.declined_at_least(limits.source_refuse_percent) {
            return Verdict::Refuse(Ground::Source);
        }
        if source.declined_at_least(limits.source_step_up_percent) {
            return Verdict::StepUp(Ground::Source);
        }
    }
    let abnormal = everybody.attempts() >= limits.everybody_attempts
        && everybody.declined_at_least(limits.everybody_percent);
    if abnormal && !is_proven(source, limits) {
        return Verdict::StepUp(Ground::Everybody);
    }
    Verdict::Pass
}

/// Many declines, over many cards; or over few, each of which was declined more often than a card may be.
fn tries_cards(source: &Known, limits: &Limits) -> bool {
    source.declines >= limits.source_declines
        && (source.cards >= limits.source_cards
            || source.declines >= source.cards.saturating_mul(limits.card_declines))
}

fn is_proven(source: &Known, limits: &Limits) -> bool {
    source.captures >= limits.proven_captures && !source.declined_at_least(limits.source_step_up_percent)
}

#[cfg(test)]
mod tests;
