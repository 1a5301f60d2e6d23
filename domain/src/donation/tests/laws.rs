//! Laws that hold after any sequence of commands, sensible or not, at times that may run backwards.

use proptest::prelude::*;
use proptest::sample::select;

use super::samples::{accepted, claim, hours, mail, payment_commands, pence, reference};
use crate::donation::{Command, Donation, Event};
use crate::ids::{EntryId, ProviderKey};
use crate::journal::{EntryKind, JournalEntry, Side};
use crate::payment::{KeyLife, MoneyTaken, Payment, PaymentOutcome, ReviewReason};
use crate::time::Timestamp;

/// How far a payment has come. An open payment moves on by its attempt and then by what is known of it.
fn rank(payment: &Payment) -> (u8, u32, u8) {
    match payment {
        Payment::Accepted => (0, 0, 0),
        Payment::Collecting { attempt } => (0, attempt.number, 0),
        Payment::Unknown { attempt, .. } => (0, attempt.number, 1),
        Payment::ActionRequired { attempt, .. } => (0, attempt.number, 2),
        Payment::Processing { attempt, .. } => (0, attempt.number, 3),
        Payment::Declined { .. }
        | Payment::UnderReview {
            reason: ReviewReason::RequestRejected | ReviewReason::AttemptsExhausted,
            ..
        } => (1, 0, 0),
        Payment::UnderReview { reason: ReviewReason::AmountDiffers, .. } => (2, 0, 0),
        Payment::Captured { .. } => (3, 0, 0),
        Payment::Returned { .. } => (4, 0, 0),
    }
}

/// What a donor may have been told, from least to most.
const fn told(answer: MoneyTaken) -> u8 {
    match answer {
        MoneyTaken::NotKnownYet => 0,
        MoneyTaken::No => 1,
        MoneyTaken::Yes => 2,
        MoneyTaken::Returned => 3,
    }
}

fn moments() -> impl Strategy<Value = Timestamp> {
    (0_u64..100).prop_map(hours)
}

fn at_another_time(command: Command, at: Timestamp) -> Command {
    match command {
        Command::StartAttempt { key_life, .. } => Command::StartAttempt { at, key_life },
        Command::RecordOutcome { outcome, .. } => Command::RecordOutcome { outcome, at },
        Command::RecordAbsence { key_life, .. } => Command::RecordAbsence { at, key_life },
        Command::RecordReturn { reference, .. } => Command::RecordReturn { reference, at },
        other => other,
    }
}

fn commands() -> impl Strategy<Value = Command> {
    let payment: Vec<_> = payment_commands().into_iter().map(|(_, command)| command).collect();
    let claims = || select(&["claim-a1", "claim-b2"][..]).prop_map(claim);
    let mails = select(&["mail-1", "mail-2"][..]).prop_map(mail);
    let entries = (select(&EntryKind::ALL[..]), "je_[01]{24}");
    prop_oneof![
        8 => (select(payment), moments()).prop_map(|(command, at)| at_another_time(command, at)),
        2 => moments().prop_map(|at| Command::StartAttempt { at, key_life: KeyLife::DAY }),
        2 => moments().prop_map(|at| Command::RecordAbsence { at, key_life: KeyLife::DAY }),
        1 => entries
            .prop_map(|(kind, id)| Command::RecordEntry { kind, entry: EntryId::parse(&id).unwrap() }),
        1 => (claims(), moments()).prop_map(|(claim, at)| Command::ClaimReceipt { claim, at }),
        1 => (claims(), mails, moments())
            .prop_map(|(claim, mail, at)| Command::RecordReceiptSent { claim, mail, at }),
        1 => claims().prop_map(|claim| Command::ReleaseReceipt { claim }),
        1 => moments().prop_map(|until| Command::PostponeCheck { until }),
    ]
}

fn runs() -> impl Strategy<Value = Vec<Command>> {
    prop::collection::vec(commands(), 1..50)
}

/// Each step of a run: before, the events of one command, after. Refused commands change nothing and are left
/// out.
fn steps(commands: &[Command]) -> Vec<(Donation, Command, Vec<Event>, Donation)> {
    let mut donation = accepted();
    let mut steps = Vec::new();
    for command in commands {
        let Ok(events) = donation.decide(command.clone()) else { continue };
        let after = donation.clone().evolve_all(&events);
        steps.push((donation, command.clone(), events, after.clone()));
        donation = after;
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_moves_a_payment_back(commands in runs()) {
        for (before, command, _, after) in steps(&commands) {
            prop_assert!(rank(&before.payment) <= rank(&after.payment), "{:?} after {:?}", after.payment, command);
            let (was, is) = (before.payment.money_taken(), after.payment.money_taken());
            prop_assert!(told(was) <= told(is), "{was:?}, then {is:?} after {command:?}");
        }
    }

    #[test]
    fn an_attempt_keeps_its_key_and_its_age_and_attempts_are_counted_one_by_one(commands in runs()) {
        for (before, command, _, after) in steps(&commands) {
            let Some(attempt) = after.payment.attempt() else { continue };
            prop_assert_eq!(&attempt.key, &ProviderKey::of_attempt(&after.id, attempt.number));
            match before.payment.attempt() {
                Some(known) if known.number == attempt.number => prop_assert_eq!(known, attempt),
                known => {
                    prop_assert_eq!(known.map_or(0, |known| known.number) + 1, attempt.number);
                    let starts = matches!(command, Command::StartAttempt { .. } | Command::RecordAbsence { .. });
                    prop_assert!(starts, "{command:?} began an attempt");
                }
            }
        }
    }

    #[test]
    fn a_further_attempt_needs_proof_that_the_last_one_took_nothing(commands in runs()) {
        for (before, command, events, _) in steps(&commands) {
            let Some(known) = before.payment.attempt() else { continue };
            if events.iter().any(|event| matches!(event, Event::AttemptStarted { .. })) {
                let Command::RecordAbsence { at, key_life } = command else {
                    panic!("{command:?} began a further attempt")
                };
                prop_assert!(at.since(known.first_called_at) >= key_life.absence_proves_from);
                let is_open = matches!(before.payment, Payment::Collecting { .. } | Payment::Unknown { .. });
                prop_assert!(is_open, "{:?}", before.payment);
            }
        }
    }

    #[test]
    fn a_capture_is_never_replaced_and_is_always_of_the_whole_gift(commands in runs()) {
        for (before, _, _, after) in steps(&commands) {
            if let Some(capture) = before.payment.capture() {
                prop_assert_eq!(Some(capture), after.payment.capture());
            }
            if let Some(capture) = after.payment.capture() {
                prop_assert_eq!(capture.amount, after.gift.amount);
            }
        }
    }

    #[test]
    fn saying_the_same_twice_changes_nothing_the_second_time(commands in runs()) {
        for (_, command, _, after) in steps(&commands) {
            if !matches!(command, Command::PostponeCheck { .. }) {
                let again = after.decide(command.clone()).unwrap_or_default();
                prop_assert_eq!(again, vec![], "{:?}", command);
            }
        }
    }

    #[test]
    fn the_completer_looks_exactly_while_something_is_owed(commands in runs()) {
        for (_, command, _, after) in steps(&commands) {
            prop_assert_eq!(after.next_check.is_some(), !after.owed().is_nothing(), "after {:?}", command);
        }
    }

    #[test]
    fn a_receipt_is_handed_over_again_only_after_its_claim_was_given_back(commands in runs()) {
        let mut is_held = false;
        for event in steps(&commands).into_iter().flat_map(|(_, _, events, _)| events) {
            match event {
                Event::ReceiptClaimed { .. } => {
                    prop_assert!(!is_held, "claimed while a mail may be out");
                    is_held = true;
                }
                Event::ReceiptReleased => is_held = false,
                _ => {}
            }
        }
    }

    #[test]
    fn the_entries_of_every_donation_balance(commands in runs()) {
        for (_, _, _, after) in steps(&commands) {
            for kind in EntryKind::ALL {
                let entry = JournalEntry::of(&after, kind);
                let has_happened = match kind {
                    EntryKind::Capture => after.payment.capture().is_some(),
                    EntryKind::Return => matches!(after.payment, Payment::Returned { .. }),
                };
                prop_assert_eq!(entry.is_some(), has_happened);
                let Some(entry) = entry else { continue };
                let sum = |side| -> u64 {
                    let lines = entry.postings().iter().filter(|posting| posting.side == side);
                    lines.map(|posting| posting.amount.minor()).sum()
                };
                prop_assert_eq!(sum(Side::Debit), sum(Side::Credit));
                prop_assert_eq!(sum(Side::Debit), after.gift.amount.minor());
            }
        }
    }
}

#[test]
fn the_runs_above_reach_every_state() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..600 {
        let run = runs().new_tree(&mut runner).unwrap().current();
        for (_, _, _, after) in steps(&run) {
            seen.insert((after.payment.name(), after.payment.attempt().map(|attempt| attempt.number)));
            seen.insert((after.receipt.name(), None));
        }
    }
    for name in
        ["collecting", "unknown", "action_required", "processing", "declined", "under_review", "captured"]
    {
        assert!(seen.contains(&(name, Some(1))) && seen.contains(&(name, Some(2))), "{name}: {seen:?}");
    }
    for name in ["not_sent", "sending", "sent", "ambiguous"] {
        assert!(seen.contains(&(name, None)), "{name}");
    }
}

#[test]
fn a_capture_overrides_every_no_and_reopens_what_it_brings() {
    let start = Command::StartAttempt { at: hours(0), key_life: KeyLife::DAY };
    let declined = PaymentOutcome::Cancelled { reference: reference("pi_ours") };
    let captured = PaymentOutcome::Captured { reference: reference("pi_ours"), amount: pence(2_500) };
    let runs = steps(&[
        start,
        Command::RecordOutcome { outcome: declined, at: hours(1) },
        Command::RecordOutcome { outcome: captured, at: hours(80) },
    ]);
    let checks: Vec<_> = runs.iter().map(|(_, _, _, after)| after.next_check.is_some()).collect();
    assert_eq!(checks, [true, false, true], "settled by the no, and looked at again after the capture");
}
