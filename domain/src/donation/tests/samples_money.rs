//! A captured donation with each thing that may become of its money, and the commands that may meet it.

use super::samples::{START, after, captured, captures, hours, payments, pence, reference, with};
use crate::donation::{Command, Donation, RefundRequest};
use crate::ids::{IdempotencyKey, Operator, ProviderReference, RefundId};
use crate::payment::KeyLife;
use crate::takings::{DisputeNews, DisputeStatus, RefundNews, RefundReason, RefundStatus, Withdrawal};

/// The refund of the donation that was asked for under this key.
pub(crate) fn refund_id(key: &str) -> RefundId {
    let key = IdempotencyKey::parse(&format!("refund-key-{key:0>8}")).unwrap();
    RefundId::derive(&with(captured()).id, &key)
}

/// The refund that gives back the capture of `pi_other`.
pub(crate) fn of_other() -> RefundId {
    RefundId::of_duplicate(&with(captured()).id, &reference("pi_other"))
}

/// Somebody asks for so much of a capture, or for all of it, under a key.
pub(crate) fn asks(key: &str, payment: Option<&str>, minor: Option<u64>) -> Command {
    let request = RefundRequest {
        id: refund_id(key),
        payment: payment.map(reference),
        amount: minor.map(pence),
        reason: RefundReason::RequestedByDonor,
        asked_by: Operator::parse("finance@example.org").unwrap(),
    };
    Command::RequestRefund { request, at: START }
}

/// The provider is about to be asked for the refund.
pub(crate) fn starts(refund: RefundId) -> Command {
    Command::StartRefund { refund, at: START }
}

/// The provider speaks of a refund of so much of a capture: of ours, where an id is given.
pub(crate) fn refunds(
    id: Option<RefundId>,
    named: &str,
    payment: &str,
    minor: u64,
    status: RefundStatus,
) -> Command {
    let news = RefundNews {
        id,
        reference: reference(named),
        payment: reference(payment),
        amount: pence(minor),
        status,
    };
    Command::RecordRefund { news, at: START }
}

/// How much of the disputed money has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    Nothing,
    Withdrawn,
    Reinstated,
}

/// The provider speaks of a dispute over a whole capture of 25.00, whose fee of 15.00 it keeps.
pub(crate) fn disputes(named: &str, payment: &str, status: DisputeStatus, moved: Moved) -> Command {
    let withdrawn = Withdrawal { amount: pence(2_500), fee: Some(pence(1_500)) };
    let reinstated = Withdrawal { amount: pence(2_500), fee: None };
    let news = DisputeNews {
        reference: reference(named),
        payment: reference(payment),
        status,
        withdrawn: (moved != Moved::Nothing).then_some(withdrawn),
        reinstated: (moved == Moved::Reinstated).then_some(reinstated),
    };
    Command::RecordDispute { news, at: START }
}

/// The provider's balance shows that a bank took the payment back.
pub(crate) fn takes_back(payment: &str) -> Command {
    Command::RecordTakenBack { payment: reference(payment), at: START }
}

/// The provider says of the `time`th taking back of a whole capture of 25.00 what became of it.
pub(crate) fn taken_back(payment: &str, time: u32, is_given_back: bool) -> Command {
    let moved = Withdrawal { amount: pence(2_500), fee: None };
    let news = DisputeNews {
        reference: ProviderReference::of_taken_back(&reference(payment), time),
        payment: reference(payment),
        status: if is_given_back { DisputeStatus::Won } else { DisputeStatus::Lost },
        withdrawn: Some(moved),
        reinstated: is_given_back.then_some(moved),
    };
    Command::RecordDispute { news, at: START }
}

/// Every state of the money that behaves as no other does.
pub(crate) fn moneys() -> Vec<(&'static str, Donation)> {
    use DisputeStatus as Is;
    use RefundStatus::{Failed, Pending, Succeeded};
    let money = |commands: &[Command]| after(with(captured()), commands);
    let own = || refund_id("own");
    let ask = || asks("own", None, Some(1_000));
    let moved = |status| refunds(Some(own()), "re_own", "pi_ours", 1_000, status);
    let twice = || captures("pi_other", 2_500, 1, START);
    let dispute = |status, moved| disputes("dp_ours", "pi_ours", status, moved);
    let reject = Command::RecordRefundRejected { refund: own(), at: START };
    vec![
        ("nothing taken", with(payments().remove(7).1)),
        ("another amount", with(payments().remove(11).1)),
        ("captured", money(&[])),
        ("refund asked", money(&[ask()])),
        ("refund begun", money(&[ask(), starts(own())])),
        ("refund pending", money(&[ask(), starts(own()), moved(Pending)])),
        ("refund succeeded", money(&[ask(), starts(own()), moved(Succeeded)])),
        ("refund never made", money(&[ask(), starts(own()), reject])),
        ("refund came back", money(&[ask(), starts(own()), moved(Succeeded), moved(Failed)])),
        ("all refunded", money(&[refunds(None, "re_ext", "pi_ours", 2_500, Succeeded)])),
        ("taken twice", money(&[twice()])),
        (
            "one given back",
            money(&[twice(), refunds(Some(of_other()), "re_dup", "pi_other", 2_500, Succeeded)]),
        ),
        ("inquiry", money(&[dispute(Is::Inquiry, Moved::Nothing)])),
        ("disputed", money(&[ask(), dispute(Is::Open, Moved::Withdrawn)])),
        ("won", money(&[dispute(Is::Won, Moved::Withdrawn)])),
        ("won, money back", money(&[dispute(Is::Won, Moved::Reinstated)])),
        ("lost", money(&[dispute(Is::Lost, Moved::Withdrawn)])),
        ("taken back", money(&[takes_back("pi_ours")])),
        ("given back", money(&[taken_back("pi_ours", 1, true)])),
        ("taken back twice", money(&[taken_back("pi_ours", 1, true), taken_back("pi_ours", 2, false)])),
    ]
}

/// Every command about refunds.
pub(crate) fn refund_commands() -> Vec<(&'static str, Command)> {
    use RefundStatus::{Failed, Pending, Succeeded};
    let own = || refund_id("own");
    let news = |status| refunds(Some(own()), "re_own", "pi_ours", 1_000, status);
    let absent = |at| Command::RecordRefundAbsence { refund: own(), at, key_life: KeyLife::DAY };
    vec![
        ("all", asks("new", None, None)),
        ("dup", asks("new", Some("pi_other"), None)),
        ("much", asks("new", None, Some(2_501))),
        ("same", asks("own", None, Some(1_000))),
        ("key", asks("own", None, Some(999))),
        ("strt", starts(own())),
        ("pend", news(Pending)),
        ("succ", news(Succeeded)),
        ("fail", news(Failed)),
        ("less", refunds(Some(own()), "re_own", "pi_ours", 999, Succeeded)),
        ("ext", refunds(None, "re_ext", "pi_ours", 500, Succeeded)),
        ("ext+", refunds(None, "re_dup", "pi_other", 2_500, Succeeded)),
        ("rej", Command::RecordRefundRejected { refund: own(), at: START }),
        ("abs", absent(hours(24))),
        ("abs+", absent(hours(25))),
    ]
}

/// Every command about disputes.
pub(crate) fn dispute_commands() -> Vec<(&'static str, Command)> {
    use DisputeStatus as Is;
    let ours = |status, moved| disputes("dp_ours", "pi_ours", status, moved);
    vec![
        ("inq", ours(Is::Inquiry, Moved::Nothing)),
        ("icl", ours(Is::InquiryClosed, Moved::Nothing)),
        ("open", ours(Is::Open, Moved::Nothing)),
        ("held", ours(Is::Open, Moved::Withdrawn)),
        ("won", ours(Is::Won, Moved::Withdrawn)),
        ("back", ours(Is::Won, Moved::Reinstated)),
        ("lost", ours(Is::Lost, Moved::Withdrawn)),
        ("dup", disputes("dp_other", "pi_other", Is::Open, Moved::Withdrawn)),
        ("dupl", disputes("dp_other", "pi_other", Is::Lost, Moved::Withdrawn)),
        ("turn", disputes("dp_ours", "pi_other", Is::Open, Moved::Nothing)),
        ("tkn", takes_back("pi_ours")),
        ("tkn1", taken_back("pi_ours", 1, false)),
        ("gvn1", taken_back("pi_ours", 1, true)),
        ("tkn2", taken_back("pi_ours", 2, false)),
        ("dupt", takes_back("pi_other")),
    ]
}
