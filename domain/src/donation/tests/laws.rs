//! Laws that hold after any sequence of commands, sensible or not, at times that may run backwards.

use proptest::prelude::*;
use proptest::sample::select;

use super::books::{entries, fault_of, rewritten};
use super::samples::{START, accepted, captures, claim, hours, mail, payment_commands, reference, told_at};
use super::samples_money::{asks, dispute_commands, of_other, refund_commands, starts};
use crate::donation::{Command, Donation, Event, Resolution};
use crate::ids::{EntryId, ProviderKey};
use crate::payment::{Capture, KeyLife, MoneyTaken, Payment, PaymentOutcome, ReviewReason};
use crate::takings::{Dispute, DisputeStatus, Refund, RefundState, Standing, Takings};
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
    }
}

/// What a donor may have been told, from least to most. What went back may come back, when a refund fails
/// late.
const fn told(answer: MoneyTaken) -> u8 {
    match answer {
        MoneyTaken::NotKnownYet => 0,
        MoneyTaken::No => 1,
        MoneyTaken::Yes | MoneyTaken::Returned => 2,
    }
}

const fn is_another_try(command: &Command) -> bool {
    matches!(command, Command::Resolve { resolved } if matches!(resolved.resolution, Resolution::TryAgain))
}

fn moments() -> impl Strategy<Value = Timestamp> {
    (0_u64..100).prop_map(hours)
}

fn commands() -> impl Strategy<Value = Command> {
    let given = |commands: Vec<(&str, Command)>| {
        select(commands.into_iter().map(|(_, command)| command).collect::<Vec<_>>())
    };
    let begun = vec![("", starts(of_other())), ("", asks("new", Some("pi_other"), Some(700)))];
    let money = [refund_commands(), dispute_commands(), begun].concat();
    let claims = || select(&["claim-a1", "claim-b2"][..]).prop_map(claim);
    let mails = select(&["mail-1", "mail-2"][..]).prop_map(mail);
    prop_oneof![
        8 => (given(payment_commands()), moments()).prop_map(|(command, at)| told_at(command, at)),
        8 => (given(money), moments()).prop_map(|(command, at)| told_at(command, at)),
        2 => moments().prop_map(|at| Command::StartAttempt { at, key_life: KeyLife::DAY }),
        2 => moments().prop_map(|at| Command::RecordAbsence { at, key_life: KeyLife::DAY }),
        1 => "je_[01]{24}".prop_map(|id| Command::RecordEntry { entry: EntryId::parse(&id).unwrap() }),
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
/// out. A run begins with the
/// first attempt, for nothing but that can follow before it.
fn steps(commands: &[Command]) -> Vec<(Donation, Command, Vec<Event>, Donation)> {
    let mut donation = accepted();
    let mut steps = Vec::new();
    let start = Command::StartAttempt { at: START, key_life: KeyLife::DAY };
    for command in std::iter::once(&start).chain(commands) {
        let Ok(events) = donation.decide(command.clone()) else { continue };
        let after = donation.clone().evolve_all(&events);
        steps.push((donation, command.clone(), events, after.clone()));
        donation = after;
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_moves_a_payment_back(commands in runs()) {
        for (before, command, _, after) in steps(&commands) {
            if is_another_try(&command) {
                prop_assert_eq!(before.payment.money_taken(), MoneyTaken::No);
                continue;
            }
            let (was, is) = (rank(&before.payment), rank(&after.payment));
            prop_assert!(was <= is, "{:?} after {:?}", after.payment, command);
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
                    let starts =
                        matches!(command, Command::StartAttempt { .. } | Command::RecordAbsence { .. });
                    prop_assert!(starts || is_another_try(&command), "{command:?} began an attempt");
                }
            }
        }
    }

    #[test]
    fn a_further_attempt_needs_proof_that_the_last_one_took_nothing(commands in runs()) {
        for (before, command, events, after) in steps(&commands) {
            let Some(known) = before.payment.attempt() else { continue };
            if events.iter().any(|event| matches!(event, Event::AttemptStarted { .. })) {
                if is_another_try(&command) {
                    let Payment::UnderReview { reason, takings: None, .. } = before.payment else {
                        panic!("tried again from {:?}", before.payment)
                    };
                    let is_new = after.payment.attempt() != Some(known);
                    prop_assert_eq!(is_new, reason == ReviewReason::AttemptsExhausted);
                    continue;
                }
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
    fn no_capture_refund_or_dispute_is_ever_forgotten_but_a_refund_that_nobody_began(commands in runs()) {
        for (before, command, _, after) in steps(&commands) {
            let Some(known) = before.payment.takings() else { continue };
            let takings = after.payment.takings().expect("money that was taken stays taken");
            for capture in known.captures() {
                prop_assert_eq!(takings.capture(&capture.reference), Some(capture), "after {:?}", command);
            }
            for refund in known.refunds().iter().filter(|refund| !refund.is_unbegun()) {
                let kept = takings.refund(&refund.id);
                prop_assert!(kept.is_some_and(|kept| kept.amount == refund.amount), "after {command:?}");
            }
            prop_assert!(known.disputes().len() <= takings.disputes().len());
        }
    }

    #[test]
    fn nobody_may_ask_for_more_than_is_left_of_a_capture(commands in runs()) {
        for (before, command, events, after) in steps(&commands) {
            for event in events {
                let Event::RefundRequested { refund } = event else { continue };
                let takings = after.payment.takings().expect("there is something to refund");
                let capture = takings.capture(&refund.payment).expect("a refund is of a capture");
                let others = takings.clone().without_refund(&refund.id);
                let left = others.refundable(capture);
                prop_assert!(refund.amount.minor() <= left, "{command:?} in {before:?}");
                prop_assert!(!takings.is_contested(&refund.payment), "{command:?} in {before:?}");
            }
        }
    }

    #[test]
    fn what_was_taken_twice_is_on_its_way_back_disputed_or_its_refund_has_failed(commands in runs()) {
        for (_, command, _, after) in steps(&commands) {
            let Some(takings) = after.payment.takings() else { continue };
            let has_failed = takings.refunds().iter().any(Refund::has_failed);
            for duplicate in takings.duplicates() {
                let left = takings.refundable(duplicate);
                let is_contested = takings.is_contested(&duplicate.reference);
                prop_assert!(left == 0 || is_contested || has_failed, "after {command:?}");
            }
        }
    }

    #[test]
    fn what_is_shown_is_what_became_of_the_money(commands in runs()) {
        for (_, command, _, after) in steps(&commands) {
            if let Some(takings) = after.payment.takings() {
                prop_assert_eq!(takings.standing(), standing_of(takings), "after {:?}", command);
                let has_all_gone = matches!(takings.standing(), Standing::Refunded | Standing::DisputeLost);
                let expected = if has_all_gone { MoneyTaken::Returned } else { MoneyTaken::Yes };
                prop_assert_eq!(after.payment.money_taken(), expected);
            }
            let shown = match &after.payment {
                Payment::Captured { takings, .. } => takings.standing().name(),
                other => other.name(),
            };
            prop_assert_eq!(after.payment.shown_name(), shown);
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
            prop_assert_eq!(after.is_settled(), after.owed().is_nothing());
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
    fn the_books_say_what_moved_and_are_never_rewritten(commands in runs()) {
        for (before, command, _, after) in steps(&commands) {
            prop_assert_eq!(fault_of(&after), None, "after {:?}", command);
            prop_assert_eq!(rewritten(&before, &after), None, "by {:?}", command);
            let is_owed = entries(&after).keys().any(|id| !after.entries.contains(id));
            prop_assert_eq!(after.owed().entries, is_owed);
        }
    }
}

/// The standing by sums over the kept capture and the others, apart from the code that is tested.
fn standing_of(takings: &Takings) -> Standing {
    let back = |reference: &_| -> u64 {
        let of = takings.refunds().iter().filter(|refund| refund.payment == *reference);
        of.filter(|refund| matches!(refund.state, RefundState::Succeeded { .. }))
            .map(|refund| refund.amount.minor())
            .sum()
    };
    let kept = takings.kept();
    let mut disputes: Vec<_> = takings
        .disputes()
        .iter()
        .filter(|dispute| dispute.payment == kept.reference)
        .map(|dispute| dispute.status)
        .collect();
    disputes.retain(|status| *status > DisputeStatus::InquiryClosed);
    let is_whole = |capture: &Capture| {
        let lost =
            |dispute: &Dispute| dispute.payment == capture.reference && dispute.status == DisputeStatus::Lost;
        back(&capture.reference) >= capture.amount.minor() || takings.disputes().iter().any(lost)
    };
    if disputes.contains(&DisputeStatus::Open) {
        return Standing::Disputed;
    }
    if disputes.contains(&DisputeStatus::Lost) {
        return Standing::DisputeLost;
    }
    if takings.captures().iter().skip(1).any(|capture| !is_whole(capture)) {
        return Standing::DuplicateCapture;
    }
    match (back(&kept.reference), disputes.contains(&DisputeStatus::Won)) {
        (sum, _) if sum >= kept.amount.minor() => Standing::Refunded,
        (1.., _) => Standing::PartiallyRefunded,
        (0, true) => Standing::DisputeWon,
        (0, false) => Standing::Captured,
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
            seen.insert((after.payment.shown_name(), None));
            seen.insert((after.receipt.name(), None));
        }
    }
    for name in
        ["collecting", "unknown", "action_required", "processing", "declined", "under_review", "captured"]
    {
        assert!(seen.contains(&(name, Some(1))) && seen.contains(&(name, Some(2))), "{name}: {seen:?}");
    }
    let standings = Standing::ALL.map(Standing::name);
    for name in ["not_sent", "sending", "sent", "ambiguous"].into_iter().chain(standings) {
        assert!(seen.contains(&(name, None)), "{name}");
    }
}

#[test]
fn a_capture_overrides_every_no_and_reopens_what_it_brings() {
    let declined = PaymentOutcome::Cancelled { reference: reference("pi_ours") };
    let runs = steps(&[
        Command::RecordOutcome { outcome: declined, at: hours(1) },
        captures("pi_ours", 2_500, 0, hours(80)),
    ]);
    let checks: Vec<_> = runs.iter().map(|(_, _, _, after)| after.next_check.is_some()).collect();
    assert_eq!(checks, [true, false, true], "settled by the no, and looked at again after the capture");
}
