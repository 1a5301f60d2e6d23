//! What follows in every state from every command.

use super::samples::{START, attempt, hours};
use super::samples::{accepted, capture, mark, payment_commands, payments, receipt_commands, receipts, with};
use crate::donation::{Command, Donation, Event, PaymentStep, Refusal};
use crate::ids::EntryId;
use crate::journal::EntryKind;
use crate::payment::{KeyLife, MoneyTaken, Payment};
use crate::time::Span;

/// What the command made of the donation: `.` nothing, a refusal by its mark, else the mark of the new state.
fn cell(donation: &Donation, command: Command) -> &'static str {
    match donation.decide(command) {
        Err(Refusal::AttemptNotAllowed) => "!at",
        Err(Refusal::NoAttempt) => "!no",
        Err(Refusal::SecondCapture) => "!2c",
        Err(Refusal::ReturnBeforeCapture) => "!rb",
        Err(Refusal::ReturnWithoutCapture) => "!rt",
        Err(Refusal::ReceiptNotClaimable) => "!rc",
        Err(Refusal::EntryWithoutEffect) => "!en",
        Ok(events) if events.is_empty() => ".",
        Ok(events) => mark(&donation.clone().evolve_all(&events), donation),
    }
}

/// One line: a name, then cells of five characters, without blanks at the end.
fn line<'a>(name: &str, cells: impl Iterator<Item = &'a str>) -> String {
    let mut line = format!("{name:<23}");
    for cell in cells {
        line.push(' ');
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', 4_usize.saturating_sub(cell.len())));
    }
    format!("{}\n", line.trim_end())
}

/// A line for each state, a column for each command.
fn table(commands: &[(&str, Command)], states: &[(&str, Donation)]) -> String {
    let mut text = line("", commands.iter().map(|(name, _)| *name));
    for (state, donation) in states {
        text.push_str(&line(state, commands.iter().map(|(_, command)| cell(donation, command.clone()))));
    }
    text
}

// cap: captured; cap+: under another reference; cap-: another amount; act: the bank asks the donor; prc:
// processing; dec: declined; cnc: cancelled; rej: rejected; nex: not executed; unk: unknown; abs: absent, the
// key a millisecond too young to prove it; abs+: old enough; ret: returned; ret+: under another reference.
// Results: cl1, cl2: collecting with that attempt; exh, rej, amt: under review because attempts are
// exhausted, the request was rejected, the amount differs.
const PAYMENTS: &str = "
                        strt cap  cap+ cap- act  prc  dec  cnc  rej  nex  unk  abs  abs+ ret  ret+
accepted                cl1  !no  !no  !no  !no  !no  !no  !no  !no  !no  !no  .    .    !rb  !rb
collecting              !at  cap  cap  amt  act  prc  dec  dec  rej  .    unk  .    cl2  !rb  !rb
collecting, last        !at  cap  cap  amt  act  prc  dec  dec  rej  .    unk  .    exh  !rb  !rb
unknown                 !at  cap  cap  amt  act  prc  dec  dec  rej  .    .    .    cl2  !rb  !rb
unknown, last           !at  cap  cap  amt  act  prc  dec  dec  rej  .    .    .    exh  !rb  !rb
action required         !at  cap  cap  amt  .    prc  dec  dec  .    .    .    .    .    !rb  !rb
processing              !at  cap  cap  amt  .    .    dec  dec  .    .    .    .    .    !rb  !rb
declined                !at  cap  cap  amt  .    .    .    .    .    .    .    .    .    !rt  !rt
review: rejected        !at  cap  cap  amt  .    .    .    .    .    .    .    .    .    !rt  !rt
review: exhausted       !at  cap  cap  amt  .    .    .    .    .    .    .    .    .    !rt  !rt
review: amount          !at  cap  cap  .    .    .    .    .    .    .    .    .    .    !rt  !rt
captured                !at  .    !2c  .    .    .    .    .    .    .    .    .    .    ret  !rt
returned                !at  .    !2c  .    .    .    .    .    .    .    .    .    .    .    !rt
";

#[test]
fn every_state_of_a_payment_answers_every_command() {
    let states: Vec<_> = payments().into_iter().map(|(name, payment)| (name, with(payment))).collect();
    assert_eq!(table(&payment_commands(), &states), PAYMENTS.trim_start_matches('\n'));
}

// clm: claimed by us within the life of another claim; clm+: after it; snt: our sender reports; snt+: the
// same sender, another mail; snt*: another sender; rel: we give our claim back; rel*: another sender gives
// back its own.
const RECEIPTS: &str = "
                        clm  clm+ snt  snt+ snt* rel  rel*
not captured            !rc  !rc  !rc  !rc  !rc  .    .
not sent                sng  sng  !rc  !rc  !rc  .    .
sending, ours           !rc  amb  snt  snt  !rc  not  !rc
sending, theirs         !rc  amb  !rc  !rc  snt  !rc  not
sent                    !rc  !rc  .    !rc  .    !rc  !rc
ambiguous, ours         !rc  !rc  snt  snt  !rc  not  !rc
ambiguous, theirs       !rc  !rc  !rc  !rc  snt  !rc  not
returned, not sent      sng  sng  !rc  !rc  !rc  .    .
";

#[test]
fn every_state_of_a_receipt_answers_every_command() {
    assert_eq!(table(&receipt_commands(), &receipts()), RECEIPTS.trim_start_matches('\n'));
}

#[test]
fn an_entry_is_noted_once_and_only_for_what_has_happened() {
    let entry = |digit: char| EntryId::parse(&format!("je_{}", digit.to_string().repeat(24))).unwrap();
    let note = |kind, digit| Command::RecordEntry { kind, entry: entry(digit) };
    let captured = with(Payment::Captured { attempt: attempt(1), capture: capture() });
    let returned = with(Payment::Returned { attempt: attempt(1), capture: capture(), returned_at: START });
    for kind in EntryKind::ALL {
        assert_eq!(accepted().decide(note(kind, '1')), Err(Refusal::EntryWithoutEffect));
        let posted = vec![Event::EntryPosted { kind, entry: entry('1') }];
        assert_eq!(returned.decide(note(kind, '1')).as_ref(), Ok(&posted));
        let noted = returned.clone().evolve_all(&posted);
        assert_eq!(noted.decide(note(kind, '1')), Ok(vec![]), "the same again");
        assert_eq!(noted.decide(note(kind, '2')), Err(Refusal::EntryWithoutEffect), "another id");
    }
    assert!(captured.decide(note(EntryKind::Capture, '1')).is_ok());
    assert_eq!(captured.decide(note(EntryKind::Return, '1')), Err(Refusal::EntryWithoutEffect));
}

#[test]
fn every_state_says_whether_money_was_taken() {
    let answers = payments().into_iter().map(|(name, payment)| (name, payment.money_taken()));
    for (name, answer) in answers {
        let expected = match name {
            "declined" | "review: rejected" | "review: exhausted" => MoneyTaken::No,
            "captured" | "review: amount" => MoneyTaken::Yes,
            "returned" => MoneyTaken::Returned,
            _ => MoneyTaken::NotKnownYet,
        };
        assert_eq!(answer, expected, "{name}");
    }
}

#[test]
fn the_provider_is_called_with_a_young_key_asked_with_an_old_one_and_left_alone_at_the_end() {
    let just_young = hours(22).minus(Span::millis(1));
    for (name, payment) in payments() {
        let donation = with(payment);
        for (now, is_young) in [
            (START.minus(Span::minutes(5)), true),
            (START, true),
            (just_young, true),
            (hours(22), false),
            (hours(999), false),
        ] {
            let expected = match name {
                "accepted" => PaymentStep::Start { attempt: 1 },
                "collecting" | "collecting, last" | "unknown" | "unknown, last" if is_young => {
                    PaymentStep::Repeat
                }
                "collecting" | "collecting, last" | "unknown" | "unknown, last" => {
                    PaymentStep::Ask { reference: None }
                }
                "action required" | "processing" => PaymentStep::Ask { reference: Some(capture().reference) },
                _ => PaymentStep::Nothing,
            };
            assert_eq!(donation.next_payment_step(now, KeyLife::DAY), expected, "{name}");
        }
    }
}
