//! Sets of news that can be true of one donation together.

use crate::donation::tests::samples::{START, accepted, after, captures, reference, says};
use crate::donation::tests::samples_money::{
    Moved, asks, disputes, of_other, refund_id, refunds, starts, taken_back, takes_back,
};
use crate::donation::{Command, Donation};
use crate::ids::RefundId;
use crate::payment::{DeclineReason, KeyLife, PaymentOutcome};
use crate::takings::DisputeStatus as Is;
use crate::takings::RefundStatus::{Failed, Pending, Succeeded};

/// A donation whose only attempt has begun.
pub(crate) fn begun() -> Donation {
    after(accepted(), &[Command::StartAttempt { at: START, key_life: KeyLife::DAY }])
}

fn no(reason: DeclineReason) -> Command {
    says(PaymentOutcome::Declined { reference: Some(reference("pi_ours")), reason })
}

pub(crate) fn cancelled() -> Command {
    says(PaymentOutcome::Cancelled { reference: reference("pi_ours") })
}

fn processing() -> Command {
    says(PaymentOutcome::Processing { reference: reference("pi_ours") })
}

fn unknown() -> Command {
    says(PaymentOutcome::Unknown { reason: "no answer" })
}

pub(crate) fn ours() -> Command {
    captures("pi_ours", 2_500, 0, START)
}

pub(crate) fn other() -> Command {
    captures("pi_other", 2_500, 1, START)
}

/// Made before all others, of another amount.
fn wrong() -> Command {
    captures("pi_wrong", 2_499, 0, START)
}

fn external(named: &str, payment: &str, minor: u64) -> [Command; 3] {
    [Pending, Succeeded, Failed].map(|status| refunds(None, named, payment, minor, status))
}

fn of(id: &RefundId, payment: &str, minor: u64) -> [Command; 3] {
    [Pending, Succeeded, Failed].map(|status| refunds(Some(id.clone()), "re_own", payment, minor, status))
}

pub(crate) fn won(named: &str, payment: &str) -> Vec<Command> {
    let steps = [
        (Is::Open, Moved::Nothing),
        (Is::Open, Moved::Withdrawn),
        (Is::Won, Moved::Withdrawn),
        (Is::Won, Moved::Reinstated),
    ];
    steps.map(|(status, moved)| disputes(named, payment, status, moved)).to_vec()
}

fn lost(named: &str, payment: &str) -> Vec<Command> {
    let steps = [
        (Is::Inquiry, Moved::Nothing),
        (Is::Open, Moved::Nothing),
        (Is::Open, Moved::Withdrawn),
        (Is::Lost, Moved::Withdrawn),
    ];
    steps.map(|(status, moved)| disputes(named, payment, status, moved)).to_vec()
}

/// Some news of one donation, and how it ends in whatever order it comes.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) start: Donation,
    pub(crate) news: Vec<Command>,
    /// The state as it is shown.
    pub(crate) shown: &'static str,
    /// How many entries there are.
    pub(crate) entries: usize,
}

fn case(name: &'static str, parts: &[&[Command]], shown: &'static str, entries: usize) -> Case {
    Case { name, start: begun(), news: parts.concat(), shown, entries }
}

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    [of_payments(), of_refunds(), of_disputes(), of_direct_debits(), of_refunds_of_ours()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_payments() -> Vec<Case> {
    let noes = [no(DeclineReason::Refused), no(DeclineReason::InsufficientFunds), cancelled()];
    let (busy, small) = ([processing(), unknown()], captures("pi_small", 100, 1, START));
    vec![
        case("noes", &[&noes, &busy], "declined", 0),
        case("a late yes", &[&noes, &busy, &[ours()]], "captured", 1),
        case("taken twice", &[&[ours(), other(), cancelled(), processing()]], "duplicate_capture", 2),
        case("another amount", &[&noes, &[wrong(), processing()]], "under_review", 1),
        case("the right one of three", &[&[wrong(), other(), ours(), unknown()]], "duplicate_capture", 3),
        case("two of another amount", &[&[wrong(), small, cancelled()]], "under_review", 2),
    ]
}

fn of_refunds() -> Vec<Case> {
    let taken = [ours(), processing(), cancelled()];
    let twice = [ours(), other(), no(DeclineReason::Refused)];
    let late = external("re_ext", "pi_ours", 700);
    let of_other = external("re_ext", "pi_other", 2_500);
    let part = external("re_ext", "pi_other", 700);
    let rest = external("re_rest", "pi_ours", 1_800);
    vec![
        case("a refund that fails late", &[&taken, &late], "captured", 3),
        case(
            "one that fails late, and one that does not",
            &[&taken[..2], &late, &rest[..2]],
            "partially_refunded",
            4,
        ),
        case("the one too many, refunded at the provider", &[&twice, &of_other[..2]], "captured", 3),
        case("the same, and it fails", &[&twice, &[wrong()], &of_other], "duplicate_capture", 5),
        case("a part of the one too many", &[&twice, &part[..2]], "duplicate_capture", 3),
    ]
}

fn of_disputes() -> Vec<Case> {
    let taken = [ours(), processing(), cancelled(), unknown()];
    let twice = [ours(), other(), cancelled()];
    let part = external("re_ext", "pi_ours", 700);
    let (ours_won, ours_lost) = (won("dp_1", "pi_ours"), lost("dp_1", "pi_ours"));
    let (other_won, other_lost) = (won("dp_2", "pi_other"), lost("dp_2", "pi_other"));
    vec![
        case("won", &[&ours_won, &taken], "dispute_won", 3),
        case("lost", &[&ours_lost, &taken], "dispute_lost", 3),
        case("taken twice, the one too many disputed and won", &[&other_won, &twice], "duplicate_capture", 4),
        case("taken twice, the one too many disputed and lost", &[&other_lost, &twice], "captured", 4),
        case("taken twice, both disputed", &[&ours_lost[2..], &other_won, &twice[..2]], "dispute_lost", 6),
        case("a part refunded, then lost", &[&part[..2], &ours_lost, &taken[..2]], "dispute_lost", 4),
    ]
}

/// News of one direct debit: told by the balance, by an event, or by both.
fn of_direct_debits() -> Vec<Case> {
    let taken = [ours(), processing(), cancelled()];
    let twice = [ours(), other(), cancelled()];
    let told = |payment| [takes_back(payment), taken_back(payment, 1, false)];
    let given = [told("pi_ours").to_vec(), vec![taken_back("pi_ours", 1, true)]].concat();
    let again = [taken_back("pi_ours", 2, false), taken_back("pi_ours", 2, true)];
    let part = external("re_ext", "pi_ours", 700);
    vec![
        case("taken back", &[&told("pi_ours"), &taken], "dispute_lost", 3),
        case("taken back and given back", &[&given, &taken], "dispute_won", 4),
        case("given back, and taken back again", &[&given, &again[..1], &taken], "dispute_lost", 6),
        case("taken back and given back, twice", &[&given, &again, &taken[..2]], "dispute_won", 7),
        case("a part refunded, then taken back", &[&part[..2], &given[..1], &taken], "dispute_lost", 4),
        case("taken twice, the one too many taken back", &[&told("pi_other"), &twice], "captured", 4),
    ]
}

/// From where a refund of ours has begun.
fn of_refunds_of_ours() -> Vec<Case> {
    let own = refund_id("own");
    let refunding = after(begun(), &[ours(), asks("own", None, Some(1_000)), starts(own.clone())]);
    let giving_back = after(begun(), &[ours(), other(), starts(of_other())]);
    let (asked, given) = (of(&own, "pi_ours", 1_000), of(&of_other(), "pi_other", 2_500));
    let (late, disputed) = (external("re_ext", "pi_ours", 500), won("dp_1", "pi_other"));
    let asked = case("ours, taken twice meanwhile", &[&asked, &late, &[other()]], "duplicate_capture", 6);
    let given = case(
        "of the one too many, disputed meanwhile",
        &[&given[..2], &disputed, &[wrong()]],
        "duplicate_capture",
        6,
    );
    vec![Case { start: refunding, ..asked }, Case { start: giving_back, ..given }]
}

/// Everything that can be true of one donation at once.
pub(crate) fn everything() -> Vec<Command> {
    [
        vec![ours(), other(), wrong(), unknown(), processing(), cancelled(), no(DeclineReason::Refused)],
        vec![no(DeclineReason::InsufficientFunds)],
        external("re_late", "pi_ours", 700).to_vec(),
        external("re_other", "pi_other", 1_000)[..2].to_vec(),
        external("re_wrong", "pi_wrong", 2_499)[1..].to_vec(),
        won("dp_ours", "pi_ours"),
        lost("dp_other", "pi_other"),
        won("dp_wrong", "pi_wrong"),
        vec![takes_back("pi_wrong"), taken_back("pi_ours", 1, false), taken_back("pi_ours", 1, true)],
        vec![taken_back("pi_ours", 2, false)],
    ]
    .concat()
}
