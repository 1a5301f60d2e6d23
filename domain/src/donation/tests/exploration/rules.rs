//! What the exploration is told: how long keys are trusted, how long it goes on, and which laws must hold.

use stateright::Property;

use super::provider::First;
use super::settling::{is_at_rest, is_consistent, settles};
use super::world::World;
use crate::payment::{DeclineReason, KeyLife, MoneyTaken, Payment, ReviewReason};
use crate::takings::Takings;

/// The rules of one exploration. Broken ones prove that the laws would notice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// How long the provider's keys are trusted.
    pub(super) key_life: KeyLife,
    /// Whether an attempt is stored before the provider is called.
    pub(super) stores_attempts_first: bool,
    /// Hours after acceptance that matter, from 0. For an attempt that begins at 0: its key is fresh, old but
    /// in use (21), too old to be used (23), and old enough for absence to prove something (26).
    pub(super) moments: &'static [u16],
    /// What a first request may lead to.
    pub(super) firsts: &'static [First],
    /// How many may be at work at once: one or two.
    pub(super) workers_max: usize,
    /// Whether a person may decide.
    pub(super) has_people: bool,
}

impl Rules {
    /// The rules as they are shipped, over one attempt's whole life and the beginning of a second.
    pub(super) const fn shipped(workers_max: usize, firsts: &'static [First]) -> Self {
        let key_life = KeyLife::DAY;
        let moments = &[0, 21, 23, 26];
        Self { key_life, stores_attempts_first: true, moments, firsts, workers_max, has_people: false }
    }
}

type Law = fn(&Rules, &World) -> bool;

/// The law that matters most.
pub(super) const AT_MOST_ONCE: &str = "the provider takes the money at most once";

/// Possible only where absence can be proven.
pub(super) const SECOND: &str = "captured by the second attempt";
/// Possible only where two are at work.
pub(super) const TWO_AT_ONCE: &str = "two workers about to call at once";
/// Possible only where moments lie close together.
pub(super) const LATE: &str = "a request on its way while the provider is only asked";
/// Possible only where there is time for every attempt.
pub(super) const EXHAUSTED: &str = "every attempt made, and none known to the provider";

/// Possible only where the bank asks the donor.
pub(super) const CALLED_OFF: &str = "called off because the donor left";
/// Possible only where the bank asks the donor.
pub(super) const CALLED_OFF_TOO_LATE: &str = "about to be called off when the money is taken";
/// Possible only where a person decides.
pub(super) const DECIDED: &str = "taken although a person has decided, or because of it";

fn declined_as(world: &World, expected: DeclineReason) -> bool {
    matches!(world.stored.0.payment, Payment::Declined { reason, .. } if reason == expected)
}

/// What holds in every state.
pub(super) const LAWS: [(&str, Law); 5] = [
    (AT_MOST_ONCE, |_, world| world.provider.captures() <= 1),
    ("what is captured here was captured there", |_, world| {
        let captures = world.stored.0.payment.takings().into_iter().flat_map(Takings::captures);
        captures.into_iter().all(|capture| world.provider.has_captured(&capture.reference))
    }),
    ("no attempt changes its key", |_, world| world.provider.keys_are_of_attempts(&world.stored.0)),
    ("at rest nobody is told no whose money was taken", |_, world| {
        !is_at_rest(world) || is_consistent(world)
    }),
    ("when faults stop the donation settles", |rules, world| !world.is_quiet() || settles(rules, world)),
];

/// What has to be possible, so that the laws do not hold for want of anything happening.
pub(super) const POSSIBLE: [(&str, Law); 12] = [
    ("captured", |_, world| matches!(world.stored.0.payment, Payment::Captured { .. })),
    ("declined", |_, world| matches!(world.stored.0.payment, Payment::Declined { .. })),
    ("unknown", |_, world| matches!(world.stored.0.payment, Payment::Unknown { .. })),
    ("captured there and unknown here", |_, world| {
        world.provider.captures() == 1 && matches!(world.stored.0.payment, Payment::Unknown { .. })
    }),
    (SECOND, |_, world| match &world.stored.0.payment {
        Payment::Captured { attempt, .. } => attempt.number == 2,
        _ => false,
    }),
    ("a no that a notification will put right", |_, world| {
        world.stored.0.payment.money_taken() == MoneyTaken::No && world.provider.captures() == 1
    }),
    (EXHAUSTED, |_, world| {
        matches!(world.stored.0.payment, Payment::UnderReview { reason: ReviewReason::AttemptsExhausted, .. })
    }),
    (CALLED_OFF, |_, world| declined_as(world, DeclineReason::Abandoned)),
    (CALLED_OFF_TOO_LATE, |_, world| world.provider.captures() == 1 && world.is_calling_off()),
    (DECIDED, |_, world| !world.stored.0.resolutions.is_empty() && world.provider.captures() == 1),
    (TWO_AT_ONCE, |_, world| world.is_calling_twice()),
    (LATE, |rules, world| !world.in_flight.is_empty() && world.is_only_asked(rules)),
];

/// Both lists as the checker takes them.
pub(super) fn properties() -> Vec<Property<Rules>> {
    let laws = LAWS.into_iter().map(|(name, law)| Property::always(name, law));
    laws.chain(POSSIBLE.into_iter().map(|(name, law)| Property::sometimes(name, law))).collect()
}
