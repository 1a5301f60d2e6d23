//! The pictures in `states.md`, drawn from what `decide` and `evolve` do and not from what anybody remembers
//! of them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;

use super::samples::{START, accepted, after, captured, captures, reference, resolves, says, with};
use super::samples_money::{Moved, disputes, of_other, refunds, starts, taken_back, takes_back};
use crate::donation::{Command, Donation, Resolution};
use crate::payment::{DeclineReason, KeyLife, NextAction, Payment, PaymentOutcome};
use crate::takings::{DisputeStatus, RefundState, RefundStatus};

/// Something that may happen, in words.
type Step = (&'static str, Command);

/// Most attempts that are followed: one more than the pipeline makes by itself.
const ATTEMPTS_FOLLOWED: u32 = 4;

/// Everything that may follow from a donation, step by step, as a picture of `name`d states. Steps that
/// change the state but not its name are left out.
fn picture(
    start: Donation,
    steps: impl Fn(&Donation) -> Vec<Step>,
    name: impl Fn(&Donation) -> String,
) -> String {
    let mut edges: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    let mut seen = HashSet::from([start.payment.clone()]);
    let first = name(&start);
    let mut open = vec![start];
    while let Some(donation) = open.pop() {
        for (label, command) in steps(&donation) {
            let Ok(events) = donation.decide(command) else { continue };
            let next = donation.clone().evolve_all(&events);
            if next.payment.attempt().is_some_and(|attempt| attempt.number > ATTEMPTS_FOLLOWED) {
                continue;
            }
            let (from, to) = (name(&donation), name(&next));
            if from != to {
                edges.entry((from, to)).or_default().insert(label);
            }
            if seen.insert(next.payment.clone()) {
                open.push(next);
            }
        }
    }
    render(&first, &edges)
}

fn render(first: &str, edges: &BTreeMap<(String, String), BTreeSet<&str>>) -> String {
    let id = |name: &str| name.replace([' ', ',', '_'], "-").replace("--", "-");
    let names: BTreeSet<&str> = edges.keys().flat_map(|(from, to)| [from.as_str(), to.as_str()]).collect();
    let mut text = "```mermaid\nstateDiagram-v2\n".to_owned();
    for name in names {
        writeln!(text, "    state \"{name}\" as {}", id(name)).unwrap();
    }
    writeln!(text, "    [*] --> {}", id(first)).unwrap();
    for ((from, to), labels) in edges {
        let labels = labels.iter().copied().collect::<Vec<_>>().join(", ");
        writeln!(text, "    {} --> {}: {labels}", id(from), id(to)).unwrap();
    }
    text + "```\n"
}

fn payment_steps(donation: &Donation) -> Vec<Step> {
    let ours = || reference("pi_ours");
    let action = NextAction::Redirect { url: "https://bank.example/confirm".to_owned() };
    let begun = donation.payment.attempt().map_or(START, |attempt| attempt.first_called_at);
    let key_life = KeyLife::DAY;
    let declined = PaymentOutcome::Declined { reference: None, reason: DeclineReason::Refused };
    vec![
        ("attempt stored", Command::StartAttempt { at: START, key_life }),
        ("no answer", says(PaymentOutcome::Unknown { reason: "no answer" })),
        ("the bank asks the donor", says(PaymentOutcome::ActionRequired { reference: ours(), action })),
        ("the provider is at work", says(PaymentOutcome::Processing { reference: ours() })),
        ("declined", says(declined)),
        ("cancelled", says(PaymentOutcome::Cancelled { reference: ours() })),
        ("request refused", says(PaymentOutcome::Rejected { code: "parameter_unknown".to_owned() })),
        ("captured", captures("pi_ours", 2_500, 0, START)),
        ("another amount captured", captures("pi_wrong", 2_499, 0, START)),
        ("absence proven", Command::RecordAbsence { at: begun.plus(key_life.absence_proves_from), key_life }),
        ("a person keeps the amount", resolves(Resolution::AmountAccepted, START)),
        ("a person finds that nothing was taken", resolves(Resolution::NotTaken, START)),
        ("a person has it tried again", resolves(Resolution::TryAgain, START)),
    ]
}

fn payment_name(donation: &Donation) -> String {
    match &donation.payment {
        Payment::UnderReview { reason, .. } => format!("under review, {}", reason.name().replace('_', " ")),
        other => other.name().replace('_', " "),
    }
}

fn money_steps(_: &Donation) -> Vec<Step> {
    use RefundStatus::{Failed, Succeeded};
    let part = |status| refunds(None, "re_part", "pi_ours", 1_000, status);
    let rest = |status| refunds(None, "re_rest", "pi_ours", 1_500, status);
    let second = |status| refunds(Some(of_other()), "re_other", "pi_other", 2_500, status);
    let dispute = |status, moved| disputes("dp_ours", "pi_ours", status, moved);
    vec![
        ("taken a second time", captures("pi_other", 2_500, 1, START)),
        ("the second one given back", second(Succeeded)),
        ("a refund came back", second(Failed)),
        ("a part refunded", part(Succeeded)),
        ("a refund came back", part(Failed)),
        ("the rest refunded", rest(Succeeded)),
        ("a refund came back", rest(Failed)),
        ("disputed", dispute(DisputeStatus::Open, Moved::Withdrawn)),
        ("dispute won", dispute(DisputeStatus::Won, Moved::Reinstated)),
        ("dispute lost", dispute(DisputeStatus::Lost, Moved::Withdrawn)),
    ]
}

fn money_name(donation: &Donation) -> String {
    donation.payment.shown_name().replace('_', " ")
}

fn refund_steps(donation: &Donation) -> Vec<Step> {
    use RefundStatus::{Failed, Pending, Succeeded};
    let takings = donation.payment.takings().expect("it begins captured");
    let refund = takings.refund(&of_other());
    let begun =
        refund.and_then(|refund| refund.attempt.as_ref()).map_or(START, |attempt| attempt.first_called_at);
    let key_life = KeyLife::DAY;
    let news = |status| refunds(Some(of_other()), "re_other", "pi_other", 2_500, status);
    let elsewhere = |status| refunds(None, "re_ext", "pi_other", 2_500, status);
    let dispute = |status, moved| disputes("dp_other", "pi_other", status, moved);
    let at = begun.plus(key_life.absence_proves_from);
    // Of a refund that was never begun the provider knows nothing.
    let of_ours = vec![
        ("pending", news(Pending)),
        ("succeeded", news(Succeeded)),
        ("failed", news(Failed)),
        ("refused", Command::RecordRefundRejected { refund: of_other(), at: START }),
        (
            "absence proven after the last attempt",
            Command::RecordRefundAbsence { refund: of_other(), at, key_life },
        ),
    ];
    let of_all = vec![
        ("attempt stored", starts(of_other())),
        ("refunded at the provider", elsewhere(Succeeded)),
        ("the provider's own refund came back", elsewhere(Failed)),
        ("disputed", dispute(DisputeStatus::Open, Moved::Withdrawn)),
        ("dispute won", dispute(DisputeStatus::Won, Moved::Reinstated)),
    ];
    let is_known = refund.is_some_and(|refund| !refund.is_unbegun());
    if is_known { [of_all, of_ours].concat() } else { of_all }
}

fn refund_name(donation: &Donation) -> String {
    let takings = donation.payment.takings().expect("it begins captured");
    let name = match takings.refund(&of_other()).map(|refund| (&refund.state, &refund.attempt)) {
        None => "not wanted",
        Some((RefundState::Requested, None)) => "requested",
        Some((RefundState::Requested, Some(_))) => "requested, attempt under way",
        Some((RefundState::Failed { reference: None, .. }, _)) => "failed, never made",
        Some((RefundState::Failed { reference: Some(_), .. }, _)) => "failed, money is back",
        Some((state, _)) => state.name(),
    };
    name.to_owned()
}

fn dispute_steps(_: &Donation) -> Vec<Step> {
    let news = |status, moved| disputes("dp_ours", "pi_ours", status, moved);
    vec![
        ("the bank asks", news(DisputeStatus::Inquiry, Moved::Nothing)),
        ("the question is answered", news(DisputeStatus::InquiryClosed, Moved::Nothing)),
        ("opened", news(DisputeStatus::Open, Moved::Nothing)),
        ("money withdrawn", news(DisputeStatus::Open, Moved::Withdrawn)),
        ("won", news(DisputeStatus::Won, Moved::Withdrawn)),
        ("money put back", news(DisputeStatus::Won, Moved::Reinstated)),
        ("lost", news(DisputeStatus::Lost, Moved::Withdrawn)),
    ]
}

fn debit_steps(_: &Donation) -> Vec<Step> {
    vec![
        ("a bank took it back", takes_back("pi_ours")),
        ("the bank gave it back", taken_back("pi_ours", 1, true)),
        ("a bank took it back again", taken_back("pi_ours", 2, false)),
        ("the bank gave it back again", taken_back("pi_ours", 2, true)),
    ]
}

fn dispute_name(donation: &Donation) -> String {
    let takings = donation.payment.takings().expect("it begins captured");
    let Some(dispute) = takings.disputes().first() else { return "no dispute".to_owned() };
    let status = dispute.status.name().replace('_', " ");
    match (dispute.withdrawn, dispute.reinstated) {
        (None, _) => status,
        (Some(_), None) => format!("{status}, money withdrawn"),
        (Some(_), Some(_)) => format!("{status}, money put back"),
    }
}

/// The whole page.
fn page() -> String {
    let twice = after(with(captured()), &[captures("pi_other", 2_500, 1, START)]);
    let pictures = [
        (
            "The payment",
            "Where collecting the money stands. A capture overrides every no; nothing overrides a capture.",
            picture(accepted(), payment_steps, payment_name),
        ),
        (
            "What becomes of the money",
            "What a captured payment is shown as. News of refunds and disputes comes in any order, so an arrow \
             may pass over what was not seen on the way.",
            picture(with(captured()), money_steps, money_name),
        ),
        (
            "A refund",
            "The refund of what was taken twice. One that a person asks for goes the same way, but is never \
             dropped: it waits while the bank holds the money and nobody has begun it.",
            picture(twice, refund_steps, refund_name),
        ),
        (
            "A dispute",
            "Each picture of a dispute that a provider gives holds all that it knows at the moment.",
            picture(with(captured()), dispute_steps, dispute_name),
        ),
        (
            "A direct debit that is taken back",
            "A bank asks nobody before it takes a direct debit back: that is a dispute which is lost as it opens. \
             The bank may give the money back, and take it once more, which is another dispute.",
            picture(with(captured()), debit_steps, money_name),
        ),
    ];
    let mut page =
        "# What may become of a donation\n\nDrawn from the code: `UPDATE_DIAGRAM=1 cargo test -p domain \
                    diagram` draws it anew, and a test fails while it lags.\n"
            .to_owned();
    for (title, text, picture) in pictures {
        write!(page, "\n## {title}\n\n{text}\n\n{picture}").unwrap();
    }
    page
}

/// With UPDATE_DIAGRAM=1 the committed page is written anew, to be reviewed as a difference.
#[test]
fn the_diagrams_in_states_md_are_those_of_the_code() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("states.md");
    if std::env::var_os("UPDATE_DIAGRAM").is_some_and(|value| value == "1") {
        std::fs::write(&path, page()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page(),
        "UPDATE_DIAGRAM=1 cargo test -p domain diagram draws states.md anew: review it"
    );
}
