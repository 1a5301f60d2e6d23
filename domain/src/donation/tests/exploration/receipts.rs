//! Every way in which those who send one receipt can meet. They may be slower than a claim lives, and may
//! die.

use stateright::{Checker, Model, Property};

use super::super::samples::{capture, captured, claim, mail, with};
use crate::donation::{Command, Donation, Event};
use crate::ids::ClaimId;
use crate::receipt::Receipt;
use crate::time::{Span, Timestamp};

/// Names for claims: more than can be held at once.
const CLAIMS: [&str; 4] = ["claim-a1", "claim-b2", "claim-c3", "claim-d4"];
/// Times that a claim's whole life may pass.
const LIVES_MAX: u8 = 3;

/// Everything at one moment. Nobody else writes between a sender's loading and saving here without its
/// deciding anew, which is what the version on every write is for; so the two are one step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    receipt: Receipt,
    senders: Vec<Sender>,
    mails: u8,
    lives: u8,
}

/// Somebody who holds, or held, a claim and has not finished.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sender {
    /// Hands the mail over next.
    Sending(ClaimId),
    /// Notes next that the mail service took it.
    Noting(ClaimId),
    /// Gives the claim back next, because the mail service certainly did not take it.
    Releasing(ClaimId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// A message arrives, the first or one more.
    Message,
    Hand(usize, Handing),
    /// A sender stores what came of it.
    Store(usize),
    Crash(usize),
    /// A claim's whole life passes.
    Wait,
}

/// How handing a mail over goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handing {
    Taken,
    TakenAnswerLost,
    LostOnTheWay,
    TurnedAway,
}

struct Receipts;

impl World {
    fn donation(&self) -> Donation {
        Donation { receipt: self.receipt.clone(), ..with(captured()) }
    }

    fn at(&self) -> Timestamp {
        capture().captured_at.plus(Span::minutes(u64::from(self.lives)))
    }

    /// Applies a command to the stored donation; a refusal changes nothing.
    fn apply(&mut self, command: Command) -> Vec<Event> {
        let donation = self.donation();
        let events = donation.decide(command).unwrap_or_default();
        self.receipt = donation.evolve_all(&events).receipt;
        events
    }

    /// A name that nobody uses: as good as one that nobody ever used, because what was forgotten acts no
    /// more.
    fn fresh_claim(&self) -> ClaimId {
        let is_used = |name: &str| format!("{:?} {:?}", self.receipt, self.senders).contains(name);
        claim(
            CLAIMS
                .into_iter()
                .find(|name| !is_used(name))
                .expect("fewer claims are held than there are names"),
        )
    }

    fn message(&mut self) {
        let fresh = self.fresh_claim();
        let events = self.apply(Command::ClaimReceipt { claim: fresh.clone(), at: self.at() });
        if matches!(events[..], [Event::ReceiptClaimed { .. }]) {
            self.senders.push(Sender::Sending(fresh));
        }
    }

    fn hand(&mut self, index: usize, handing: Handing) {
        let Sender::Sending(claim) = self.senders.remove(index) else { return };
        if matches!(handing, Handing::Taken | Handing::TakenAnswerLost) {
            self.mails += 1;
        }
        match handing {
            Handing::Taken => self.senders.push(Sender::Noting(claim)),
            Handing::TurnedAway => self.senders.push(Sender::Releasing(claim)),
            Handing::TakenAnswerLost | Handing::LostOnTheWay => {}
        }
    }

    fn store(&mut self, index: usize) {
        let command = match self.senders.remove(index) {
            Sender::Noting(claim) => {
                Command::RecordReceiptSent { claim, mail: mail("mail-1"), at: self.at() }
            }
            Sender::Releasing(claim) => Command::ReleaseReceipt { claim },
            Sender::Sending(_) => return,
        };
        self.apply(command);
    }
}

impl Model for Receipts {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World { receipt: Receipt::NotSent, senders: vec![], mails: 0, lives: 0 }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        if world.senders.len() < 2 {
            actions.push(Action::Message);
        }
        for (index, sender) in world.senders.iter().enumerate() {
            actions.push(Action::Crash(index));
            match sender {
                Sender::Sending(_) => actions.extend(
                    [Handing::Taken, Handing::TakenAnswerLost, Handing::LostOnTheWay, Handing::TurnedAway]
                        .map(|handing| Action::Hand(index, handing)),
                ),
                Sender::Noting(_) | Sender::Releasing(_) => actions.push(Action::Store(index)),
            }
        }
        if world.lives < LIVES_MAX {
            actions.push(Action::Wait);
        }
    }

    fn next_state(&self, before: &World, action: Action) -> Option<World> {
        let mut world = before.clone();
        match action {
            Action::Message => world.message(),
            Action::Hand(index, handing) => world.hand(index, handing),
            Action::Store(index) => world.store(index),
            Action::Crash(index) => drop(world.senders.remove(index)),
            Action::Wait => world.lives += 1,
        }
        world.senders.sort();
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no receipt is handed over twice", |_, world: &World| world.mails <= 1),
            Property::always("one sender at a time holds a claim", |_, world: &World| {
                world.senders.len() <= 1
            }),
            Property::always("what is noted as sent was taken", |_, world: &World| {
                world.mails == 1 || !matches!(world.receipt, Receipt::Sent { .. })
            }),
            Property::always("a receipt that is out is never called unsent", |_, world: &World| {
                world.mails == 0 || !matches!(world.receipt, Receipt::NotSent)
            }),
            Property::always("once faults stop it is sent, or known to be in doubt", |_, world: &World| {
                let mut world = world.clone();
                world.senders.clear();
                world.lives += 1;
                world.message();
                if !world.senders.is_empty() {
                    world.hand(0, Handing::Taken);
                    world.store(0);
                }
                let is_over = matches!(world.receipt, Receipt::Sent { .. } | Receipt::Ambiguous { .. });
                is_over && world.mails <= 1 && !world.donation().owed().receipt
            }),
            Property::sometimes("sent", |_, world: &World| matches!(world.receipt, Receipt::Sent { .. })),
            Property::sometimes("out, and in doubt", |_, world: &World| {
                world.mails == 1 && matches!(world.receipt, Receipt::Ambiguous { .. })
            }),
            Property::sometimes("sent after it was in doubt", |_, world: &World| {
                world.lives > 0 && matches!(world.receipt, Receipt::Sent { .. })
            }),
        ]
    }
}

#[test]
fn a_receipt_is_handed_over_at_most_once_and_is_never_silently_missing() {
    let checker = Receipts.checker().spawn_bfs().join();
    checker.assert_properties();
    assert!(checker.unique_state_count() > 50, "{} states", checker.unique_state_count());
}
