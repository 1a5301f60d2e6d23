//! Every way in which the money of one donation can go back: refunds that people ask for, refunds of what was
//! taken twice, their lost answers and late failures, and a dispute that is won or lost, told in any order.
//!
//! The decisions are the shipped `decide`, `evolve` and `next_refund_step`. Nobody else writes between
//! loading and storing without its being noticed, so the two are one step here; the call to the provider
//! between them is not.

mod bank;
mod laws;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use stateright::report::WriteReporter;
use stateright::{Checker, HasDiscoveries, Model, Property};

use super::super::samples::{START, accepted, after, hours};
use super::super::samples_money::asks;
use crate::donation::{Command, Donation, RefundStep, Refusal};
use crate::ids::{ProviderKey, RefundId};
use crate::payment::KeyLife;
use crate::takings::{RefundNews, RefundStatus};
use bank::{Bank, Notice};

/// What one exploration allows.
#[derive(Debug, Clone, Copy)]
struct Rules {
    /// How often the provider takes the money.
    payments: usize,
    /// What people ask to be refunded, by key: so many pence, or all that is left.
    wishes: &'static [(&'static str, Option<u64>)],
    /// Whether the donor's bank may dispute a payment.
    has_disputes: bool,
    /// Hours that matter.
    moments: &'static [u16],
    key_life: KeyLife,
    /// What asking for a refund may lead to at first.
    firsts: &'static [RefundStatus],
}

/// The donation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored(Arc<Donation>);

/// Only what the exploration changes.
impl Hash for Stored {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.payment.hash(hasher);
    }
}

/// Somebody who is about to call the provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Caller {
    Refunding { key: ProviderKey, wanted: RefundNews },
    Asking(RefundId),
}

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    hours: u16,
    stored: Stored,
    bank: Bank,
    caller: Option<Caller>,
    /// A request that was given up and may still arrive, with the hour in which it was sent.
    in_flight: Option<(Caller, u16)>,
    asked: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    /// The provider tells something, the first time or once more.
    Tell(Notice),
    /// A person asks for the next refund.
    Ask,
    /// Somebody takes up one of the refunds that are owed.
    TakeUp(usize),
    Call(Call),
    Crash,
    /// A request that was given up arrives after all.
    LateArrival(RefundStatus),
    Loss,
    MoveRefund(usize, RefundStatus),
    Dispute(usize, bool),
    Advance,
    Wait,
}

/// How a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Answered(RefundStatus),
    AnswerLost(RefundStatus),
    GivenUp,
    Found,
}

impl World {
    fn start(rules: &Rules) -> Self {
        let begun = after(accepted(), &[Command::StartAttempt { at: START, key_life: KeyLife::DAY }]);
        let bank = Bank::after_taking(rules.payments);
        Self { hours: 0, stored: Stored(Arc::new(begun)), bank, caller: None, in_flight: None, asked: 0 }
    }

    /// Decides and stores; says whether the donation took the command in.
    fn store(&mut self, command: Command) -> Result<(), Refusal> {
        let events = self.stored.0.decide(command)?;
        if !events.is_empty() {
            self.stored = Stored(Arc::new((*self.stored.0).clone().evolve_all(&events)));
        }
        Ok(())
    }

    fn tell(&mut self, notice: Notice) {
        let taken_in = self.store(self.bank.says(notice)).is_ok();
        let told = self.bank.notices.iter_mut().find(|(known, _)| *known == notice);
        if let (true, Some((_, is_heard))) = (taken_in, told) {
            *is_heard = true;
        }
    }

    /// Takes up one refund that is owed: stores its attempt where that is the next step, then calls.
    fn take_up(&mut self, rules: &Rules, place: usize) -> Option<()> {
        let at = hours(self.hours.into());
        let refund = self.stored.0.refunds_owed().nth(place)?.clone();
        let step = Donation::next_refund_step(&refund, at, rules.key_life);
        let (id, payment, amount) = (refund.id.clone(), refund.payment, refund.amount);
        let reference = payment.clone();
        let wanted =
            RefundNews { id: Some(id.clone()), reference, payment, amount, status: RefundStatus::Pending };
        self.caller = Some(match step {
            RefundStep::Start => {
                self.store(Command::StartRefund { refund: id.clone(), at }).ok()?;
                Caller::Refunding { key: ProviderKey::of_refund(&id, 1), wanted }
            }
            RefundStep::Repeat { attempt } => Caller::Refunding { key: attempt.key, wanted },
            RefundStep::Ask => Caller::Asking(id),
            RefundStep::Nothing => return None,
        });
        Some(())
    }

    fn call(&mut self, rules: &Rules, call: Call) -> Option<()> {
        let at = hours(self.hours.into());
        match (self.caller.take()?, call) {
            (Caller::Asking(id), _) => {
                let command = match self.bank.find(&id) {
                    Some(news) => Command::RecordRefund { news, at },
                    None => Command::RecordRefundAbsence { refund: id, at, key_life: rules.key_life },
                };
                self.store(command).ok()
            }
            (Caller::Refunding { key, wanted }, Call::Answered(first)) => {
                let news = self.bank.refund(&wanted, &key, self.hours, first);
                self.store(Command::RecordRefund { news, at }).ok()
            }
            (Caller::Refunding { key, wanted }, Call::AnswerLost(first)) => {
                self.bank.refund(&wanted, &key, self.hours, first);
                Some(())
            }
            (caller, Call::GivenUp | Call::Found) => {
                self.in_flight = Some((caller, self.hours));
                Some(())
            }
        }
    }

    fn next_hours(&self, rules: &Rules) -> Option<u16> {
        let next = rules.moments.iter().copied().find(|moment| *moment > self.hours)?;
        // A request that was sent has arrived two hours later or never does.
        let is_free =
            self.caller.is_none() && self.in_flight.as_ref().is_none_or(|(_, sent)| next <= sent + 2);
        is_free.then_some(next)
    }
}

impl Model for Rules {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::start(self)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        actions.extend(world.bank.notices.iter().map(|(notice, _)| Action::Tell(*notice)));
        if world.asked < self.wishes.len() && world.stored.0.payment.takings().is_some() {
            actions.push(Action::Ask);
        }
        match &world.caller {
            None => actions.extend((0..world.stored.0.refunds_owed().count()).map(Action::TakeUp)),
            Some(caller) => {
                actions.push(Action::Crash);
                match caller {
                    Caller::Asking(_) => actions.push(Action::Call(Call::Found)),
                    Caller::Refunding { .. } => {
                        let way = |first: &RefundStatus| [Call::Answered(*first), Call::AnswerLost(*first)];
                        let ways = self.firsts.iter().map(way);
                        actions.extend(ways.flatten().map(Action::Call));
                        if world.in_flight.is_none() {
                            actions.push(Action::Call(Call::GivenUp));
                        }
                    }
                }
            }
        }
        if world.in_flight.is_some() {
            actions.push(Action::Loss);
            actions.extend(self.firsts.iter().copied().map(Action::LateArrival));
        }
        for (index, refund) in world.bank.refunds.iter().enumerate() {
            let ways: &[RefundStatus] = match refund.status {
                RefundStatus::Pending => &[RefundStatus::Succeeded, RefundStatus::Failed],
                RefundStatus::Succeeded => &[RefundStatus::Failed],
                RefundStatus::Failed => &[],
            };
            actions.extend(ways.iter().map(|status| Action::MoveRefund(index, *status)));
        }
        match world.bank.dispute {
            None if self.has_disputes => {
                let ways = (0..self.payments).flat_map(|payment| [(payment, true), (payment, false)]);
                actions.extend(ways.map(|(payment, is_won)| Action::Dispute(payment, is_won)));
            }
            Some(dispute) if !dispute.is_over() => actions.push(Action::Advance),
            None | Some(_) => {}
        }
        actions.extend(world.next_hours(self).map(|_| Action::Wait));
    }

    fn next_state(&self, before: &World, action: Action) -> Option<World> {
        let mut world = before.clone();
        match action {
            Action::Tell(notice) => world.tell(notice),
            Action::Ask => {
                let (key, amount) = self.wishes[world.asked];
                world.asked += 1;
                world.store(asks(key, None, amount)).ok()?;
            }
            Action::TakeUp(place) => world.take_up(self, place)?,
            Action::Call(call) => world.call(self, call)?,
            Action::Crash => world.caller = None,
            Action::LateArrival(first) => {
                if let Some((Caller::Refunding { key, wanted }, _)) = world.in_flight.take() {
                    world.bank.refund(&wanted, &key, world.hours, first);
                }
            }
            Action::Loss => world.in_flight = None,
            Action::MoveRefund(index, status) => world.bank.move_refund(index, status),
            Action::Dispute(payment, is_won) => world.bank.open(payment, is_won),
            Action::Advance => world.bank.advance(),
            Action::Wait => world.hours = world.next_hours(self)?,
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        laws::properties()
    }
}

/// Explores everything that the rules allow: the number of states, and what was found.
fn explore(rules: Rules) -> (usize, std::collections::BTreeSet<&'static str>) {
    let checker = rules.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs();
    let checker = checker.report(&mut WriteReporter::new(&mut std::io::stderr()));
    (checker.unique_state_count(), checker.discoveries().into_keys().collect())
}

const SHIPPED: Rules = Rules {
    payments: 1,
    wishes: &[],
    has_disputes: false,
    moments: &[0],
    key_life: KeyLife::DAY,
    firsts: &[RefundStatus::Pending, RefundStatus::Succeeded],
};

#[test]
fn refunds_that_people_ask_for_never_exceed_the_capture_and_always_end() {
    let wishes = &[("part", Some(1_000)), ("most", Some(1_600)), ("all", Some(2_500))];
    let (states, found) = explore(Rules { wishes, firsts: &[RefundStatus::Succeeded], ..SHIPPED });
    assert_eq!(found, laws::possible(&[laws::WHOLE, laws::PART, laws::LATE_FAILURE, laws::AGAIN]));
    assert!(states > 1_000, "{states} states: the exploration has become too narrow to prove much");
}

#[test]
fn a_refund_over_three_days_is_made_once_however_many_answers_are_lost() {
    let (states, found) =
        explore(Rules { wishes: &[("all", None)], moments: &[0, 21, 23, 26, 49, 52], ..SHIPPED });
    assert_eq!(found, laws::possible(&[laws::WHOLE, laws::LATE_FAILURE, laws::SECOND]));
    assert!(states > 1_000, "{states} states: the exploration has become too narrow to prove much");
}

#[test]
fn what_was_taken_twice_goes_back_once_whatever_the_donors_bank_does() {
    let (states, found) = explore(Rules { payments: 2, has_disputes: true, ..SHIPPED });
    assert_eq!(
        found,
        laws::possible(&[laws::GIVEN_BACK, laws::LATE_FAILURE, laws::WON, laws::LOST, laws::HELD])
    );
    assert!(states > 1_000, "{states} states: the exploration has become too narrow to prove much");
}

#[test]
fn a_refund_and_a_dispute_of_one_capture_are_both_booked() {
    let wishes = &[("part", Some(1_000))];
    let (states, found) = explore(Rules { wishes, has_disputes: true, ..SHIPPED });
    assert_eq!(found, laws::possible(&[laws::PART, laws::LATE_FAILURE, laws::WON, laws::LOST]));
    assert!(states > 1_000, "{states} states: the exploration has become too narrow to prove much");
}

#[test]
fn a_key_of_a_refund_that_is_used_after_the_provider_forgot_it_pays_twice() {
    let key_life = KeyLife { reuse_until: crate::time::Span::hours(30), ..KeyLife::DAY };
    let rules = Rules { wishes: &[("all", None)], moments: &[0, 26], key_life, ..SHIPPED };
    let checker = rules.checker().threads(2).finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    assert!(checker.discoveries().contains_key(laws::CAPPED));
}
