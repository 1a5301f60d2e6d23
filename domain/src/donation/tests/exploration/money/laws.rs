//! What holds of the money at every moment, and what has to be possible.

use std::collections::BTreeSet;

use stateright::Property;

use super::bank::TAKEN;
use super::{Call, Rules, World};
use crate::donation::Donation;
use crate::donation::tests::books::{clearing, fault_of};
use crate::ids::ProviderKey;
use crate::payment::Capture;
use crate::takings::{Refund, RefundState, RefundStatus, Standing, Takings};

type Law = fn(&Rules, &World) -> bool;

/// The law that matters most.
pub(super) const CAPPED: &str = "no more goes back than was taken";

const LAWS: [(&str, Law); 5] = [
    (CAPPED, |_, world| (0..world.bank.payments()).all(|payment| world.bank.refunded(payment) <= TAKEN)),
    ("every key at the provider is one of a stored attempt", |_, world| {
        world.bank.refunds.iter().all(|there| {
            refunds(world).any(|refund| {
                let last = refund.attempt.as_ref().map_or(0, |attempt| attempt.number);
                (1..=last).any(|number| ProviderKey::of_refund(&refund.id, number) == there.key)
            })
        })
    }),
    ("the books say what is known", |_, world| fault_of(&world.stored.0).is_none()),
    ("when all is told the books are the provider's", |_, world| {
        !world.bank.has_told_all() || clearing(&world.stored.0) == world.bank.balance()
    }),
    ("when faults stop every refund ends, and what was taken twice has gone back", settles),
];

pub(super) const WHOLE: &str = "all of it refunded";
pub(super) const PART: &str = "a part of it refunded";
pub(super) const LATE_FAILURE: &str = "a refund that came back";
pub(super) const AGAIN: &str = "asked for again after it came back";
pub(super) const SECOND: &str = "refunded by the second attempt";
pub(super) const GIVEN_BACK: &str = "taken twice, and given back";
pub(super) const HELD: &str = "taken twice, and not given back because it is disputed";
pub(super) const WON: &str = "disputed, won, and all of it here";
pub(super) const LOST: &str = "disputed and lost";

const POSSIBLE: [(&str, Law); 9] = [
    (WHOLE, |_, world| standing(world) == Some(Standing::Refunded)),
    (PART, |_, world| standing(world) == Some(Standing::PartiallyRefunded)),
    (LATE_FAILURE, |_, world| refunds(world).any(came_back)),
    (AGAIN, |_, world| {
        refunds(world).any(came_back) && world.bank.refunds.len() > 1 && world.bank.refunded(0) == TAKEN
    }),
    (SECOND, |_, world| {
        refunds(world).any(|refund| {
            refund.has_succeeded() && refund.attempt.as_ref().is_some_and(|attempt| attempt.number == 2)
        })
    }),
    (GIVEN_BACK, |_, world| {
        standing(world) == Some(Standing::Captured)
            && world.bank.payments() == 2
            && world.bank.refunded(1) == TAKEN
    }),
    (HELD, |_, world| {
        let takings = world.stored.0.payment.takings();
        takings.is_some_and(|takings| takings.duplicates().len() == 1 && takings.refunds().is_empty())
    }),
    (WON, |_, world| standing(world) == Some(Standing::DisputeWon)),
    (LOST, |_, world| standing(world) == Some(Standing::DisputeLost)),
];

fn refunds(world: &World) -> impl Iterator<Item = &Refund> {
    world.stored.0.payment.takings().into_iter().flat_map(Takings::refunds)
}

const fn came_back(refund: &Refund) -> bool {
    matches!(refund.state, RefundState::Failed { reference: Some(_), .. })
}

fn standing(world: &World) -> Option<Standing> {
    world.stored.0.payment.takings().map(Takings::standing)
}

/// Whether telling everything once, and answering everything, is enough: nothing is owed then but entries and
/// receipt, the books are the provider's, and what was taken twice has gone back, is with the donor's bank,
/// or came back again.
fn settles(rules: &Rules, world: &World) -> bool {
    if world.caller.is_some() || world.in_flight.is_some() {
        return true;
    }
    let mut world = world.clone();
    tell_all(&mut world);
    for _ in 0..20 {
        if world.take_up(rules, 0).is_none() {
            break;
        }
        if world.call(rules, Call::Answered(RefundStatus::Succeeded)).is_none() {
            return false;
        }
        for index in 0..world.bank.refunds.len() {
            if world.bank.refunds[index].status == RefundStatus::Pending {
                world.bank.move_refund(index, RefundStatus::Succeeded);
            }
        }
        tell_all(&mut world);
        world.hours += 3;
    }
    let donation: &Donation = &world.stored.0;
    let Some(takings) = donation.payment.takings() else { return false };
    let is_back = |payment: &Capture| {
        takings.refundable(payment) == 0
            || takings.is_contested(&payment.reference)
            || takings.refunds().iter().any(|refund| refund.payment == payment.reference && came_back(refund))
    };
    donation.refunds_owed().next().is_none()
        && world.bank.has_told_all()
        && clearing(donation) == world.bank.balance()
        && takings.duplicates().iter().all(is_back)
}

/// Tells everything in an unlucky order, and what came too early once more.
fn tell_all(world: &mut World) {
    for _ in 0..2 {
        for (notice, _) in world.bank.notices.clone().into_iter().rev() {
            world.tell(notice);
        }
    }
}

/// What is found when no law is broken and just this is possible.
pub(super) fn possible(names: &[&'static str]) -> BTreeSet<&'static str> {
    names.iter().copied().collect()
}

/// Both lists as the checker takes them.
pub(super) fn properties() -> Vec<Property<Rules>> {
    let laws = LAWS.into_iter().map(|(name, law)| Property::always(name, law));
    laws.chain(POSSIBLE.into_iter().map(|(name, law)| Property::sometimes(name, law))).collect()
}
