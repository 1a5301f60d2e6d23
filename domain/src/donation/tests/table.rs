//! What follows in every state from every command.

use super::samples::{
    START, accepted, captured, hours, mark, payment_commands, payments, receipt_commands, receipts,
    reference, with,
};
use super::samples_money::{dispute_commands, moneys, refund_commands};
use crate::donation::{Command, Donation, Event, PaymentStep, RefundStep, Refusal, Resolution};
use crate::ids::{EntryId, ProviderReference};
use crate::journal::JournalEntry;
use crate::payment::{KeyLife, MoneyTaken};
use crate::time::{Span, Timestamp};

/// What the command brings the donation: `.` nothing, a refusal by its mark, else the marks of the events.
fn cell(donation: &Donation, command: Command) -> String {
    let refused = match donation.decide(command) {
        Ok(events) if events.is_empty() => ".",
        Ok(events) => return events.iter().map(mark).collect::<Vec<_>>().join(","),
        Err(Refusal::AttemptNotAllowed) => "!at",
        Err(Refusal::NoAttempt) => "!no",
        Err(Refusal::TooMany) => "!many",
        Err(Refusal::ReversalBeforeCapture) => "!rb",
        Err(Refusal::NothingToRefund) => "!nr",
        Err(Refusal::RefundTooLarge) => "!big",
        Err(Refusal::MoneyDisputed) => "!dis",
        Err(Refusal::RefundKeyReused) => "!key",
        Err(Refusal::NoSuchRefund) => "!rf",
        Err(Refusal::Contradiction) => "!con",
        Err(Refusal::NothingToResolve) => "!rs",
        Err(Refusal::EntryWithoutEffect) => "!en",
        Err(Refusal::ReceiptNotClaimable) => "!rc",
    };
    refused.to_owned()
}

/// A line for each state, a column for each command, without blanks at the end.
fn table(commands: &[(&str, Command)], states: &[(&str, Donation)]) -> String {
    let mut rows =
        vec![[vec![String::new()], commands.iter().map(|(name, _)| (*name).to_owned()).collect()].concat()];
    for (state, donation) in states {
        let cells = commands.iter().map(|(_, command)| cell(donation, command.clone()));
        rows.push(std::iter::once((*state).to_owned()).chain(cells).collect());
    }
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..=commands.len()).map(width).collect();
    let padded = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join(" ").trim_end())
    };
    rows.iter().map(padded).collect()
}

// cap: captured; cap+: under another reference; cap-: another amount; act: the bank asks the donor; prc:
// processing; dec: declined; cnc: cancelled; rej: rejected; nex: not executed; unk: unknown; abs: absent, the
// key a millisecond too young to prove it; abs+: old enough; keep, none, try: a person keeps another amount,
// finds that nothing was taken, has it tried again.
// Results: cl2: collecting with that attempt; exh, rej, amt: under review because attempts are exhausted, the
// request was rejected, the amount differs; rq2500: so much is to be refunded; ok: the person's decision.
const PAYMENTS: &str = "
                  strt cap  cap+       cap-    act prc dec cnc rej nex unk abs abs+ keep none   try
accepted          cl1  !no  !no        !no     !no !no !no !no !no !no !no .   .    !rs  !rs    !rs
collecting        !at  cap  cap        cap,amt act prc dec dec rej .   unk .   cl2  !rs  !rs    !rs
collecting, last  !at  cap  cap        cap,amt act prc dec dec rej .   unk .   exh  !rs  !rs    !rs
unknown           !at  cap  cap        cap,amt act prc dec dec rej .   .   .   cl2  !rs  ok,dec !rs
unknown, last     !at  cap  cap        cap,amt act prc dec dec rej .   .   .   exh  !rs  ok,dec !rs
action required   !at  cap  cap        cap,amt .   prc dec dec .   .   .   .   .    !rs  !rs    !rs
processing        !at  cap  cap        cap,amt .   .   dec dec .   .   .   .   .    !rs  !rs    !rs
declined          !at  cap  cap        cap,amt .   .   dec .   .   .   .   .   .    !rs  !rs    !rs
abandoned         !at  cap  cap        cap,amt .   .   dec .   .   .   .   .   .    !rs  !rs    !rs
review: rejected  !at  cap  cap        cap,amt .   .   .   .   .   .   .   .   .    !rs  ok,dec ok,cl1
review: exhausted !at  cap  cap        cap,amt .   .   .   .   .   .   .   .   .    !rs  ok,dec ok,cl2
review: amount    !at  !con cap,rq2499 .       .   .   .   .   .   .   .   .   .    ok   !rs    !rs
captured          !at  .    cap,rq2500 !con    .   .   .   .   .   .   .   .   .    !rs  !rs    !rs
";

#[test]
fn every_state_of_a_payment_answers_every_command() {
    let states: Vec<_> = payments().into_iter().map(|(name, payment)| (name, with(payment))).collect();
    assert_eq!(table(&payment_commands(), &states), PAYMENTS.trim_start_matches('\n'));
}

// all: somebody asks for all that is left; dup: of the other capture; much: for more than the capture; same:
// for what was asked under this key; key: for another amount under it; strt: the refund is about to be made;
// pend, succ, fail: the provider has it, paid it, got it back; less: it speaks of another amount; ext: a
// refund that was made there; ext+: of the other capture; rej: it will never make ours; abs, abs+: it has no
// such refund, and our key is too young to prove that, or old enough. Results: go1: begun with that attempt;
// unmade: failed without having been made; drop: no longer wanted.
const REFUNDS: &str = "
                  all    dup  much same   key   strt pend succ fail less ext  ext+      rej    abs abs+
nothing taken     !nr    !nr  !nr  !nr    !nr   !rf  !rb  !rb  !rb  !rb  !rb  !rb       !rf    !rf !rf
another amount    rq2499 !nr  !big rq1000 rq999 !rf  pend succ fail succ succ !rb       !rf    !rf !rf
captured          rq2500 !nr  !big rq1000 rq999 !rf  pend succ fail succ succ !rb       !rf    !rf !rf
refund asked      rq1500 !nr  !big .      !key  go1  pend succ fail !con succ !rb       unmade .   .
refund begun      rq1500 !nr  !big .      !key  !at  pend succ fail !con succ !rb       unmade .   go2
refund pending    rq1500 !nr  !big .      !key  !at  .    succ fail !con succ !rb       .      .   .
refund succeeded  rq1500 !nr  !big .      !key  !at  .    .    fail !con succ !rb       .      .   .
refund never made rq2500 !nr  !big .      !key  !at  pend succ fail !con succ !rb       .      .   .
refund came back  rq2500 !nr  !big .      !key  !at  .    .    .    !con succ !rb       .      .   .
all refunded      !big   !nr  !big !big   !big  !rf  pend succ fail succ !con !rb       !rf    !rf !rf
taken twice       rq2500 !big !big rq1000 rq999 !rf  pend succ fail succ succ succ,drop !rf    !rf !rf
one given back    rq2500 !big !big rq1000 rq999 !rf  pend succ fail succ succ .         !rf    !rf !rf
inquiry           rq2500 !nr  !big rq1000 rq999 !rf  pend succ fail succ succ !rb       !rf    !rf !rf
disputed          !dis   !nr  !dis .      !key  !dis pend succ fail !con succ !rb       unmade .   .
won               !dis   !nr  !dis !dis   !dis  !rf  pend succ fail succ succ !rb       !rf    !rf !rf
won, money back   rq2500 !nr  !big rq1000 rq999 !rf  pend succ fail succ succ !rb       !rf    !rf !rf
lost              !dis   !nr  !dis !dis   !dis  !rf  pend succ fail succ succ !rb       !rf    !rf !rf
taken back        !dis   !nr  !dis !dis   !dis  !rf  pend succ fail succ succ !rb       !rf    !rf !rf
given back        rq2500 !nr  !big rq1000 rq999 !rf  pend succ fail succ succ !rb       !rf    !rf !rf
taken back twice  !dis   !nr  !dis !dis   !dis  !rf  pend succ fail succ succ !rb       !rf    !rf !rf
";

#[test]
fn every_state_of_the_money_answers_every_command_about_refunds() {
    assert_eq!(table(&refund_commands(), &moneys()), REFUNDS.trim_start_matches('\n'));
}

// inq: the bank asks; icl: it was answered; open: disputed; held: the money was withdrawn; won: decided for
// the charity; back: and the money put back; lost: decided for the donor; dup, dupl: the other capture is
// disputed, lost; turn: a known dispute, but of the other capture; tkn: the balance shows that a bank took the
// capture back; tkn1, gvn1: so does the provider itself, and that it was given back; tkn2: for the second time;
// dupt: the other capture is taken back.
const DISPUTES: &str = "
                  inq icl open held won  back lost dup       dupl      turn      tkn  tkn1 gvn1 tkn2 dupt
nothing taken     !rb !rb !rb  !rb  !rb  !rb  !rb  !rb       !rb       !rb       !rb  !rb  !rb  !rb  !rb
another amount    inq icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
captured          inq icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
refund asked      inq icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
refund begun      inq icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
refund pending    inq icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
refund succeeded  inq icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
refund never made inq icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
refund came back  inq icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
all refunded      inq icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
taken twice       inq icl open held won  back lost held,drop lost,drop open,drop lost lost back lost lost,drop
one given back    inq icl open held won  back lost held      lost      open      lost lost back lost lost
inquiry           .   icl open held won  back lost !rb       !rb       !rb       lost lost back lost !rb
disputed          .   .   .    .    won  back lost !rb       !rb       !rb       lost lost back lost !rb
won               .   .   .    .    .    back !con !rb       !rb       !rb       lost lost back lost !rb
won, money back   .   .   .    .    .    .    !con !rb       !rb       !rb       lost lost back lost !rb
lost              .   .   .    .    !con !con .    !rb       !rb       !rb       lost lost back lost !rb
taken back        inq icl open held won  back lost !rb       !rb       !rb       .    .    back lost !rb
given back        inq icl open held won  back lost !rb       !rb       !rb       .    .    .    lost !rb
taken back twice  inq icl open held won  back lost !rb       !rb       !rb       .    .    .    .    !rb
";

#[test]
fn every_state_of_the_money_answers_every_command_about_disputes() {
    assert_eq!(table(&dispute_commands(), &moneys()), DISPUTES.trim_start_matches('\n'));
}

// clm: claimed by us within the life of another claim; clm+: after it; snt: our sender reports; snt+: the
// same sender, another mail; snt*: another sender; rel: we give our claim back; rel*: another sender gives
// back its own.
const RECEIPTS: &str = "
                  clm clm+ snt snt+ snt* rel rel*
nothing captured  !rc !rc  !rc !rc  !rc  .   .
not sent          sng sng  !rc !rc  !rc  .   .
sending, ours     !rc amb  snt snt  !rc  not !rc
sending, theirs   !rc amb  !rc !rc  snt  !rc not
sent              !rc !rc  .   !rc  .    !rc !rc
ambiguous, ours   !rc !rc  snt snt  !rc  not !rc
ambiguous, theirs !rc !rc  !rc !rc  snt  !rc not
another amount    !rc !rc  !rc !rc  !rc  .   .
";

#[test]
fn every_state_of_a_receipt_answers_every_command() {
    assert_eq!(table(&receipt_commands(), &receipts()), RECEIPTS.trim_start_matches('\n'));
}

fn posts(donation: &Donation) -> Vec<Command> {
    JournalEntry::all_of(donation)
        .iter()
        .map(|entry| Command::RecordEntry { entry: entry.id().clone() })
        .collect()
}

#[test]
fn an_entry_is_noted_once_and_only_for_what_has_happened() {
    let lost = moneys().into_iter().find(|(name, _)| *name == "lost").expect("there is a sample");
    let everything = posts(&lost.1);
    assert_eq!(everything.len(), 3, "the capture, the dispute and its loss");
    for command in &everything {
        assert_eq!(accepted().decide(command.clone()), Err(Refusal::EntryWithoutEffect));
    }
    for (name, donation) in moneys() {
        let mut noted = donation.clone();
        for command in posts(&donation) {
            let Command::RecordEntry { entry } = command.clone() else { continue };
            assert!(noted.owed().entries, "{name}");
            let posted = vec![Event::EntryPosted { entry }];
            assert_eq!(noted.decide(command.clone()).as_ref(), Ok(&posted), "{name}");
            noted = noted.evolve_all(&posted);
            assert_eq!(noted.decide(command), Ok(vec![]), "{name}: the same again");
        }
        assert!(!noted.owed().entries, "{name}");
        let other = EntryId::parse(&format!("je_{}", "0".repeat(24))).unwrap();
        assert_eq!(noted.decide(Command::RecordEntry { entry: other }), Err(Refusal::EntryWithoutEffect));
    }
    assert_eq!(with(captured()).decide(everything[1].clone()), Err(Refusal::EntryWithoutEffect));
}

#[test]
fn the_completers_next_look_is_put_off_only_while_it_looks() {
    let postpone = Command::PostponeCheck { until: hours(7) };
    let later = accepted().evolve_all(&accepted().decide(postpone.clone()).unwrap());
    assert_eq!(later.next_check.map(|check| (check.at, check.done)), Some((hours(7), 1)));
    let settled = Donation { next_check: None, ..with(captured()) };
    assert_eq!(settled.decide(postpone), Ok(vec![]));
}

#[test]
fn every_state_says_what_it_is_and_whether_money_was_taken() {
    let states = payments().into_iter().map(|(name, payment)| (name, with(payment))).chain(moneys());
    for (name, Donation { payment, .. }) in states {
        let (shown, answer) = match name {
            "accepted" => ("accepted", MoneyTaken::NotKnownYet),
            "collecting" | "collecting, last" => ("collecting", MoneyTaken::NotKnownYet),
            "unknown" | "unknown, last" => ("unknown", MoneyTaken::NotKnownYet),
            "action required" => ("action_required", MoneyTaken::NotKnownYet),
            "processing" => ("processing", MoneyTaken::NotKnownYet),
            "declined" | "abandoned" | "nothing taken" => ("declined", MoneyTaken::No),
            "review: rejected" | "review: exhausted" => ("under_review", MoneyTaken::No),
            "review: amount" | "another amount" => ("under_review", MoneyTaken::Yes),
            "refund succeeded" => ("partially_refunded", MoneyTaken::Yes),
            "all refunded" => ("refunded", MoneyTaken::Returned),
            "taken twice" => ("duplicate_capture", MoneyTaken::Yes),
            "disputed" => ("disputed", MoneyTaken::Yes),
            "won" | "won, money back" | "given back" => ("dispute_won", MoneyTaken::Yes),
            "lost" | "taken back" | "taken back twice" => ("dispute_lost", MoneyTaken::Returned),
            _ => ("captured", MoneyTaken::Yes),
        };
        assert_eq!((payment.shown_name(), payment.money_taken()), (shown, answer), "{name}");
    }
}

/// Moments in the life of a key: the hour, and whether the key may still be used. The last but one is a clock
/// that runs slow.
fn moments() -> [(Timestamp, bool); 5] {
    let just_young = hours(22).minus(Span::millis(1));
    [
        (START, true),
        (just_young, true),
        (hours(22), false),
        (START.minus(Span::minutes(5)), true),
        (hours(999), false),
    ]
}

#[test]
fn the_provider_is_called_with_a_young_key_asked_with_an_old_one_and_left_alone_at_the_end() {
    for (name, payment) in payments() {
        let donation = with(payment);
        for (now, is_young) in moments() {
            let expected = match name {
                "accepted" => PaymentStep::Start { attempt: 1 },
                "collecting" | "collecting, last" | "unknown" | "unknown, last" if is_young => {
                    PaymentStep::Repeat
                }
                "collecting" | "collecting, last" | "unknown" | "unknown, last" => {
                    PaymentStep::Ask { reference: None }
                }
                "action required" if now > START => PaymentStep::CallOff { reference: ours() },
                "action required" | "processing" => PaymentStep::Ask { reference: Some(ours()) },
                _ => PaymentStep::Nothing,
            };
            assert_eq!(donation.next_payment_step(now, KeyLife::DAY), expected, "{name}");
        }
    }
}

fn ours() -> ProviderReference {
    reference("pi_ours")
}

#[test]
fn a_donor_has_half_an_hour_to_answer_the_bank() {
    let asked = with(payments().remove(5).1);
    let step = |now| asked.next_payment_step(now, KeyLife::DAY);
    let deadline = START.plus(Span::minutes(30));
    assert_eq!(step(deadline.minus(Span::millis(1))), PaymentStep::Ask { reference: Some(ours()) });
    assert_eq!(step(deadline), PaymentStep::CallOff { reference: ours() });
}

#[test]
fn a_refund_is_asked_for_with_a_young_key_asked_about_with_an_old_one_and_left_alone_while_disputed() {
    for (name, donation) in moneys() {
        for (now, is_young) in moments() {
            let steps: Vec<_> = donation
                .refunds_owed()
                .map(|refund| match Donation::next_refund_step(refund, now, KeyLife::DAY) {
                    RefundStep::Start => "start",
                    RefundStep::Repeat { attempt } => {
                        assert_eq!(Some(&attempt), refund.attempt.as_ref());
                        "repeat"
                    }
                    RefundStep::Ask => "ask",
                    RefundStep::Nothing => "nothing",
                })
                .collect();
            let expected: &[&str] = match name {
                "refund asked" | "taken twice" => &["start"],
                "refund begun" if is_young => &["repeat"],
                "refund begun" | "refund pending" => &["ask"],
                _ => &[],
            };
            assert_eq!(steps, expected, "{name}");
            assert_eq!(donation.owed().refunds, !expected.is_empty(), "{name}");
        }
    }
}

#[test]
fn every_decision_of_a_person_is_read_back_from_its_name() {
    for (resolution, name) in Resolution::ALL.into_iter().zip(["amount_accepted", "not_taken", "try_again"]) {
        assert_eq!((resolution.name(), Resolution::parse(name)), (name, Some(resolution)));
    }
    assert_eq!(Resolution::parse("Not_Taken"), None);
}
