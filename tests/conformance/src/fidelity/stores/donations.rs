//! Donations, and the index of what is owed.

use adapters_memory::Memory;
use app::ports::{Acceptance, Donations, Saved};
use contracts::stored::DonationItem;
use domain::donation::Donation;
use domain::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Answer, or_fault};
use crate::fixtures::donations::{
    checked_at, donation_of, donations_in, every_state, settled, with_gift_aid,
};
use crate::fixtures::{after_noon, gbp};
use crate::suites::donations::DonationsWorld;

/// The shards that donations lie in, and one that there is not.
const SHARDS: [u8; 3] = [2, 5, 99];

/// A version to save over.
#[derive(Debug, Clone, Copy)]
pub(super) enum Version {
    /// The one that is stored.
    Right,
    /// So many before it.
    Behind(u64),
    /// So many after it.
    Ahead(u64),
}

impl Version {
    /// The version, where this one is stored; 0 where none is.
    pub(super) const fn of(self, stored: u64) -> u64 {
        match self {
            Self::Right => stored,
            Self::Behind(by) => stored.saturating_sub(by),
            Self::Ahead(by) => stored.saturating_add(by),
        }
    }

    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            6 => Just(Self::Right),
            2 => (1..=2_u64).prop_map(Self::Behind),
            1 => prop_oneof![Just(1), Just(u64::MAX)].prop_map(Self::Ahead),
        ]
    }
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Accept { donation: usize, check: u64, gift_aid: bool },
    Load { donation: usize },
    Save { donation: usize, state: usize, check: u64, version: Version, twice: bool },
    Owed { shard: usize, seconds: u64, limit: u16 },
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let donation = 0..5_usize;
    // Few moments, so that several donations are due at one.
    let check = || 0..4_u64;
    let owed = (0..SHARDS.len(), 0..5_u64, prop_oneof![0..5_u16, Just(100)]);
    prop_oneof![
        3 => (donation.clone(), check(), any::<bool>())
            .prop_map(|(donation, check, gift_aid)| Step::Accept { donation, check, gift_aid }),
        1 => donation.clone().prop_map(|donation| Step::Load { donation }),
        5 => (donation, prop_oneof![0..4_usize, 0..60_usize], check(), Version::any(), any::<bool>()).prop_map(
            |(donation, state, check, version, twice)| Step::Save { donation, state, check, version, twice }
        ),
        4 => owed.prop_map(|(shard, seconds, limit)| Step::Owed { shard, seconds, limit }),
    ]
}

/// Three donations of one shard and two of another.
fn donation(number: usize) -> Donation {
    let (shard, place) = if number < 3 { (SHARDS[0], number) } else { (SHARDS[1], number - 3) };
    donations_in(shard, place + 1).remove(place)
}

/// The donation in one of its states; where it owes something, it is looked at again at that moment.
fn in_state(number: usize, state: usize, check: u64) -> Donation {
    let accepted = donation(number);
    if state == 0 {
        return settled(accepted);
    }
    let states = every_state(&accepted);
    let chosen = states[state % states.len()].clone();
    match chosen.next_check {
        Some(_) => checked_at(chosen, due(check)),
        None => chosen,
    }
}

/// The first moment has fewer digits than the others.
fn due(check: u64) -> Timestamp {
    if check == 0 { Timestamp::from_millis(999_999_999) } else { after_noon(60 * check) }
}

impl Step {
    pub(super) async fn take(&self, world: &impl DonationsWorld, known: &Memory) -> Answer {
        let donations = world.donations();
        match *self {
            Self::Accept { donation: number, check, gift_aid } => {
                let bare = checked_at(donation(number), due(check));
                let asked =
                    if gift_aid { with_gift_aid(bare) } else { donation_of(bare.id, gbp(100 + check)) };
                or_fault(donations.accept(&asked).await, |acceptance| match acceptance {
                    Acceptance::New => Answer::new("accepted: new", Value::Null),
                    Acceptance::Known(found) => {
                        Answer::new("accepted: known", item(&found.donation, found.version))
                    }
                })
            }
            Self::Load { donation: number } => {
                or_fault(donations.load(&donation(number).id).await, |found| match found {
                    Some(found) => Answer::new("donation: found", item(&found.donation, found.version)),
                    None => Answer::new("donation: missing", Value::Null),
                })
            }
            Self::Save { donation: number, state, check, version, twice } => {
                let wanted = in_state(number, state, check);
                let stored = known.donation_item(&wanted.id).map_or(0, |found| found.version);
                let loaded = version.of(stored);
                let mut saved = donations.save(&wanted, loaded).await;
                if twice && saved.is_ok() {
                    saved = donations.save(&wanted, loaded).await;
                }
                or_fault(saved, |saved| match saved {
                    Saved::Saved if twice || loaded < stored => {
                        Answer::new("saved: made already", Value::Null)
                    }
                    Saved::Saved => Answer::new("saved", Value::Null),
                    Saved::Conflict => Answer::new("saved: conflict", Value::Null),
                })
            }
            Self::Owed { shard, seconds, limit } => {
                let due_by = after_noon(60 * seconds);
                or_fault(donations.owed(SHARDS[shard], due_by, limit).await, |ids| {
                    let named = ids.iter().map(|id| {
                        let check = known.donation_item(id).and_then(|found| found.next_check_at);
                        (check, json!(id.as_str()))
                    });
                    of_moments(["owed: none", "owed: some", "owed: as many as asked for"], named, limit)
                })
            }
        }
    }
}

fn item(donation: &Donation, version: u64) -> Value {
    json!(DonationItem::of(donation, version))
}

/// An answer that comes earliest first, by the moment of each. What has one moment comes in any sequence, and where
/// no more were asked for, any of those at the last moment may be missing.
pub(super) fn of_moments<M: serde::Serialize + Copy + PartialEq>(
    [none, some, full]: [&'static str; 3],
    named: impl Iterator<Item = (M, Value)>,
    limit: u16,
) -> Answer {
    let named: Vec<_> = named.collect();
    let moments: Vec<_> = named.iter().map(|(moment, _)| *moment).collect();
    let is_full = named.len() >= usize::from(limit);
    let last = moments.last().copied().filter(|_| is_full);
    let mut certain: Vec<_> = named.into_iter().filter(|(moment, _)| Some(*moment) != last).collect();
    certain.sort_by_key(|(_, name)| name.to_string());
    let certain: Vec<_> = certain.into_iter().map(|(_, name)| name).collect();
    let kind = match moments.len() {
        0 => none,
        _ if is_full => full,
        _ => some,
    };
    Answer::new(kind, json!({ "moments": moments, "certainly": certain }))
}
