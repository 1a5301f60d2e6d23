//! What follows once nothing goes wrong any more.

use super::super::samples::{claim, hours, mail};
use super::provider::{First, Status};
use super::rules::Rules;
use super::worker::{News, Worker};
use super::world::{Call, CallingOff, World};
use crate::donation::{Command, Donation};
use crate::journal::JournalEntry;
use crate::payment::MoneyTaken;

/// Looks of the completer after which a payment must have ended, three hours apart.
const LOOKS_MAX: usize = 20;

/// Whether nobody is at work, nothing is under way, and everything that was said has been heard.
pub(super) fn is_at_rest(world: &World) -> bool {
    world.is_quiet() && world.provider.has_told_all()
}

/// Whether what we would tell the donor is what the provider has done.
pub(super) fn is_consistent(world: &World) -> bool {
    match world.stored.0.payment.money_taken() {
        MoneyTaken::No => world.provider.captures() == 0,
        MoneyTaken::Yes => world.provider.captures() == 1,
        MoneyTaken::NotKnownYet => true,
        MoneyTaken::Returned => false,
    }
}

/// Whether messages, answers and notifications that arrive once each are enough to settle the donation.
/// Notifications are held back until the payment has ended, so that the completer alone must be enough for
/// that.
pub(super) fn settles(rules: &Rules, world: &World) -> bool {
    let mut world = world.clone();
    for _ in 0..LOOKS_MAX {
        if !world.stored.0.payment.is_open() {
            break;
        }
        for index in 0..world.provider.payments.len() {
            if matches!(world.provider.payments[index].status, Status::ActionRequired | Status::Processing) {
                world.provider.resolve(index, Status::Captured);
            }
        }
        let worker = world.take_up(rules);
        run(rules, &mut world, worker);
        world.hours += 3;
    }
    let notices: Vec<_> = world.provider.notices().collect();
    for (payment, notice) in notices {
        run(rules, &mut world, Some(Worker::Learning { news: News::Notice(payment, notice) }));
    }
    !world.stored.0.payment.is_open() && is_consistent(&world) && brings_all((*world.stored.0).clone())
}

/// Lets one worker run to its end without a fault.
fn run(rules: &Rules, world: &mut World, worker: Option<Worker>) {
    let mut next = worker;
    while let Some(worker) = next {
        next = match worker {
            Worker::Calling { key } => {
                Some(world.call(rules, &key, Call::Answered(First::Status(Status::Captured))))
            }
            Worker::Asking { reference } => world.ask(reference.as_ref(), true),
            Worker::CallingOff { reference } => Some(world.call_off(&reference, CallingOff::Answered)),
            worker => world.step(rules, worker),
        };
    }
}

/// Whether entry and receipt follow, and nothing is owed then.
fn brings_all(mut donation: Donation) -> bool {
    for entry in JournalEntry::all_of(&donation) {
        let events = donation.decide(Command::RecordEntry { entry: entry.id().clone() });
        donation = donation.evolve_all(&events.expect("the entry is of what has happened"));
    }
    if donation.owed().receipt {
        let at = hours(200);
        for command in [
            Command::ClaimReceipt { claim: claim("claim-last"), at },
            Command::RecordReceiptSent { claim: claim("claim-last"), mail: mail("mail-last"), at },
        ] {
            let events = donation.decide(command).expect("nobody else has claimed the receipt");
            donation = donation.evolve_all(&events);
        }
    }
    donation.owed().is_nothing() && donation.next_check.is_none()
}
