//! Faults in memory: each strikes where the hook asks for it, before the effect or after it, and nowhere
//! else.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use adapters_memory::{Call, FaultChoice, Memory, Operation};
use app::ports::{
    Budgets, CapabilityKeys, DonationEventKind, Donations, Events, Exports, Fault, Journal, MailFault,
    Mailer, NotificationQueue, Notifications, PaymentProvider, ProviderCredentials, Readings, Velocity,
    WorkList,
};
use contracts::stored::OWED_SHARDS;
use domain::ids::{Provider, ProviderKey, ProviderReference};
use domain::payment::PaymentOutcome;
use domain::screening::Ending;
use domain::takings::RefundOutcome;

use crate::fixtures::donations::{donation, id, settled};
use crate::fixtures::entries::{DAY, capture};
use crate::fixtures::secrets::{capability_keys, credentials};
use crate::fixtures::{NOON, gbp, mail, notification, notification_id, reference};
use crate::running::block_on;
use crate::suites::budgets::{budget_id, open_budget};
use crate::suites::provider::collection;
use crate::suites::readings::under_way;
use crate::suites::reversals::order;
use crate::suites::velocity::{card, note};
use crate::suites::work_list;

/// How a call ended, as its caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    Transient,
    Permanent,
    NotSent,
    MailUnknown,
    NotExecuted,
    PaymentUnknown,
}

const OPERATIONS: [Operation; 35] = [
    Operation::AcceptDonation,
    Operation::LoadDonation,
    Operation::SaveDonation,
    Operation::ReadOwed,
    Operation::PublishEvent,
    Operation::PostEntry,
    Operation::ReadEntries,
    Operation::KeepNotification,
    Operation::LoadNotification,
    Operation::EnqueueNotification,
    Operation::ParkMessage,
    Operation::CollectPayment,
    Operation::LookUpPayment,
    Operation::ListPayments,
    Operation::CallOffPayment,
    Operation::Refund,
    Operation::LookUpRefund,
    Operation::FindRefund,
    Operation::LookUpDispute,
    Operation::LookUpDonation,
    Operation::ReadMovements,
    Operation::ReadMarker,
    Operation::OpenWork,
    Operation::ReadWork,
    Operation::CloseWork,
    Operation::SendMail,
    Operation::KeepExport,
    Operation::ReadCapabilityKeys,
    Operation::ReadCredentials,
    Operation::ReadSightings,
    Operation::NoteEnding,
    Operation::LoadBudget,
    Operation::SaveBudget,
    Operation::LoadReading,
    Operation::SaveReading,
];

/// A world with secrets, donation 1, a payment that took money and one that waits for the donor, and one
/// thing to look at.
fn world() -> Memory {
    let memory = Memory::new(NOON);
    memory.set_capability_keys(capability_keys());
    memory.set_credentials(credentials());
    block_on(async {
        memory.accept(&donation(1)).await.unwrap();
        memory.collect(&collection(8, 1, "pm_card_visa")).await;
        memory.collect(&collection(9, 1, "pm_card_authenticationRequired")).await;
        memory.open(&work_list::item(1)).await.unwrap();
    });
    memory
}

/// The provider's id of the payment that was made as this one.
fn payment(number: u32) -> ProviderReference {
    ProviderReference::parse(&format!("pi_{number:012}")).unwrap()
}

/// Makes the call of this operation.
async fn perform(memory: &Memory, operation: Operation) -> Ended {
    match operation {
        Operation::AcceptDonation => ended(&memory.accept(&donation(2)).await),
        Operation::LoadDonation => ended(&Donations::load(memory, &id(1)).await),
        Operation::SaveDonation => ended(&Donations::save(memory, &settled(donation(1)), 1).await),
        Operation::ReadOwed => ended(&memory.owed(0, NOON, 10).await),
        Operation::PublishEvent => ended(&memory.publish(DonationEventKind::PaymentCaptured, &id(1)).await),
        Operation::PostEntry => ended(&memory.post(&capture(1)).await),
        Operation::ReadEntries => ended(&memory.entries_on(DAY).await),
        Operation::KeepNotification => ended(&Notifications::keep(memory, &notification(1)).await),
        Operation::LoadNotification => ended(&Notifications::load(memory, &notification_id(1)).await),
        Operation::EnqueueNotification => ended(&memory.enqueue(Provider::STRIPE, &notification_id(1)).await),
        Operation::ParkMessage => ended(&memory.park("{}", &BTreeMap::new(), "no such donation").await),
        Operation::CollectPayment => {
            of_payment(&memory.collect(&collection(1, 1, "pm_card_visa")).await.said.outcome)
        }
        Operation::LookUpPayment => of_payment(&memory.look_up(&reference(1)).await.said),
        Operation::ListPayments => ended(&memory.payments(NOON, None).await.said),
        Operation::CallOffPayment => {
            of_payment(&memory.call_off(&payment(2), &ProviderKey::of_cancel(&id(9), 1)).await.said)
        }
        Operation::Refund => of_refund(&memory.refund(&order(&payment(1), "1", gbp(100))).await.said),
        Operation::LookUpRefund => of_refund(&memory.look_up_refund(&reference(1)).await.said),
        Operation::FindRefund => {
            ended(&memory.find_refund(&payment(1), &order(&payment(1), "1", gbp(100)).refund).await.said)
        }
        Operation::LookUpDispute => ended(&memory.look_up_dispute(&reference(1)).await.said),
        Operation::LookUpDonation => ended(&memory.donation_of(&payment(1)).await.said),
        Operation::ReadMovements => ended(&memory.movements(NOON, None).await.said),
        Operation::ReadMarker => ended(&memory.knows(capture(1).entry.id()).await),
        Operation::OpenWork => ended(&memory.open(&work_list::item(2)).await),
        Operation::ReadWork => ended(&memory.open_items(10).await),
        Operation::CloseWork => {
            let (by, note) = (work_list::operator(), work_list::note());
            ended(&memory.close(&work_list::item(1).id, &by, &note, NOON).await)
        }
        Operation::SendMail => match memory.send(&mail(&id(1))).await {
            Ok(_) => Ended::Done,
            Err(MailFault::NotSent(Fault::Transient { .. })) => Ended::NotSent,
            Err(MailFault::Unknown(Fault::Transient { .. })) => Ended::MailUnknown,
            Err(MailFault::NotSent(_) | MailFault::Unknown(_)) => Ended::Permanent,
        },
        Operation::KeepExport => ended(&Exports::keep(memory, "a/b.csv", "text/csv", vec![1]).await),
        Operation::ReadCapabilityKeys => ended(&memory.keys().await),
        Operation::ReadCredentials => ended(&memory.credentials().await),
        Operation::ReadSightings => ended(&memory.read(None, &card(1), NOON).await),
        Operation::LoadBudget => ended(&Budgets::load(memory, &budget_id()).await),
        Operation::SaveBudget => ended(&Budgets::save(memory, &budget_id(), &open_budget(), 0).await),
        Operation::LoadReading => ended(&Readings::load(memory, Provider::STRIPE).await),
        Operation::SaveReading => ended(&Readings::save(memory, Provider::STRIPE, &under_way(), 0).await),
        Operation::NoteEnding => ended(&memory.note(&note(1, 1, Ending::Captured), NOON).await),
    }
}

fn ended<T>(answer: &Result<T, Fault>) -> Ended {
    match answer {
        Ok(_) => Ended::Done,
        Err(Fault::Transient { .. }) => Ended::Transient,
        Err(Fault::Permanent { .. }) => Ended::Permanent,
    }
}

fn of_payment(outcome: &PaymentOutcome) -> Ended {
    match outcome {
        PaymentOutcome::Captured { .. } | PaymentOutcome::Cancelled { .. } => Ended::Done,
        PaymentOutcome::NotExecuted { .. } => Ended::NotExecuted,
        PaymentOutcome::Unknown { .. } => Ended::PaymentUnknown,
        other => panic!("{other:?}"),
    }
}

fn of_refund(outcome: &RefundOutcome) -> Ended {
    match outcome {
        RefundOutcome::Known(_) | RefundOutcome::Rejected { .. } => Ended::Done,
        RefundOutcome::NotExecuted { .. } => Ended::NotExecuted,
        RefundOutcome::Unknown { .. } => Ended::PaymentUnknown,
    }
}

/// Everything in the world that a call can change, in one text; what is announced and queued is put back by
/// nobody, so each world is looked at once.
fn effects(memory: &Memory) -> String {
    let donations: Vec<_> = memory.donation_items().into_iter().map(|item| (item.id, item.version)).collect();
    let owed: Vec<_> = (0..OWED_SHARDS).map(|shard| block_on(memory.owed(shard, NOON, 9)).unwrap()).collect();
    let entries: Vec<_> = memory.entry_items().into_iter().map(|item| item.entry_id).collect();
    let kept = block_on(Notifications::load(memory, &notification_id(1))).unwrap().is_some();
    let (events, queued) = (memory.take_events().len(), memory.take_queued_notifications().len());
    let payments: Vec<_> = memory.provider_payments().into_iter().map(|payment| payment.outcome).collect();
    let (refunds, mails) = (memory.provider_refunds(), memory.mails().len());
    let work: Vec<_> = memory.work_items().into_iter().map(|item| (item.id, item.open)).collect();
    let (parked, exports) = (memory.parked().len(), memory.export("a/b.csv"));
    let (tallies, budgets, readings) = (memory.tally_items(), memory.budget_items(), memory.reading_items());
    format!(
        "{donations:?} {owed:?} {entries:?} {kept} {events} {queued} {payments:?} {refunds:?} {work:?} \
         {mails} {parked} {exports:?} {tallies:?} {budgets:?} {readings:?}"
    )
}

/// The world after this call was struck by this fault, and how the call ended.
fn struck(operation: Operation, choice: FaultChoice) -> (Ended, String) {
    let memory = world();
    strike(&memory, operation, choice);
    let ended = block_on(perform(&memory, operation));
    memory.no_more_faults();
    (ended, effects(&memory))
}

fn strike(memory: &Memory, operation: Operation, choice: FaultChoice) {
    memory.on_call(move |call| if call.operation == operation { choice } else { FaultChoice::None });
}

fn changes_something(operation: Operation) -> bool {
    struck(operation, FaultChoice::None).1 != effects(&world())
}

#[test]
fn every_writing_operation_has_an_effect_that_can_be_seen() {
    let writing: Vec<_> = OPERATIONS.into_iter().filter(|&operation| changes_something(operation)).collect();
    let expected = [
        Operation::AcceptDonation,
        Operation::SaveDonation,
        Operation::PublishEvent,
        Operation::PostEntry,
        Operation::KeepNotification,
        Operation::EnqueueNotification,
        Operation::ParkMessage,
        Operation::CollectPayment,
        Operation::CallOffPayment,
        Operation::Refund,
        Operation::OpenWork,
        Operation::CloseWork,
        Operation::SendMail,
        Operation::KeepExport,
        Operation::NoteEnding,
        Operation::SaveBudget,
        Operation::SaveReading,
    ];
    assert_eq!(writing, expected);
}

#[test]
fn a_call_that_is_turned_away_has_no_effect() {
    for operation in OPERATIONS {
        let (ended, effects_seen) = struck(operation, FaultChoice::Throttle);
        let expected = match operation {
            Operation::SendMail => Ended::NotSent,
            Operation::CollectPayment | Operation::Refund => Ended::NotExecuted,
            Operation::LookUpPayment | Operation::CallOffPayment | Operation::LookUpRefund => {
                Ended::PaymentUnknown
            }
            _ => Ended::Transient,
        };
        assert_eq!((ended, effects_seen), (expected, effects(&world())), "{operation:?}");
    }
}

#[test]
fn a_call_that_is_lost_on_the_way_has_no_effect_and_nobody_can_know() {
    for operation in OPERATIONS {
        let (ended, effects_seen) = struck(operation, FaultChoice::UnknownNotApplied);
        assert_eq!((ended, effects_seen), (lost(operation), effects(&world())), "{operation:?}");
    }
}

#[test]
fn a_call_whose_answer_is_lost_has_its_effect_and_nobody_can_know() {
    for operation in OPERATIONS {
        let (_, effects_of_success) = struck(operation, FaultChoice::None);
        let (ended, effects_seen) = struck(operation, FaultChoice::UnknownApplied);
        assert_eq!((ended, effects_seen), (lost(operation), effects_of_success), "{operation:?}");
    }
}

fn lost(operation: Operation) -> Ended {
    match operation {
        Operation::SendMail => Ended::MailUnknown,
        Operation::CollectPayment
        | Operation::LookUpPayment
        | Operation::CallOffPayment
        | Operation::Refund
        | Operation::LookUpRefund => Ended::PaymentUnknown,
        _ => Ended::Transient,
    }
}

/// Not events, messages and mails: those may come twice, and their readers bear it.
#[test]
fn a_repetition_after_a_fault_ends_where_one_call_would_have_ended() {
    let repeatable = [
        Operation::AcceptDonation,
        Operation::SaveDonation,
        Operation::PostEntry,
        Operation::KeepNotification,
        Operation::CollectPayment,
        Operation::CallOffPayment,
        Operation::Refund,
        Operation::OpenWork,
        Operation::CloseWork,
        Operation::KeepExport,
    ];
    for operation in repeatable {
        let (_, undisturbed) = struck(operation, FaultChoice::None);
        for choice in [FaultChoice::Throttle, FaultChoice::UnknownNotApplied, FaultChoice::UnknownApplied] {
            let memory = world();
            strike(&memory, operation, choice);
            assert_ne!(block_on(perform(&memory, operation)), Ended::Done);
            memory.no_more_faults();
            assert_eq!(block_on(perform(&memory, operation)), Ended::Done, "{operation:?} after {choice:?}");
            assert_eq!(effects(&memory), undisturbed, "{operation:?} after {choice:?}");
        }
    }
}

#[test]
fn the_hook_is_asked_before_the_effect_and_told_what_the_call_is_about() {
    let memory = world();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (world, calls) = (memory.clone(), Arc::clone(&seen));
    memory.on_call(move |call| {
        calls.lock().unwrap().push((call.clone(), world.donation_items().len()));
        FaultChoice::None
    });
    block_on(perform(&memory, Operation::AcceptDonation));
    block_on(perform(&memory, Operation::ReadEntries));
    let call = |number, operation, subject: &str| Call { number, operation, subject: subject.to_owned() };
    // Four calls were made when the world was set up.
    let expected =
        [(call(5, Operation::AcceptDonation, id(2).as_str()), 1), (call(6, Operation::ReadEntries, DAY), 2)];
    assert_eq!(*seen.lock().unwrap(), expected);
}

/// Whoever drops the future at its first or second turn is a process that dies before or after the effect.
#[test]
fn a_call_gives_way_once_before_and_once_after_its_effect() {
    for operation in OPERATIONS.into_iter().filter(|&operation| changes_something(operation)) {
        let [before, after] = [1, 2].map(|turns| {
            let memory = world();
            let mut call = Box::pin(perform(&memory, operation));
            for _ in 0..turns {
                assert!(!is_ready_at_once(call.as_mut()), "{operation:?}");
            }
            drop(call);
            effects(&memory)
        });
        assert_eq!(before, effects(&world()), "{operation:?}");
        assert_eq!(after, struck(operation, FaultChoice::None).1, "{operation:?}");
        let memory = world();
        let mut call = pin!(perform(&memory, operation));
        let turns = (0..9).take_while(|_| !is_ready_at_once(call.as_mut())).count();
        assert_eq!(turns, 2, "{operation:?}");
    }
}

fn is_ready_at_once(mut future: Pin<&mut impl Future>) -> bool {
    block_on(poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())))
}
